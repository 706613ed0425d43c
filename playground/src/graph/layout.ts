import { Graph as Dagre, layout } from '@dagrejs/dagre';
import type { Graph, Relation } from './model';

export interface Box {
  name: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

/** All relations between two entities, in both directions. */
export interface Line {
  key: string;
  relations: Relation[];
  /** As an SVG path. */
  path: string;
  middle: { x: number; y: number };
  /** Whether there is a way there and a way back. */
  both: boolean;
  self: boolean;
}

export interface Picture {
  width: number;
  height: number;
  boxes: Box[];
  lines: Line[];
}

const HEIGHT = 34;

function boxWidth(name: string): number {
  return 28 + name.length * 8;
}

export function pictureOf(graph: Graph): Picture {
  const dagre = new Dagre({ multigraph: false });
  dagre.setGraph({ rankdir: 'TB', nodesep: 26, ranksep: 58, edgesep: 12, marginx: 16, marginy: 16, ranker: 'network-simplex' });
  dagre.setDefaultEdgeLabel(() => ({}));
  for (const { name } of graph.entities) dagre.setNode(name, { width: boxWidth(name), height: HEIGHT });
  const pairs = new Map<string, Relation[]>();
  for (const relation of graph.relations) {
    const key = [relation.from, relation.to].sort().join('|');
    pairs.set(key, [...(pairs.get(key) ?? []), relation]);
  }
  // Of a cycle of two, the side with more relations stands above.
  for (const relations of pairs.values()) {
    const first = relations[0];
    if (!first || first.from === first.to) continue;
    const back = relations.filter((relation) => relation.from !== first.from).length;
    const [above, below] = back * 2 > relations.length ? [first.to, first.from] : [first.from, first.to];
    dagre.setEdge(above, below, {});
  }
  layout(dagre);
  const boxes = graph.entities.map(({ name }) => {
    const { x, y } = dagre.node(name) as { x: number; y: number };
    return { name, x, y, width: boxWidth(name), height: HEIGHT };
  });
  const lines: Line[] = [];
  for (const [key, relations] of pairs) {
    const first = relations[0];
    if (!first) continue;
    const self = first.from === first.to;
    const points = self ? selfLoop(boxes, first.from) : pointsOf(dagre, first.from, first.to);
    const middle = points[Math.floor(points.length / 2)] ?? { x: 0, y: 0 };
    lines.push({ key, relations, path: curve(points), middle, self, both: relations.some((r) => r.from !== first.from) });
  }
  const { width = 0, height = 0 } = dagre.graph() as { width?: number; height?: number };
  return { width, height, boxes, lines };
}

interface Point {
  x: number;
  y: number;
}

/** From `from` to `to`, whichever way the layout has it. */
function pointsOf(dagre: Dagre, from: string, to: string): Point[] {
  const forward = dagre.hasEdge(from, to);
  const edge = (forward ? dagre.edge(from, to) : dagre.edge(to, from)) as { points: Point[] };
  return forward ? edge.points : [...edge.points].reverse();
}

function selfLoop(boxes: readonly Box[], name: string): Point[] {
  const box = boxes.find((candidate) => candidate.name === name);
  if (!box) return [];
  const right = box.x + box.width / 2;
  return [
    { x: right, y: box.y - 8 },
    { x: right + 22, y: box.y },
    { x: right, y: box.y + 8 },
  ];
}

/** A smooth line through the middles between the points. */
function curve(points: readonly Point[]): string {
  const [first, ...rest] = points;
  const last = rest.at(-1);
  if (!first || !last) return '';
  const bends = rest.slice(0, -1).map((point, index) => {
    const next = rest[index + 1] ?? last;
    const end = index === rest.length - 2 ? next : { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 };
    return `Q${round(point)} ${round(end)}`;
  });
  return `M${round(first)} ${bends.length > 0 ? bends.join(' ') : `L${round(last)}`}`;
}

function round({ x, y }: Point): string {
  return `${x.toFixed(1)},${y.toFixed(1)}`;
}
