import { useState } from 'react';
import { useMutation } from 'urql';
import { type FragmentType, fragmentData, graphql } from './gql';

const Fragment = graphql(`
  fragment MemberRow on AccountUser {
    id
    user {
      name
      email
    }
    groups {
      nodes {
        id
        name
      }
    }
  }
`);

const Assign = graphql(`
  mutation Assign($member: ID!, $group: ID!) {
    assignUserToGroup(input: { member: { accountUserId: $member }, groupIds: [$group] }) {
      accountUser {
        ...MemberRow
      }
      userErrors {
        message
      }
    }
  }
`);

interface Props {
  member: FragmentType<typeof Fragment>;
  groups: readonly { id: string; name?: string | null }[];
}

export function MemberRow({ member, groups }: Props) {
  const { id, user, groups: memberOf } = fragmentData(Fragment, member);
  const [{ fetching }, assign] = useMutation(Assign);
  const [problem, setProblem] = useState<string | null>(null);
  const own = memberOf?.nodes ?? [];
  const others = groups.filter((group) => !own.some(({ id }) => id === group.id));
  const name = user?.name ?? id;

  const assignTo = async (group: string) => {
    const { data, error } = await assign({ member: id, group });
    // What the person can put right is data; everything else is an error.
    setProblem(error?.message ?? data?.assignUserToGroup?.userErrors[0]?.message ?? null);
  };

  return (
    <tr>
      <th scope="row">
        {name} <small>{user?.email}</small>
      </th>
      <td>{own.map((group) => group.name).join(', ')}</td>
      <td>
        {others.length > 0 ? (
          <select aria-label={`Assign ${name} to`} value="" disabled={fetching} onChange={(event) => void assignTo(event.target.value)}>
            <option value="" disabled>
              Choose a group
            </option>
            {others.map((group) => (
              <option key={group.id} value={group.id}>
                {group.name}
              </option>
            ))}
          </select>
        ) : (
          'in all groups'
        )}
        {problem && <p role="alert">{problem}</p>}
      </td>
    </tr>
  );
}
