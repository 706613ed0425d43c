// Sends one query through a client that persists its queries, and prints the answer and what went over the wire.
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { Client, fetchExchange } from "@urql/core";
import { persistedExchange } from "@urql/exchange-persisted";
import { createHash } from "node:crypto";

const [client, url, text, method] = process.argv.slice(2);
const requests = [];

async function watched(target, options) {
  const response = await fetch(target, options);
  const { searchParams } = new URL(target, url);
  const sent = options?.body ?? JSON.stringify(Object.fromEntries(searchParams));
  requests.push({
    method: options?.method ?? "GET",
    withText: sent.includes("__typename"),
    status: response.status,
    caching: response.headers.get("cache-control"),
  });
  return response;
}

const runs = {
  async apollo() {
    const sha256 = (query) => createHash("sha256").update(query).digest("hex");
    const persisting = new PersistedQueryLink({ sha256, useGETForHashedQueries: method === "GET" });
    const link = ApolloLink.from([persisting, new HttpLink({ uri: url, fetch: watched })]);
    const client = new ApolloClient({ link, cache: new InMemoryCache() });
    return (await client.query({ query: gql(text), fetchPolicy: "no-cache" })).data;
  },
  async urql() {
    const persisting = persistedExchange({ preferGetForPersistedQueries: method === "GET" });
    const exchanges = [persisting, fetchExchange];
    const client = new Client({ url, fetch: watched, exchanges, preferGetMethod: method === "GET" });
    const { data, error } = await client.query(text, {}).toPromise();
    if (error) throw error;
    return data;
  },
};

const data = await runs[client]();
console.log(JSON.stringify({ data, requests }));
