// Decodes inline traces, given as a JSON list of base64, as routers do, and prints their outlines.
import { Trace } from "@apollo/usage-reporting-protobuf";
import { outline } from "./outline.mjs";

function decode(base64) {
  const bytes = Buffer.from(base64, "base64");
  const trace = Trace.decode(bytes);
  // What a decoder does not know it drops, and it writes all numbers in their shortest form.
  if (Trace.encode(trace).finish().length !== bytes.length) throw new Error("there is something unknown in the trace");
  return trace;
}

console.log(JSON.stringify(JSON.parse(process.argv[2]).map((base64) => outline(decode(base64)))));
