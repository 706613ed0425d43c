import { useState } from 'react';
import { useQuery } from 'urql';
import { AccountPage } from './account-page';
import { graphql } from './gql';

const Accounts = graphql(`
  query Accounts {
    accounts(first: 20, filter: { type: { eq: CLIENT }, status: { eq: ACTIVE } }, orderBy: [{ field: NAME }]) {
      nodes {
        id
        name
      }
    }
  }
`);

/** Any of the first accounts, and the page of the chosen one. */
export function App() {
  const [{ data, error }] = useQuery({ query: Accounts });
  const [chosen, choose] = useState<string | null>(null);
  const accounts = data?.accounts?.nodes ?? [];
  const id = chosen ?? accounts[0]?.id;
  if (error) return <p role="alert">{error.message}</p>;
  return (
    <main>
      <label>
        Account{' '}
        <select value={id ?? ''} onChange={(event) => choose(event.target.value)}>
          {accounts.map((account) => (
            <option key={account.id} value={account.id}>
              {account.name}
            </option>
          ))}
        </select>
      </label>
      {id && <AccountPage key={id} id={id} />}
    </main>
  );
}
