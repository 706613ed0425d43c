// An inline trace as an outline: a line a node, with the number of the round that delivered it, and a line an error.
// Whatever cannot be so in a trace is an error here.

const seconds = ({ seconds, nanos }) => Number(seconds) + nanos / 1e9;

function line({ id, index, responseName, originalFieldName, type, parentType }, round) {
  if (id === "index") return `${index}`;
  return `${responseName}${originalFieldName && `=${originalFieldName}`}: ${type} of ${parentType} in ${round}`;
}

function errors({ error }) {
  return error.map(({ message, location, json }) => {
    const said = JSON.parse(json);
    const { path = [], locations = [], extensions } = said;
    const alike = said.message === message && JSON.stringify(locations) === JSON.stringify(location);
    if (!alike) throw new Error(`the error differs from its JSON: ${json}`);
    return `! ${extensions.code} at ${location.map(({ line, column }) => `${line}:${column}`)} for /${path.join("/")}`;
  });
}

function rounds({ root, durationNs }) {
  const spans = new Map();
  (function collect({ startTime, endTime, child }) {
    if (endTime > 0) spans.set(startTime, endTime);
    child.forEach(collect);
  })(root);
  const rounds = [...spans].sort(([a], [b]) => a - b);
  const end = rounds.reduce((before, [start, end]) => {
    if (start < before || end < start) throw new Error(`rounds overlap: ${rounds}`);
    return end;
  }, 0);
  if (end > durationNs) throw new Error(`a round ends after the operation, which took ${durationNs} ns`);
  return rounds;
}

export function outline(trace) {
  const known = rounds(trace);
  const round = ({ startTime, endTime }) => 1 + known.findIndex(([a, b]) => a === startTime && b === endTime);
  const below = (node) => [
    ...errors(node),
    ...node.child.flatMap((child) => [line(child, round(child)), ...below(child).map((text) => `  ${text}`)]),
  ];
  const took = seconds(trace.endTime) - seconds(trace.startTime);
  if (Math.abs(took - trace.durationNs / 1e9) > 0.001) throw new Error(`it took ${took} s, not ${trace.durationNs} ns`);
  const since = Date.now() / 1000 - seconds(trace.startTime);
  if (since < 0 || since > 600) throw new Error(`it began ${since} s ago`);
  if (trace.isIncomplete) throw new Error("nodes are missing");
  return below(trace.root);
}
