// Puts a gateway at a URL behind @apollo/gateway, together with the small subgraphs, whose rows are given as JSON. Runs
// one query, and prints the answer, what was asked of the gateway, and the traces that it gave.
import { ApolloGateway, LocalGraphQLDataSource, RemoteGraphQLDataSource } from "@apollo/gateway";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { parse } from "graphql";
import { outline } from "./outline.mjs";
import { compose, others } from "./supergraph.mjs";

const [url, rows, query, token] = process.argv.slice(2);
const headers = { "content-type": "application/json" };
const service = await fetch(url, { method: "POST", headers, body: JSON.stringify({ query: "{ _service { sdl } }" }) });
const { errors, supergraphSdl } = compose((await service.json()).data._service.sdl, url);
if (errors.length > 0) throw new Error(errors.join("\n"));

const { tickets = [], letters = [] } = JSON.parse(rows);
const resolvers = {
  tickets: {
    Query: { tickets: () => tickets },
    Ticket: { __resolveReference: ({ id }) => tickets.find((ticket) => ticket.id === id) },
    User: { tickets: ({ id }) => tickets.filter(({ author }) => author.id === id) },
    Account: { tickets: ({ id }) => tickets.filter(({ account }) => account.id === id) },
  },
  letters: {
    Query: { letters: () => letters },
    User: { letters: ({ email }) => letters.filter(({ recipient }) => recipient.email === email) },
  },
};

const asked = [];
class Accounts extends RemoteGraphQLDataSource {
  willSendRequest({ request }) {
    if (token) request.http.headers.set("authorization", `Bearer ${token}`);
    asked.push(request.query);
  }
}

function source({ name, url }) {
  if (name === "accounts") return new Accounts({ url });
  return new LocalGraphQLDataSource(buildSubgraphSchema({ typeDefs: others[name], resolvers: resolvers[name] }));
}

const quiet = () => {};
const logger = { debug: quiet, info: quiet, warn: quiet, error: console.error };
const metrics = { captureTraces: true };
const gateway = new ApolloGateway({ supergraphSdl, logger, buildService: source });
const { executor, schema } = await gateway.load();
const answer = await executor({
  request: { query, variables: {} },
  document: parse(query),
  operationName: null,
  queryHash: query,
  context: {},
  cache: new Map(),
  schema,
  metrics,
  logger,
});
await gateway.stop();

function traces({ sequence, parallel, flatten, fetch }) {
  if (fetch?.serviceName === "accounts") {
    if (fetch.traceParsingFailed || !fetch.trace) throw new Error("a fetch has no trace");
    return [outline(fetch.trace)];
  }
  return [...(sequence ?? parallel)?.nodes ?? [], ...(flatten ? [flatten.node] : [])].flatMap(traces);
}

console.log(JSON.stringify({ answer, asked, traces: traces(metrics.queryPlanTrace) }));
