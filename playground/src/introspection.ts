// The order of types in the documentation and in its search, which ends after a hundred results: entities first, and
// what only serves them last.
import type { IntrospectionQuery, IntrospectionType } from 'graphql';

const SERVING = /(Connection|Edge|Payload)$/;

function rank(type: IntrospectionType): number {
  if (type.kind === 'OBJECT' && type.interfaces.some(({ name }) => name === 'Node')) return 0;
  if (type.kind === 'INPUT_OBJECT') return 3;
  return SERVING.test(type.name) ? 2 : 1;
}

/** An answer to the introspection query with its types in a better order; anything else as it is. */
export function entitiesFirst<Answer extends { data?: Partial<IntrospectionQuery> | null }>(answer: Answer): Answer {
  const schema = answer.data?.__schema;
  if (!schema) return answer;
  const types = [...schema.types].sort((a, b) => rank(a) - rank(b));
  return { ...answer, data: { ...answer.data, __schema: { ...schema, types } } };
}
