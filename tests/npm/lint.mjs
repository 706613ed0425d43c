// Runs the schema rules of graphql-eslint over the schema in a file: recommended, all, and relay. Prints what is wrong and
// not an exception of `lint-exceptions.json`, and the exceptions that nothing needs.
import plugin from "@graphql-eslint/eslint-plugin";
import { ESLint } from "eslint";
import { readFileSync } from "node:fs";

const schema = readFileSync(process.argv[2], "utf8");
const exceptions = JSON.parse(readFileSync(new URL("lint-exceptions.json", import.meta.url), "utf8"));

const sets = ["schema-recommended", "schema-all", "schema-relay"].map((name) => plugin.configs[`flat/${name}`].rules);
const rules = Object.assign({}, ...sets);
const parserOptions = { graphQLConfig: { schema } };
const languageOptions = { parser: plugin.parser, parserOptions };
const config = { files: ["**/*.graphql"], plugins: { "@graphql-eslint": plugin }, languageOptions, rules };
const eslint = new ESLint({ overrideConfigFile: true, overrideConfig: [config] });
const [{ messages }] = await eslint.lintText(schema, { filePath: "schema.graphql" });

const needed = new Set();
const isExcepted = ({ ruleId, message }) => {
  const found = exceptions.find(({ rule, matches }) => ruleId === `@graphql-eslint/${rule}` && new RegExp(matches ?? "").test(message));
  if (found) needed.add(found);
  return found !== undefined;
};
const wrong = messages.filter((message) => !isExcepted(message)).map(({ ruleId, line, message }) => `${line}: ${message} (${ruleId})`);
const unneeded = exceptions.filter((exception) => !needed.has(exception)).map(({ rule }) => rule);
const unexplained = exceptions.filter(({ reason }) => !reason).map(({ rule }) => rule);
console.log(JSON.stringify({ rules: Object.keys(rules).length, wrong, unneeded, unexplained }));
