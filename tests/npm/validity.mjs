// Compares what the gateway says of documents with what graphql-js says: each is valid for both or for neither.
// Arguments: the endpoint, the file of the schema, the folder of the tests, how many documents, and a seed.
// Prints a JSON object: the seed, counts, and every difference. The same seed gives the same documents.
import {
  GraphQLError,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
  assertValidSchema,
  buildSchema,
  getNullableType,
  isInterfaceType,
  isObjectType,
  parse,
  print,
  specifiedRules,
  validate,
  visit,
} from "graphql";
import { readFileSync } from "node:fs";
import { ask, describedIntrospection } from "./validity/gateway.mjs";
import { generate } from "./validity/generate.mjs";
import { isDateTime } from "./validity/dates.mjs";
import { damagedText, mutate } from "./validity/mutate.mjs";
import { random } from "./validity/random.mjs";
import { written } from "./validity/written.mjs";

const [endpoint, schemaFile, testsFolder, count, seed] = process.argv.slice(2);
const WORKERS = 8;

const schema = buildSchema(readFileSync(schemaFile, "utf8"));
// A scalar of a schema in text accepts every literal.
schema.getType("DateTime").parseLiteral = (node) => {
  if (node.kind !== "StringValue" || !isDateTime(node.value)) throw new Error("not a date and time");
  return node.value;
};
await describedIntrospection(endpoint, schema);
assertValidSchema(schema);
// Its rule on fields that conflict does not know what these return.
for (const type of Object.values(schema.getTypeMap())) {
  if (isObjectType(type) || isInterfaceType(type)) type.getFields().__typename = TypeNameMetaFieldDef;
}
Object.assign(schema.getQueryType().getFields(), { __schema: SchemaMetaFieldDef, __type: TypeMetaFieldDef });
// How deep introspection goes is a limit of graphql-js and not a rule of the specification.
const rules = [...specifiedRules.filter(({ name }) => name !== "MaxIntrospectionDepthRule"), oneOfVariables];

/** 5.8.5, which graphql-js 16.15 applies to nullable places only: a variable in a `@oneOf` object is not null. */
function oneOfVariables(context) {
  const definitions = new Map();
  return {
    OperationDefinition: {
      enter: () => definitions.clear(),
      leave(operation) {
        for (const { node, type, parentType } of context.getRecursiveVariableUsages(operation)) {
          const definition = definitions.get(node.name.value);
          if (!type || !getNullableType(parentType)?.isOneOf || !definition || definition.type.kind === "NonNullType") continue;
          context.reportError(new GraphQLError("It must be non-nullable to be used for OneOf", { nodes: node }));
        }
      },
    },
    VariableDefinition: (node) => void definitions.set(node.variable.name.value, node),
  };
}

/** What graphql-js calls a document: "valid", "invalid", or no document ("syntax"); and why. */
function judge(text) {
  let document;
  try {
    document = parse(text);
  } catch (error) {
    return { verdict: "syntax", why: error.message };
  }
  // Arguments are compared as they are written; a string in three quotes is the same value.
  if (text.includes('"""')) visit(document, { StringValue: (node) => void (node.block = false) });
  const errors = validate(schema, document, rules, { maxErrors: 5 });
  // graphql-js leaves this rule to the execution: 5.2.1.1, Operation Type Existence.
  const subscribes = document.definitions.some(({ operation }) => operation === "subscription");
  if (errors.length === 0 && !subscribes) return { verdict: "valid" };
  return { verdict: "invalid", why: errors.map(({ message }) => message).join(" | ") };
}

/** What graphql-js has to have found, or the comparison was of something else. */
const FOUND = {
  "5.1.1 executable definitions": /definition is not executable/,
  "5.2.2.1 operation names": /only one operation named/,
  "5.2.3.1 lone anonymous operation": /anonymous operation must be the only/,
  "5.3.1 fields": /Cannot query field/,
  "5.3.2 arguments of merged fields": /differing arguments/,
  "5.3.2 names of merged fields": /are different fields/,
  "5.3.2 types of merged fields": /they return conflicting types/,
  "5.3.3 leaves with selections": /must not have a selection/,
  "5.3.3 objects without selections": /must have a selection/,
  "5.4.1 arguments": /Unknown argument ".*" on field/,
  "5.4.1 arguments of directives": /Unknown argument ".*" on directive/,
  "5.4.2 unique arguments": /only one argument named/,
  "5.4.3 required arguments": /Field .* argument .* is required/,
  "5.4.3 required arguments of directives": /Directive .* argument .* is required/,
  "5.5.1.1 fragment names": /only one fragment named/,
  "5.5.1.2 types of fragments": /Unknown type/,
  "5.5.1.3 composite types": /cannot condition on non composite type/,
  "5.5.1.4 unused fragments": /Fragment ".*" is never used/,
  "5.5.2.1 unknown fragments": /Unknown fragment/,
  "5.5.2.2 cycles": /Cannot spread fragment/,
  "5.5.2.3 possible spreads": /cannot be spread here/,
  "5.6.1 Int": /Int cannot represent non-integer/,
  "5.6.1 Int of 32 bits": /non 32-bit signed integer/,
  "5.6.1 String": /String cannot represent/,
  "5.6.1 Boolean": /Boolean cannot represent/,
  "5.6.1 ID": /ID cannot represent/,
  "5.6.1 DateTime": /not a date and time/,
  "5.6.1 enums": /cannot represent non-enum value/,
  "5.6.1 enum values": /does not exist in ".*" enum/,
  "5.6.1 input objects": /Expected value of type ".*(Filter|Input|Order)/,
  "5.6.1 null": /found null/,
  "5.6.1 one of": /must specify exactly one key/,
  "5.6.1 null in one of": /must be non-null/,
  "5.6.2 input fields": /is not defined by type/,
  "5.6.3 unique input fields": /only one input field named/,
  "5.6.4 required input fields": /of required type .* was not provided/,
  "5.7.1 directives": /Unknown directive/,
  "5.7.2 places of directives": /may not be used on/,
  "5.7.3 unique directives": /can only be used once/,
  "5.8.1 unique variables": /only one variable named/,
  "5.8.2 input types": /cannot be non-input type/,
  "5.8.3 undefined variables": /Variable ".*" is not defined/,
  "5.8.4 unused variables": /Variable ".*" is never used/,
  "5.8.5 places of variables": /used in position expecting/,
  "5.8.5 places in one of": /must be non-nullable to be used for OneOf/,
  "2.9.4 escapes": /Invalid Unicode escape sequence/,
  "2.9.1 numbers": /Invalid number/,
};
const found = Object.fromEntries(Object.keys(FOUND).map((rule) => [rule, 0]));

const roll = random(Number(seed));
const seeds = written(testsFolder, (text) => judge(text).verdict === "valid").map((text) => parse(text, { noLocation: true }));

/** The next document: one of the tests or a generated one, changed a few times as a tree, and sometimes as a text. */
function next() {
  let document = roll.chance(0.5) ? roll.pick(seeds) : generate(schema, roll);
  const changes = roll.pick([0, 1, 1, 1, 1, 2, 2, 3]);
  for (let change = 0; change < changes; change += 1) document = mutate(schema, document, roll);
  let text;
  try {
    text = print(document);
  } catch {
    return next();
  }
  // Half a surrogate pair is no text that JSON could carry.
  return roll.chance(0.15) ? damagedText(text, roll).toWellFormed() : text;
}

const tally = { seed: Number(seed), documents: 0, seeds: seeds.length, valid: 0, invalid: 0, syntax: 0, beyondLimits: 0 };
const differences = [];
let left = Number(count);
async function work() {
  while (left > 0 && differences.length < 20) {
    left -= 1;
    const text = next();
    const ours = await ask(endpoint, text);
    tally.documents += 1;
    if (ours.verdict === "limit") {
      tally.beyondLimits += 1;
      continue;
    }
    const theirs = judge(text);
    tally[theirs.verdict] += 1;
    for (const [rule, message] of Object.entries(FOUND)) if (message.test(theirs.why)) found[rule] += 1;
    // The gateway reads no further than a definition of the type system.
    const halfRead = theirs.verdict === "syntax" && /definition is not executable/.test(ours.why);
    if (ours.verdict !== theirs.verdict && !halfRead) differences.push({ text, ours, theirs });
  }
}
await Promise.all(Array.from({ length: WORKERS }, work));
console.log(JSON.stringify({ ...tally, found, differences }));
