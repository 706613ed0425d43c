// Small changes of documents: of trees, over every kind of node, and of texts.
import { TypeInfo, getNamedType, isInputObjectType, isNonNullType, parse, visit, visitWithTypeInfo } from "graphql";
import { literal, name, typeTree, variable } from "./generate.mjs";

const pools = new WeakMap();

/** Every name of a schema that a document can hold. */
function pool(schema) {
  if (!pools.has(schema)) {
    const [types, fields, args, words] = [new Set(), new Set(), new Set(), new Set()];
    for (const type of Object.values(schema.getTypeMap())) {
      types.add(type.name);
      for (const field of Object.values(type.getFields?.() ?? {})) {
        (isInputObjectType(type) ? args : fields).add(field.name);
        for (const arg of field.args ?? []) args.add(arg.name);
      }
      for (const value of type.getValues?.() ?? []) words.add(value.name);
    }
    pools.set(schema, { types: [...types], fields: [...fields], args: [...args], words: [...words] });
  }
  return pools.get(schema);
}

const RAW_VALUES = [
  "0", "-0", "-1", "2147483647", "2147483648", "-2147483649", "99999999999999999999", "1.0", "1e3", "-1.5E-3",
  '""', '"ACTIVE"', '"ASC"', '"5"', '"true"', '"2026-01-31T12:00:00Z"', '"2026-01-31"', '"2026-02-30T12:00:00Z"',
  '"""block\n  text"""', "true", "false", "null", "ACTIVE", "ASC", "DESC", "NOPE", "id", "[]", "[1]", '["a"]', "[null]",
  "[[1]]", "{}", '{ eq: "x" }', "{ eq: 1 }", "{ nope: 1 }", '{ id: "x" }', "[{}]", "[ACTIVE, ACTIVE]", '{ eq: "x", eq: "y" }',
];
const RAW_TYPES = ["Int", "String", "ID", "ID!", "Boolean", "Boolean!", "Float", "DateTime", "[ID!]!", "[ID]", "[String!]", "JSON", "User", "Nope", "UserFilter", "[UserOrder!]", "MemberInput", "MemberInput!", "UserStatus", "__TypeKind"];
const RAW_DIRECTIVES = [
  "@skip(if: true)", "@include(if: false)", "@skip", "@skip(if: null)", '@skip(if: "true")', "@skip(if: $v0)", "@include(if: $undefined)",
  "@skip(if: true, if: false)", "@skip(unless: true)", "@nope", "@nope(a: $v0)", "@deprecated", "@oneOf", "@specifiedBy(url: \"x\")",
];
const RAW_SELECTIONS = [
  "id", "name", "nope", "__typename", "__typename(a: 1)", "__typename { a }", "x: __typename", "id: __typename", "name: id",
  "__schema { queryType { name } }", '__type(name: "User") { name kind fields { name } }', "__type { name }", "__type(name: 1) { name }",
  '__type(name: "User") { fields(includeDeprecated: null) { name } isOneOf }', "__schema { types { name { x } } }",
  "... { id }", "... on User { id name }", "... on Account { id x: name }", "... on Nope { id }", "... on String { id }", "... on Node { id }",
  "... on UserFilter { id }", "...F0", "...Nope", "...Again", "users { totalCount }", "users(first: 1) { nodes { id } }", "users(first: 2) { nodes { id name } }",
  "user(id: \"USR-1\") { id }", "user(id: 1) { name }", "user { id }", "user(id: null) { id }",
];
const RAW_DEFINITIONS = [
  "{ __typename }", "query Other { __typename }", "query Q { __typename }", "mutation M { __typename }", "subscription S { __typename }",
  "subscription { a b }", "fragment Unused on User { id }", "fragment F0 on User { id }", "fragment Again on Query { ...Again }",
  "fragment Again on Query { __typename }", "fragment Again on Nope { id }", "fragment Again on UserStatus { id }",
  '"About it." query Described { __typename }', '"""About it.""" fragment Described on User { id }', "type X { a: Int }", "extend type User { a: Int }",
  "query With($v: Int, $v: Int) { users(first: $v) { totalCount } }", 'query With("Which." $v: Int) { users(first: $v) { totalCount } }',
  "query With($v: Int = $w) { __typename }", "query With($v: Int) @skip(if: true) { users(first: $v) { totalCount } }",
];

const rawValue = (text) => parse(`{ a(b: ${text}) }`, { noLocation: true }).definitions[0].selectionSet.selections[0].arguments[0].value;
const rawDirectives = (text) => parse(`{ a ${text} }`, { noLocation: true }).definitions[0].selectionSet.selections[0].directives;
const rawSelection = (text) => parse(`{ ${text} }`, { noLocation: true }).definitions[0].selectionSet.selections[0];
const rawType = (text) => parse(`query ($v: ${text}) { a }`, { noLocation: true }).definitions[0].variableDefinitions[0].type;

const toggled = (type) => (type.kind === "NonNullType" ? type.type : { kind: "NonNullType", type });

/** The places of a document, with what the schema says of them. */
function places(schema, document) {
  const info = new TypeInfo(schema);
  const found = [];
  // Where a variable is defined, values are constant.
  let definition;
  visit(
    document,
    visitWithTypeInfo(info, {
      enter(node, key, parent) {
        if (node.kind === "VariableDefinition") definition = node;
        const isValue = node.kind.endsWith("Value") || node.kind === "Variable";
        found.push({
          node, key, parent,
          value: isValue && parent?.kind !== "VariableDefinition",
          constant: definition !== undefined,
          input: info.getInputType(),
          inside: getNamedType(info.getParentInputType()),
          parentType: info.getParentType(),
        });
      },
      leave(node) {
        if (node === definition) definition = undefined;
      },
    }),
  );
  return found;
}

/** The document with one small change. */
export function mutate(schema, document, roll) {
  const all = places(schema, document);
  const kinds = [...new Set(all.map(({ node }) => node.kind))];
  // First the kind, so that rare ones are changed as often as names.
  const kind = roll.pick(kinds);
  // Few places are dates or in objects of which exactly one field is given.
  const rare = all.filter(({ input, inside }) => getNamedType(input)?.name === "DateTime" || getNamedType(input)?.isOneOf || inside?.isOneOf);
  const place = rare.length > 0 && roll.chance(0.4) ? roll.pick(rare) : roll.pick(all.filter(({ node }) => node.kind === kind));
  const changed = structuredClone(document);
  const at = find(document, changed, place.node);
  change(schema, changed, { ...place, ...at }, roll, document);
  return changed;
}

/** The copy of a node in a copy of its document, and what holds it. */
function find(original, copy, wanted, holder, key) {
  if (original === wanted) return { node: copy, parent: holder, key };
  if (original === null || typeof original !== "object") return undefined;
  for (const [inner, value] of Object.entries(original)) {
    const found = value && typeof value === "object" ? find(value, copy[inner], wanted, copy, inner) : undefined;
    if (found) return found;
  }
  return undefined;
}

const insert = (list, one, roll) => list.splice(roll.below(list.length + 1), 0, one);

function newValue(schema, place, document, roll) {
  if (place.inside?.isOneOf && !place.constant && roll.chance(0.5)) return newVariable(place, document, roll);
  const kind = roll.below(7);
  if (kind <= 1 && place.input) return literal(schema, place.input, roll, 1);
  if (kind === 2 && !place.constant) return newVariable(place, document, roll);
  if (kind === 3) return { kind: "ListValue", values: [structuredClone(place.node)] };
  if (kind === 4) return { kind: "EnumValue", value: roll.pick(pool(schema).words) };
  if (kind === 5 && place.node.kind === "EnumValue") return { kind: "StringValue", value: place.node.value };
  if (kind === 5 && place.node.kind === "ListValue" && place.node.values.length > 0) return place.node.values[0];
  return rawValue(roll.pick(RAW_VALUES));
}

/** A variable: one that is not defined, one that is there, or a new one of a type that fits, nearly fits or does not. */
function newVariable(place, document, roll) {
  const operations = document.definitions.filter(({ kind }) => kind === "OperationDefinition");
  const operation = roll.pick(operations.length ? operations : [{}]);
  if (roll.chance(0.1)) return variable("undefined");
  if (roll.chance(0.2) && operation.variableDefinitions?.length) {
    return variable(roll.pick(operation.variableDefinitions).variable.name.value);
  }
  const called = `n${roll.below(1000)}`;
  let type = place.input ? typeTree(place.input) : rawType(roll.pick(RAW_TYPES));
  if (roll.chance(0.3)) type = toggled(type);
  if (roll.chance(0.1)) type = { kind: "ListType", type };
  if (roll.chance(0.1)) type = rawType(roll.pick(RAW_TYPES));
  const defaultValue = roll.chance(0.25) ? rawValue(roll.pick(RAW_VALUES)) : undefined;
  if (operation.kind) {
    operation.variableDefinitions = [...(operation.variableDefinitions ?? []), { kind: "VariableDefinition", variable: variable(called), type, defaultValue, directives: [] }];
  }
  return variable(called);
}

function replace(place, value) {
  place.parent[place.key] = value;
}

function change(schema, document, place, roll) {
  const { node } = place;
  const { types, fields, args, words } = pool(schema);
  const hasParts = node.kind === "ObjectValue" || node.kind === "ListValue";
  if (place.value && roll.chance(hasParts ? 0.4 : 0.8)) return replace(place, newValue(schema, place, document, roll));
  const remove = () => Array.isArray(place.parent) && place.parent.splice(Number(place.key), 1);
  const double = () => Array.isArray(place.parent) && insert(place.parent, structuredClone(node), roll);
  const direct = () => (node.directives = [...(node.directives ?? []), ...rawDirectives(roll.pick(RAW_DIRECTIVES))]);
  const rename = (list) => (node.name = name(roll.pick(list)));
  const choices = {
    Document: [
      () => insert(node.definitions, raw(roll.pick(RAW_DEFINITIONS)), roll),
      () => node.definitions.reverse(),
    ],
    OperationDefinition: [
      () => (node.operation = roll.pick(["query", "mutation", "subscription"])),
      () => (node.name = roll.chance(0.5) ? undefined : name(roll.pick(["Q", "Other", "fragment"]))),
      () => (node.description = { kind: "StringValue", value: "About it.", block: roll.chance(0.5) }),
      () => insert((node.variableDefinitions ??= []), { kind: "VariableDefinition", variable: variable(roll.pick(["v0", "extra"])), type: rawType(roll.pick(RAW_TYPES)), directives: [] }, roll),
      double, direct,
    ],
    FragmentDefinition: [
      double, remove, direct,
      () => rename(["F0", "F1", "G"]),
      () => (node.typeCondition = { kind: "NamedType", name: name(roll.pick(types)) }),
      () => (node.description = { kind: "StringValue", value: "About it." }),
      () => insert(node.selectionSet.selections, { kind: "FragmentSpread", name: name(node.name.value) }, roll),
    ],
    VariableDefinition: [
      double, remove, direct,
      () => (node.type = rawType(roll.pick(RAW_TYPES))),
      () => (node.type = toggled(node.type)),
      () => (node.type = { kind: "ListType", type: node.type }),
      () => (node.defaultValue = rawValue(roll.pick(RAW_VALUES))),
      () => (node.defaultValue = undefined),
      () => (node.variable = variable(roll.pick(["v0", "v1", "other"]))),
    ],
    Variable: [() => rename(["v0", "v1", "undefined"])],
    SelectionSet: [
      () => insert(node.selections, rawSelection(roll.pick(RAW_SELECTIONS)), roll),
      () => insert(node.selections, rawSelection(roll.pick(RAW_SELECTIONS)), roll),
      () => insert(node.selections, { kind: "Field", name: name(roll.pick(fields)) }, roll),
      () => (node.selections = [{ kind: "InlineFragment", typeCondition: { kind: "NamedType", name: name(roll.pick(types)) }, selectionSet: structuredClone(node) }]),
    ],
    Field: [
      double, direct,
      () => rename(fields),
      () => rename(Object.keys(place.parentType?.getFields?.() ?? { nope: 0 })),
      () => (node.alias = name(roll.pick(["a", "id", "name", ...(node.alias ? [node.alias.value] : [])]))),
      () => (node.alias = undefined),
      () => (node.selectionSet = node.selectionSet ? undefined : { kind: "SelectionSet", selections: [rawSelection(roll.pick(["id", "__typename"]))] }),
      () => (node.arguments = []),
      () => (node.arguments = [...(node.arguments ?? []), { kind: "Argument", name: name(roll.pick(args)), value: rawValue(roll.pick(RAW_VALUES)) }]),
      // The same response key beside it, as another field or with other arguments.
      () => Array.isArray(place.parent) && insert(place.parent, { ...structuredClone(node), alias: name(node.alias?.value ?? node.name.value), name: name(roll.pick(Object.keys(place.parentType?.getFields?.() ?? { nope: 0 }))) }, roll),
      () => Array.isArray(place.parent) && insert(place.parent, changedArgument(structuredClone(node), roll), roll),
      () => Array.isArray(place.parent) && insert(place.parent, { kind: "InlineFragment", typeCondition: { kind: "NamedType", name: name(roll.pick(types)) }, selectionSet: { kind: "SelectionSet", selections: [changedArgument(structuredClone(node), roll)] } }, roll),
    ],
    Argument: [
      double, remove,
      () => rename(args),
      () => Array.isArray(place.parent) && insert(place.parent, { ...structuredClone(node), value: rawValue(roll.pick(RAW_VALUES)) }, roll),
      () => (node.value = newValue(schema, { ...place, node: node.value }, document, roll)),
    ],
    ObjectField: [
      double, remove,
      () => rename(args),
      () => Array.isArray(place.parent) && insert(place.parent, { ...structuredClone(node), value: rawValue(roll.pick(RAW_VALUES)) }, roll),
      () => (node.value = newValue(schema, { ...place, node: node.value }, document, roll)),
    ],
    ObjectValue: [
      () => insert(node.fields, { kind: "ObjectField", name: name(roll.pick(known(place.input, args))), value: newValue(schema, { ...place, input: undefined, node: rawValue("1") }, document, roll) }, roll),
      () => insert(node.fields, member(schema, place, document, roll), roll),
      () => (node.fields = [member(schema, place, document, roll)]),
      () => (node.fields = []),
    ],
    ListValue: [
      () => insert(node.values, rawValue(roll.pick(RAW_VALUES)), roll),
      () => (node.values = []),
      () => replace(place, node.values[0] ?? { kind: "NullValue" }),
    ],
    FragmentSpread: [double, remove, direct, () => rename(["F0", "F1", "Nope"])],
    InlineFragment: [
      double, direct,
      () => (node.typeCondition = { kind: "NamedType", name: name(roll.pick(types)) }),
      () => (node.typeCondition = undefined),
    ],
    Directive: [double, remove, () => rename(["skip", "include", "nope", "deprecated"]), () => (node.arguments = [])],
    NamedType: [() => rename(types), () => place.parent.kind !== "NonNullType" && replace(place, { kind: "NonNullType", type: structuredClone(node) })],
    ListType: [() => replace(place, place.parent.kind === "NonNullType" && node.type.kind === "NonNullType" ? node.type.type : node.type)],
    NonNullType: [() => replace(place, node.type)],
    Name: [
      () => (node.value = roll.pick(fields)),
      () => (node.value = roll.pick(types)),
      () => (node.value = roll.pick([...args, "nope", "on", "true", "null"])),
      () => (node.value = roll.pick(words)),
      () => (node.value += "x"),
      () => (node.value = node.value.slice(0, -1) || "_"),
    ],
  };
  const list = choices[node.kind] ?? [() => replace(place, newValue(schema, place, document, roll))];
  roll.pick(list)();
}

/** Definitions that are no tree of their own are kept as text, in a node that the printer prints as it is. */
function raw(text) {
  try {
    return parse(text, { noLocation: true }).definitions[0];
  } catch {
    return { kind: "Name", value: text };
  }
}

const known = (input, others) => {
  const type = getNamedType(input);
  return isInputObjectType(type) ? Object.keys(type.getFields()) : others;
};

/** A field of the input object at a place, with a value or a variable of its type. */
function member(schema, place, document, roll) {
  const type = getNamedType(place.input);
  if (!isInputObjectType(type)) return { kind: "ObjectField", name: name("id"), value: rawValue("1") };
  const field = roll.pick(Object.values(type.getFields()));
  const fits = { ...place, input: field.type };
  const value = roll.chance(0.4) && !place.constant ? newVariable(fits, document, roll) : literal(schema, field.type, roll, isNonNullType(field.type) ? 0 : 1);
  return { kind: "ObjectField", name: name(field.name), value };
}

function changedArgument(field, roll) {
  if (!field.arguments?.length || roll.chance(0.2)) {
    field.arguments = [...(field.arguments ?? []), { kind: "Argument", name: name("first"), value: rawValue("3") }];
  } else if (roll.chance(0.5)) {
    field.arguments.reverse();
  } else {
    roll.pick(field.arguments).value = rawValue(roll.pick(RAW_VALUES));
  }
  return field;
}

const SNIPPETS = [
  "{", "}", "(", ")", "[", "]", "$", "@", "!", ":", "=", "|", "&", "...", "..", ".", '"', '"""', "'", "#", "\n", "\r", "\r\n", ",", "\ufeff", " ",
  "0", "01", "-", "1.", ".5", "1e", "1x", "1_", "?", "ä", "\u0007", "\\", "\u2028", "a", "on", "fragment", "query", "true", "null", "$v0", '"a"', '""', '"\\"',
];
const ESCAPES = [
  "\\uD83D\\uDE00", "\\u{1F600}", "\\u0041", "\\u{41}", "\\n", "\\/", "\\x", "\\uD83D", "\\uDE00", "\\uDE00\\uD83D", "\\uD83D\\u0041", "\\u{D83D}", "\\u{}",
  "\\u{110000}", "\\u12", "\\u00G0", "\\u{12", "\\", "😀", "\t", "\u0000",
];

/** A text with something put in, taken out or written twice; in a string, with an escape sequence. */
export function damagedText(text, roll) {
  const at = roll.below(text.length + 1);
  const tokens = text.split(/(\s+|[{}()[\]:,$@!=]|\.\.\.)/).filter((part) => part !== "");
  const token = roll.below(tokens.length);
  switch (roll.below(6)) {
    case 0:
      return text.slice(0, at) + roll.pick(SNIPPETS) + text.slice(at);
    case 1:
      return text.slice(0, at) + text.slice(at + 1);
    case 2:
      return tokens.toSpliced(token, 1).join("");
    case 3:
      return tokens.toSpliced(token, 0, tokens[token]).join("");
    default: {
      const quotes = [...text.matchAll(/"/g)].map(({ index }) => index);
      if (quotes.length === 0) return `${text} # ${roll.pick(ESCAPES)}`;
      const inside = roll.pick(quotes) + 1;
      return text.slice(0, inside) + roll.pick(ESCAPES) + text.slice(inside);
    }
  }
}
