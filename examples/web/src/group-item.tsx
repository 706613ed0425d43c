import { type FragmentType, fragmentData, graphql } from './gql';

const Fragment = graphql(`
  fragment GroupItem on Group {
    name
    description
    modules {
      id
      name
    }
  }
`);

export function GroupItem({ group }: { group: FragmentType<typeof Fragment> }) {
  const { name, modules } = fragmentData(Fragment, group);
  return (
    <li>
      <strong>{name}</strong> {modules && modules.length > 0 ? modules.map((module) => module.name).join(', ') : 'no modules'}
    </li>
  );
}
