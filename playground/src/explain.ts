// What the server tells of an operation in `extensions.explain`. The header `x-explain: 1` asks for it beside the answer;
// the endpoint's `/plan` says what would be asked and runs nothing. All durations are milliseconds, all sizes bytes.

/** What is done with an operation: `run` runs and explains it, `plan` explains it alone, `quiet` runs it alone. */
export type Mode = 'run' | 'plan' | 'quiet';

export interface Explain {
  /** `plan` when nothing was asked. */
  mode: 'run' | 'plan';
  /** Computed from the document and its variables before anything is asked. */
  bounds: Bounds;
  /** What it came to; null in a plan. */
  totals: Totals | null;
  /** The prepared document. */
  document: PreparedDocument;
  /** In the order in which they were sent; those of one round leave together. */
  requests: UpstreamRequest[];
}

/** The least and the most that the operation can come to; null where nothing bounds it. */
export interface Bounds {
  requests: number | null;
  rounds: number | null;
  rows: number | null;
  leastRequests: number;
  leastRows: number;
  /** The requests that the server allows one operation; more ends it with `COST_EXCEEDED`. */
  limit: number;
  /** The rows that it allows. */
  rowLimit: number;
}

export interface Totals {
  requests: number;
  rounds: number;
  rows: number;
  /** Of the upstream's bodies, decompressed. */
  bytes: number;
  /** From the reading of the request to the end of the writing of the answer. */
  ms: number;
  retries: number;
}

export interface PreparedDocument {
  /** Whether the document was parsed, validated and planned by an earlier request. */
  cached: boolean;
  /** Fields as they are written, fragments spread where they are used. */
  fields: number;
  /** Fields that are answered, after those with the same response key were merged. */
  mergedFields: number;
}

export interface UpstreamRequest {
  /** Counted from 1. */
  round: number;
  method: string;
  /** Of the URL, without the query. */
  path: string;
  /** The query of the URL without `select`, decoded; empty when there is none. */
  rql: string;
  /** The entries of `select`, such as `-*`, `id` and `account.id`. */
  select: string[];
  /** How many ids or parents the request is for; null when it is for none, such as a page of a root list. */
  keys: number | null;
  /**
   * The fields that this request is for, as paths of response keys without list indexes:
   * `["users", "nodes", "groups"]`.
   */
  fields: string[][];
  /** Why it is asked in this way, as a sentence; null when there is nothing to say. */
  reason: string | null;
  /** In a plan, how many requests of this kind may be sent at most, null when unbounded; 1 in a run. */
  atMost: number | null;
  /** How it ended; null in a plan. */
  outcome: Outcome | null;
  /** The same as a line for a shell, without the credential; of a search with its body, of a write without. */
  curl: string;
}

export interface Outcome {
  /** The HTTP status; null when no answer came. */
  status: number | null;
  /** The `extensions.code` of the failure; null when all went well. */
  code: string | null;
  rows: number;
  bytes: number;
  /** When it was sent, counted from the start of the operation. */
  startMs: number;
  /** How long it took, retries included. */
  ms: number;
  /** How often it was sent again. */
  retries: number;
  /** Whether it joined a request of another operation that was under way already. */
  shared: boolean;
}

/** The explanation in an answer; null when the server does not tell. */
export function explainOf(answer: unknown): Explain | null {
  if (!isObject(answer) || !isObject(answer.extensions)) return null;
  const { explain } = answer.extensions;
  return isObject(explain) && Array.isArray(explain.requests) && isObject(explain.bounds)
    ? (explain as unknown as Explain)
    : null;
}

/** The answer as any other client gets it. */
export function withoutExplain(answer: unknown): unknown {
  if (!isObject(answer) || !isObject(answer.extensions)) return answer;
  const { explain: _, ...others } = answer.extensions;
  const { extensions: __, ...rest } = answer;
  return Object.keys(others).length === 0 ? rest : { ...rest, extensions: others };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
