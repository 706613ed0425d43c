// Random documents over the schema, nearly all of them valid, as trees.
import {
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
} from "graphql";

export const name = (value) => ({ kind: "Name", value });
export const variable = (value) => ({ kind: "Variable", name: name(value) });

/** A type as a tree. */
export function typeTree(type) {
  if (isNonNullType(type)) return { kind: "NonNullType", type: typeTree(type.ofType) };
  if (isListType(type)) return { kind: "ListType", type: typeTree(type.ofType) };
  return { kind: "NamedType", name: name(type.name) };
}

const distances = new WeakMap();

/** How far it is from each input type to a date or a `@oneOf` type, which few fields have. */
function distance(schema, type) {
  if (!distances.has(schema)) {
    const known = new Map();
    distances.set(schema, known);
    const inputs = Object.values(schema.getTypeMap()).filter(isInputObjectType);
    for (let changed = true; changed; ) {
      changed = false;
      for (const input of inputs) {
        const below = Object.values(input.getFields()).map((field) => step(known, getNamedType(field.type)) + 1);
        const found = input.isOneOf ? 0 : Math.min(...below);
        if (found < (known.get(input) ?? Infinity)) {
          known.set(input, found);
          changed = true;
        }
      }
    }
  }
  return step(distances.get(schema), getNamedType(type));
}

const step = (known, type) => (type.name === "DateTime" ? 0 : (known.get(type) ?? Infinity));

/** One of some fields or arguments; now and then the one that leads to what is rare. */
function chosen(schema, all, roll, type = (one) => one.type) {
  if (!roll.chance(0.3)) return roll.pick(all);
  const nearest = Math.min(...all.map((one) => distance(schema, type(one))));
  return roll.pick(all.filter((one) => distance(schema, type(one)) === nearest));
}

const TEXTS = ["", "Will Smith", "a\"b\\c", "😀 ü", "ACTIVE", "*x*"];

/** A literal of an input type. */
export function literal(schema, type, roll, depth = 0) {
  if (isNonNullType(type)) return literal(schema, type.ofType, roll, depth);
  if (roll.chance(0.05) && depth > 0) return { kind: "NullValue" };
  if (isListType(type)) {
    if (roll.chance(0.2)) return literal(schema, type.ofType, roll, depth + 1);
    const values = Array.from({ length: roll.below(3) }, () => present(literal(schema, type.ofType, roll, depth + 1), type.ofType, schema, roll));
    return { kind: "ListValue", values };
  }
  if (isEnumType(type)) return { kind: "EnumValue", value: roll.pick(type.getValues()).name };
  if (isInputObjectType(type)) {
    const all = Object.values(type.getFields());
    const required = all.filter((field) => isNonNullType(field.type) && field.defaultValue === undefined);
    const given = type.isOneOf ? [roll.pick(all)] : required;
    if (!type.isOneOf && depth < 4) {
      let others = all.filter((field) => !required.includes(field));
      for (let more = roll.below(3); more > 0 && others.length > 0; more -= 1) {
        const another = chosen(schema, others, roll);
        others = others.filter((field) => field !== another);
        given.push(another);
      }
    }
    const fields = given.map((field) => {
      const value = literal(schema, field.type, roll, depth + 1);
      return { kind: "ObjectField", name: name(field.name), value: type.isOneOf ? present(value, field.type, schema, roll) : value };
    });
    return { kind: "ObjectValue", fields };
  }
  return leaf(type.name, roll);
}

function present(value, type, schema, roll) {
  return value.kind === "NullValue" ? literal(schema, type, roll, 0) : value;
}

function leaf(type, roll) {
  switch (type) {
    case "Int":
      return { kind: "IntValue", value: String(roll.pick([0, 1, 5, -1, 2147483647, -2147483648])) };
    case "Float":
      return roll.pick([{ kind: "IntValue", value: "3" }, { kind: "FloatValue", value: "1.5e3" }]);
    case "Boolean":
      return { kind: "BooleanValue", value: roll.chance(0.5) };
    case "ID":
      return roll.chance(0.1) ? { kind: "IntValue", value: "7" } : { kind: "StringValue", value: roll.pick(["USR-1671-0642", "ACC-1671-0642", "x"]) };
    case "DateTime":
      return { kind: "StringValue", value: roll.pick(["2026-01-31T12:00:00Z", "2024-02-29T23:59:60.123+05:30"]) };
    default:
      return { kind: "StringValue", value: roll.pick(TEXTS), block: roll.chance(0.1) };
  }
}

/** A document; a few are not valid, since fields of different types meet under one key. */
export function generate(schema, roll) {
  const mutation = roll.chance(0.3);
  const root = mutation ? schema.getMutationType() : schema.getQueryType();
  const state = { variables: [], fragments: [], schema, roll };
  const selections = fields(state, root, 0, 1 + roll.below(2));
  if (!mutation && roll.chance(0.15)) selections.push(meeting(state));
  const operation = {
    kind: "OperationDefinition",
    operation: mutation ? "mutation" : "query",
    name: roll.chance(0.5) ? name("Q") : undefined,
    variableDefinitions: state.variables,
    directives: [],
    selectionSet: { kind: "SelectionSet", selections },
  };
  return { kind: "Document", definitions: [operation, ...state.fragments] };
}

function fields(state, type, depth, count) {
  const { roll } = state;
  const selections = [];
  const all = type.getFields ? Object.values(type.getFields()) : [];
  for (let at = 0; at < count && all.length > 0; at += 1) {
    const rare = (one) => one.args[0]?.type ?? one.type;
    const field = depth === 0 ? chosen(state.schema, all, roll, rare) : roll.pick(all);
    const composite = isCompositeType(getNamedType(field.type));
    if (composite && depth > 3) continue;
    selections.push(selected(state, field, depth, `f${selections.length}`));
  }
  if (selections.length === 0 || roll.chance(0.1)) selections.push({ kind: "Field", name: name("__typename"), arguments: [], directives: [] });
  const possible = isAbstractType(type) ? state.schema.getPossibleTypes(type) : [type, ...(type.getInterfaces?.() ?? [])];
  if (roll.chance(0.25) && depth < 4) {
    const on = roll.pick(possible);
    const inner = { kind: "SelectionSet", selections: fields(state, on, depth + 1, 1 + roll.below(2)) };
    const condition = { kind: "NamedType", name: name(on.name) };
    if (roll.chance(0.5)) {
      selections.push({ kind: "InlineFragment", typeCondition: condition, directives: directives(state), selectionSet: inner });
    } else {
      const called = `F${state.fragments.length}`;
      state.fragments.push({ kind: "FragmentDefinition", name: name(called), typeCondition: condition, directives: [], selectionSet: inner });
      selections.push({ kind: "FragmentSpread", name: name(called), directives: directives(state) });
    }
  }
  return selections;
}

/** A node, of which fields of several types have one key. */
function meeting(state) {
  const { schema, roll } = state;
  const possible = [schema.getType("Node"), ...schema.getPossibleTypes(schema.getType("Node"))];
  const selections = Array.from({ length: 2 + roll.below(2) }, () => {
    const on = roll.pick(possible);
    const field = { ...selected(state, roll.pick(Object.values(on.getFields())), 2, "x"), alias: name("x") };
    return { kind: "InlineFragment", typeCondition: { kind: "NamedType", name: name(on.name) }, directives: [], selectionSet: { kind: "SelectionSet", selections: [field] } };
  });
  const id = { kind: "Argument", name: name("id"), value: { kind: "StringValue", value: "USR-1671-0642" } };
  return { kind: "Field", name: name("node"), arguments: [id], directives: [], selectionSet: { kind: "SelectionSet", selections } };
}

function selected(state, field, depth, alias) {
  const { roll, schema } = state;
  const args = field.args
    .filter((arg) => (isNonNullType(arg.type) && arg.defaultValue === undefined) || roll.chance(0.3))
    .map((arg) => ({ kind: "Argument", name: name(arg.name), value: value(state, arg.type) }));
  const type = getNamedType(field.type);
  const inner = isCompositeType(type) ? { kind: "SelectionSet", selections: fields(state, type, depth + 1, 1 + roll.below(3)) } : undefined;
  return {
    kind: "Field",
    // Fields of interfaces keep their names, so that fragments may repeat them.
    alias: roll.chance(0.7) && !isInterfaceType(type) ? name(`${alias}_${depth}_${roll.below(1000)}`) : undefined,
    name: name(field.name),
    arguments: args,
    directives: directives(state),
    selectionSet: inner,
  };
}

function value(state, type) {
  const { roll, schema } = state;
  if (roll.chance(0.7)) return present(literal(schema, type, roll), type, schema, roll);
  const called = `v${state.variables.length}`;
  const defaultValue = roll.chance(0.3) ? present(literal(schema, type, roll), type, schema, roll) : undefined;
  state.variables.push({ kind: "VariableDefinition", variable: variable(called), type: typeTree(type), defaultValue, directives: [] });
  return variable(called);
}

function directives(state) {
  if (!state.roll.chance(0.07)) return [];
  const condition = { kind: "Argument", name: name("if"), value: { kind: "BooleanValue", value: state.roll.chance(0.5) } };
  return [{ kind: "Directive", name: name(state.roll.pick(["skip", "include"])), arguments: [condition] }];
}
