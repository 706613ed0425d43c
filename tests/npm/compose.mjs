// Composes the schema in a file with the small subgraphs, and prints what composition says and the newest version that
// it knows.
import { FEDERATION_VERSIONS } from "@apollo/federation-internals";
import { readFileSync } from "node:fs";
import { compose } from "./supergraph.mjs";

const { errors, hints, supergraphSdl = "" } = compose(readFileSync(process.argv[2], "utf8"), "http://accounts.invalid");
const links = [...supergraphSdl.matchAll(/@link\(url: "https:\/\/specs\.apollo\.dev\/([^"]*)"/g)].map(([, spec]) => spec);
console.log(JSON.stringify({ errors, hints, links, newest: String(FEDERATION_VERSIONS.latest().version) }));
