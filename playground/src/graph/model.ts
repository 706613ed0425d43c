// The schema as entities and the relations between them: connections and their edges are seen through.
import {
  type DocumentNode,
  getNamedType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isListType,
  isNonNullType,
  isObjectType,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';

export interface Relation {
  /** `User.groups` */
  coordinate: string;
  field: string;
  from: string;
  to: string;
  many: boolean;
}

export interface Graph {
  entities: { name: string; relations: Relation[] }[];
  relations: Relation[];
}

/** Whom a field leads to, through a connection or not. */
function target(type: GraphQLOutputType): { to: GraphQLObjectType; many: boolean } | null {
  const named = getNamedType(type);
  if (!isObjectType(named)) return null;
  const nodes = named.name.endsWith('Connection') ? named.getFields().nodes : undefined;
  const through = nodes && getNamedType(nodes.type);
  if (through && isObjectType(through)) return { to: through, many: true };
  return { to: named, many: isListType(isNonNullType(type) ? type.ofType : type) };
}

/** The entities are what the root of all reads leads to. */
export function graphOf(schema: GraphQLSchema): Graph {
  const roots = Object.values(schema.getQueryType()?.getFields() ?? {});
  const entities = new Map<string, GraphQLObjectType>();
  for (const root of roots) {
    const found = target(root.type);
    if (found && !found.to.name.startsWith('_')) entities.set(found.to.name, found.to);
  }
  const names = [...entities.keys()].sort();
  const relationsOf = (type: GraphQLObjectType): Relation[] =>
    Object.values(type.getFields()).flatMap((field) => {
      const found = target(field.type);
      if (!found || !entities.has(found.to.name)) return [];
      const coordinate = `${type.name}.${field.name}`;
      return [{ coordinate, field: field.name, from: type.name, to: found.to.name, many: found.many }];
    });
  const listed = names.flatMap((name) => {
    const type = entities.get(name);
    return type ? [{ name, relations: relationsOf(type) }] : [];
  });
  return { entities: listed, relations: listed.flatMap((entity) => entity.relations) };
}

export interface Used {
  types: ReadonlySet<string>;
  /** Coordinates of fields. */
  fields: ReadonlySet<string>;
}

/** What a document touches. */
export function usedBy(schema: GraphQLSchema, document: DocumentNode): Used {
  const types = new Set<string>();
  const fields = new Set<string>();
  const info = new TypeInfo(schema);
  visit(
    document,
    visitWithTypeInfo(info, {
      Field() {
        const parent = info.getParentType();
        const field = info.getFieldDef();
        if (!parent || !field) return;
        fields.add(`${parent.name}.${field.name}`);
        const found = target(field.type);
        if (found) types.add(found.to.name);
      },
      InlineFragment() {
        const type = info.getType();
        if (type) types.add(getNamedType(type).name);
      },
    }),
  );
  return { types, fields };
}
