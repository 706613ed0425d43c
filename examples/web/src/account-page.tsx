import { useQuery } from 'urql';
import { graphql } from './gql';
import { GroupItem } from './group-item';
import { MemberRow } from './member-row';

// One request of the page: each component says in its fragment what it needs, and no component asks by itself.
const Account = graphql(`
  query Account($id: ID!) {
    account(id: $id) {
      id
      name
      groups {
        nodes {
          id
          name
          ...GroupItem
        }
      }
      accountUsers(first: 20) {
        totalCount
        nodes {
          id
          ...MemberRow
        }
      }
    }
  }
`);

export function AccountPage({ id }: { id: string }) {
  const [{ data, error, fetching }] = useQuery({ query: Account, variables: { id } });
  if (error) return <p role="alert">{error.message}</p>;
  if (fetching && !data) return <p>…</p>;
  const account = data?.account;
  if (!account) return <p>There is no such account, or you may not see it.</p>;
  const groups = account.groups?.nodes ?? [];
  return (
    <>
      <h1>{account.name}</h1>
      <h2>Groups</h2>
      <ul>
        {groups.map((group) => (
          <GroupItem key={group.id} group={group} />
        ))}
      </ul>
      <h2>People ({account.accountUsers?.totalCount ?? 'some'})</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Groups</th>
            <th scope="col">Assign</th>
          </tr>
        </thead>
        <tbody>
          {account.accountUsers?.nodes.map((member) => (
            <MemberRow key={member.id} member={member} groups={groups} />
          ))}
        </tbody>
      </table>
    </>
  );
}
