// The supergraph of the gateway's schema and of two small subgraphs, as routers get it: one knows users by their ids,
// accounts, and memberships by their pairs, the other knows users by their e-mail addresses.
import { composeServices } from "@apollo/composition";
import { parse } from "graphql";
import { readFileSync } from "node:fs";

const read = (name) => parse(readFileSync(new URL(`${name}.graphql`, import.meta.url), "utf8"));

export const others = { tickets: read("tickets"), letters: read("letters") };

export function compose(sdl, url) {
  const small = Object.entries(others).map(([name, typeDefs]) => ({ name, typeDefs, url: `http://${name}.invalid` }));
  const { errors, hints, supergraphSdl } = composeServices([{ name: "accounts", typeDefs: parse(sdl), url }, ...small]);
  return { errors: (errors ?? []).map(String), hints: (hints ?? []).map(String), supergraphSdl };
}
