// Where the fields of a query stand in its text, by the response keys that lead to them.
import { type DocumentNode, type FragmentDefinitionNode, Kind, parse, type SelectionSetNode } from 'graphql';

export interface FieldPlace {
  /** Response keys from the root, joined by dots. */
  path: string;
  /** Offsets of the alias and the name. */
  start: number;
  end: number;
}

/** The name of the only operation in a text; `fallback` when there are several, or none. */
export function operationNameOf(text: string, fallback: string | undefined): string | undefined {
  try {
    const operations = parse(text).definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
    return operations.length === 1 ? operations[0]?.name?.value : fallback;
  } catch {
    return fallback;
  }
}

export function pathOf(keys: readonly string[]): string {
  return keys.join('.');
}

/** Every field, at each place that it answers; none while the text does not parse. */
export function fieldPlaces(text: string): FieldPlace[] {
  let document: DocumentNode;
  try {
    document = parse(text);
  } catch {
    return [];
  }
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const places: FieldPlace[] = [];
  const walk = (selections: SelectionSetNode, above: readonly string[], spread: readonly string[]): void => {
    for (const node of selections.selections) {
      if (node.kind === Kind.FIELD) {
        const keys = [...above, (node.alias ?? node.name).value];
        const start = node.alias?.loc?.start ?? node.name.loc?.start;
        const end = node.name.loc?.end;
        if (start !== undefined && end !== undefined) places.push({ path: pathOf(keys), start, end });
        if (node.selectionSet) walk(node.selectionSet, keys, spread);
      } else if (node.kind === Kind.INLINE_FRAGMENT) {
        walk(node.selectionSet, above, spread);
      } else {
        const name = node.name.value;
        const fragment = fragments.get(name);
        if (fragment && !spread.includes(name)) walk(fragment.selectionSet, above, [...spread, name]);
      }
    }
  };
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) walk(definition.selectionSet, [], []);
  }
  return places;
}
