import { forceCollide, forceLink, forceManyBody, forceSimulation, forceX, forceY, type SimulationNodeDatum } from 'd3-force';
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
  /** Whether there is a way there and a way back. */
  both: boolean;
}

export interface Picture {
  width: number;
  height: number;
  boxes: Box[];
  lines: Line[];
}

interface Node extends SimulationNodeDatum {
  name: string;
}

const HEIGHT = 30;
const MARGIN = 14;
const TICKS = 400;

function boxWidth(name: string): number {
  return 22 + name.length * 7.6;
}

/** Where everything stands: the same for the same schema, since the forces know no chance. */
export function pictureOf(graph: Graph): Picture {
  const pairs = new Map<string, Relation[]>();
  for (const relation of graph.relations) {
    const key = [relation.from, relation.to].sort().join('|');
    pairs.set(key, [...(pairs.get(key) ?? []), relation]);
  }
  const boxes = boxesOf(graph, [...pairs.values()]);
  const boxOf = new Map(boxes.map((box) => [box.name, box]));
  const lines: Line[] = [];
  for (const [key, relations] of pairs) {
    const from = boxOf.get(relations[0]?.from ?? '');
    const to = boxOf.get(relations[0]?.to ?? '');
    if (!from || !to) continue;
    const path = from === to ? loop(from) : between(from, to);
    lines.push({ key, relations, path, both: relations.some((relation) => relation.from !== from.name) });
  }
  return {
    width: Math.max(...boxes.map((box) => box.x + box.width / 2)) + MARGIN,
    height: Math.max(...boxes.map((box) => box.y + box.height / 2)) + MARGIN,
    boxes,
    lines,
  };
}

/** The forces pull what is related together, and all of it into the upright shape of the panel. */
function boxesOf(graph: Graph, pairs: readonly Relation[][]): Box[] {
  const nodes: Node[] = graph.entities.map(({ name }) => ({ name }));
  const links = pairs.flatMap(([first]) => (first && first.from !== first.to ? [{ source: first.from, target: first.to }] : []));
  const simulation = forceSimulation(nodes)
    .force('link', forceLink<Node, { source: string; target: string }>(links).id((node) => node.name).distance(110).strength(0.2))
    .force('apart', forceManyBody().strength(-900))
    .force('x', forceX(0).strength(0.22))
    .force('y', forceY(0).strength(0.06))
    .force('collide', forceCollide<Node>((node) => boxWidth(node.name) / 2 + 6))
    .stop();
  simulation.tick(TICKS);
  const placed = nodes.map(({ name, x = 0, y = 0 }) => ({ name, x, y, width: boxWidth(name), height: HEIGHT }));
  const left = Math.min(...placed.map((box) => box.x - box.width / 2)) - MARGIN;
  const top = Math.min(...placed.map((box) => box.y - box.height / 2)) - MARGIN;
  return placed.map((box) => ({ ...box, x: box.x - left, y: box.y - top }));
}

interface Point {
  x: number;
  y: number;
}

/** A slight bend, from edge to edge, so that lines that cross a box are told from lines that end there. */
function between(from: Box, to: Box): string {
  const bend = 0.1;
  const middle = {
    x: (from.x + to.x) / 2 - (to.y - from.y) * bend,
    y: (from.y + to.y) / 2 + (to.x - from.x) * bend,
  };
  return `M${written(edge(from, middle))} Q${written(middle)} ${written(edge(to, middle))}`;
}

/** Where the way from the middle of a box towards a point leaves the box. */
function edge(box: Box, towards: Point): Point {
  const x = towards.x - box.x;
  const y = towards.y - box.y;
  const gap = 2;
  const scale = Math.min((box.width / 2 + gap) / Math.abs(x || 1e-9), (box.height / 2 + gap) / Math.abs(y || 1e-9));
  return { x: box.x + x * scale, y: box.y + y * scale };
}

function loop(box: Box): string {
  const right = box.x + box.width / 2;
  return `M${written({ x: right, y: box.y - 7 })} C${written({ x: right + 24, y: box.y - 16 })} ${written({ x: right + 24, y: box.y + 16 })} ${written({ x: right, y: box.y + 7 })}`;
}

function written({ x, y }: Point): string {
  return `${x.toFixed(1)},${y.toFixed(1)}`;
}
