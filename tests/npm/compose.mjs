// Composes the schema in a file with the small subgraphs, and prints what composition says, the newest version that it
// knows, and the fields that are @semanticNonNull in the subgraph and in the supergraph.
import { FEDERATION_VERSIONS } from "@apollo/federation-internals";
import { Kind, parse } from "graphql";
import { readFileSync } from "node:fs";
import { compose } from "./supergraph.mjs";

function promised(sdl) {
  const found = [];
  for (const type of parse(sdl).definitions) {
    if (type.kind !== Kind.OBJECT_TYPE_DEFINITION && type.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    for (const field of type.fields ?? []) {
      const marks = field.directives.filter(({ name }) => name.value === "semanticNonNull");
      if (marks.length > 0) found.push(`${type.name.value}.${field.name.value}`);
    }
  }
  return found.sort();
}

const subgraph = readFileSync(process.argv[2], "utf8");
const { errors, hints, supergraphSdl = "" } = compose(subgraph, "http://accounts.invalid");
const links = [...supergraphSdl.matchAll(/@link\(url: "https:\/\/specs\.apollo\.dev\/([^"]*)"/g)].map(([, spec]) => spec);
const newest = String(FEDERATION_VERSIONS.latest().version);
const semanticNonNull = { subgraph: promised(subgraph), supergraph: supergraphSdl ? promised(supergraphSdl) : [] };
console.log(JSON.stringify({ errors, hints, links, newest, semanticNonNull }));
