// The gateway's side of the comparison.
import { GraphQLList, GraphQLNonNull } from "graphql";
import http from "node:http";

const agent = new http.Agent({ keepAlive: true, maxSockets: 16 });

function post(endpoint, body, headers) {
  return new Promise((resolve, reject) => {
    const request = http.request(
      endpoint,
      { method: "POST", agent, headers: { "content-type": "application/json", ...headers } },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (part) => (text += part));
        response.on("end", () => {
          try {
            resolve(JSON.parse(text));
          } catch {
            reject(new Error(`${response.statusCode}: ${text.slice(0, 200)}`));
          }
        });
      },
    );
    request.on("error", reject);
    request.end(JSON.stringify(body));
  });
}

const VERDICTS = {
  GRAPHQL_PARSE_FAILED: "syntax",
  GRAPHQL_VALIDATION_FAILED: "invalid",
  DOCUMENT_LIMIT_EXCEEDED: "limit",
};

/** What the gateway calls a document. It is planned and not run; whatever else it is refused for, it is valid. */
export async function ask(endpoint, query) {
  // An empty text is a request without a document.
  if (query === "") return { verdict: "syntax", why: "The text is empty." };
  const answer = await post(endpoint, { query }, { "x-explain": "plan" });
  const errors = answer.errors ?? [];
  const verdicts = new Set(errors.map(({ extensions }) => VERDICTS[extensions?.code] ?? "valid"));
  if (verdicts.size > 1 || (answer.data && !verdicts.has("valid") && verdicts.size > 0)) {
    throw new Error(`errors of several kinds, or data beside a refusal: ${JSON.stringify(answer)}`);
  }
  const unplaced = errors.filter(({ locations, extensions }) => VERDICTS[extensions?.code] && extensions.code !== "DOCUMENT_LIMIT_EXCEEDED" && !locations?.length);
  if (unplaced.length > 0) throw new Error(`an error without its place: ${JSON.stringify(answer)}`);
  return { verdict: [...verdicts][0] ?? "valid", why: errors.map(({ message }) => message).join(" | ") };
}

const TYPE = "kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";
const QUERY = `{ __schema { types { name fields(includeDeprecated: true) { name type { ${TYPE} } args { name type { ${TYPE} } } } } } }`;

/** Makes the introspection of graphql-js that of the gateway: they follow different editions of the specification. */
export async function describedIntrospection(endpoint, schema) {
  const { data } = await post(endpoint, { query: QUERY }, {});
  const type = ({ kind, name, ofType }) => {
    if (kind === "NON_NULL") return new GraphQLNonNull(type(ofType));
    return kind === "LIST" ? new GraphQLList(type(ofType)) : schema.getType(name);
  };
  for (const { name, fields } of data.__schema.types) {
    if (!name.startsWith("__") || !fields) continue;
    const known = schema.getType(name).getFields();
    for (const key of Object.keys(known)) if (!fields.some((field) => field.name === key)) delete known[key];
    for (const field of fields) {
      if (!known[field.name]) throw new Error(`graphql-js does not know ${name}.${field.name}`);
      known[field.name].type = type(field.type);
      const args = known[field.name].args.filter((arg) => field.args.some((one) => one.name === arg.name));
      for (const arg of args) arg.type = type(field.args.find((one) => one.name === arg.name).type);
      known[field.name].args = args;
    }
  }
}
