// Compares what the gateway says of documents with what graphql-js says: each is valid for both or for neither.
// Arguments: the endpoint, the file of the schema, the folder of the tests, how many documents, and a seed.
// Prints a JSON object: the seed, counts, and every difference. The same seed gives the same documents.
import { buildSchema, parse, print, specifiedRules, validate } from "graphql";
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
// How deep introspection goes is a limit of graphql-js and not a rule of the specification.
const rules = specifiedRules.filter(({ name }) => name !== "MaxIntrospectionDepthRule");

/** What graphql-js calls a document: "valid", "invalid", or no document ("syntax"); and why. */
function judge(text) {
  let document;
  try {
    document = parse(text);
  } catch (error) {
    return { verdict: "syntax", why: error.message };
  }
  const errors = validate(schema, document, rules, { maxErrors: 5 });
  // graphql-js leaves this rule to the execution: 5.2.1.1, Operation Type Existence.
  const subscribes = document.definitions.some(({ operation }) => operation === "subscription");
  if (errors.length === 0 && !subscribes) return { verdict: "valid" };
  return { verdict: "invalid", why: errors.map(({ message }) => message).join(" | ") };
}

const roll = random(Number(seed));
const seeds = written(testsFolder, (text) => judge(text).verdict === "valid").map((text) => parse(text));

/** The next document: one of the tests or a generated one, changed a few times as a tree, and sometimes as a text. */
function next() {
  let document = roll.chance(0.5) ? structuredClone(plain(roll.pick(seeds))) : generate(schema, roll);
  const changes = roll.pick([0, 1, 1, 1, 1, 2, 2, 3]);
  for (let change = 0; change < changes; change += 1) document = mutate(schema, document, roll);
  let text;
  try {
    text = print(document);
  } catch {
    return next();
  }
  return roll.chance(0.15) ? damagedText(text, roll) : text;
}

/** Without places, which cannot be copied and are not printed. */
function plain(node) {
  if (Array.isArray(node)) return node.map(plain);
  if (node === null || typeof node !== "object") return node;
  return Object.fromEntries(Object.entries(node).filter(([key]) => key !== "loc").map(([key, value]) => [key, plain(value)]));
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
    if (ours.verdict !== theirs.verdict) differences.push({ text, ours, theirs });
  }
}
await Promise.all(Array.from({ length: WORKERS }, work));
console.log(JSON.stringify({ ...tally, differences }));
