// Puts a gateway at a URL behind @apollo/gateway, together with the small subgraphs, whose rows are given as JSON. Runs
// one query, and prints the answer and what was asked of the gateway.
import { ApolloGateway, LocalGraphQLDataSource, RemoteGraphQLDataSource } from "@apollo/gateway";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { parse } from "graphql";
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
  metrics: {},
  logger,
});
await gateway.stop();
console.log(JSON.stringify({ answer, asked }));
