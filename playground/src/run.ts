// The last operation that was sent, and what came of it.
import type { Fetcher, FetcherParams } from '@graphiql/toolkit';
import { create } from 'zustand';
import { type Explain, explainOf, type Mode, withoutExplain } from './explain';
import { operationNameOf } from './fields';
import { entitiesFirst } from './introspection';
import { useToken } from './token';

export interface Run {
  /** Null when the server does not tell. */
  explain: Explain | null;
  /** The header `x-upstream-requests`; null when there is none. */
  upstreamRequests: number | null;
  /** As this page measured it, the network included. */
  ms: number;
  errors: number;
}

interface RunState {
  run: Run | null;
  /** The fields whose requests are pointed at, or which are pointed at themselves: joined response keys. */
  lit: ReadonlySet<string>;
  /** Where the pointer is: lit bars do not light themselves. */
  litFrom: 'editor' | 'panel';
  setLit(lit: ReadonlySet<string>, litFrom: 'editor' | 'panel'): void;
}

const NONE: ReadonlySet<string> = new Set();

export const useRun = create<RunState>((set, get) => ({
  run: null,
  lit: NONE,
  litFrom: 'editor',
  setLit(lit, litFrom) {
    if (lit.size > 0 || get().lit.size > 0) set({ lit, litFrom });
  },
}));

const endpoint = new URL(
  document.querySelector<HTMLMetaElement>('meta[name="graphql-endpoint"]')?.content ?? 'graphql',
  document.baseURI,
);

/** Never runs anything. The header that asks for a plan can be lost on the way, and the operation would be run. */
const planEndpoint = new URL(`${endpoint.pathname}/plan`, endpoint);

const INTROSPECTION = 'IntrospectionQuery';

/** Sends an operation and notes what it cost; introspection asks nothing of the upstream and is left out. */
export const fetcher: Fetcher = async (params, options) => {
  if (params.operationName === INTROSPECTION) {
    return entitiesFirst((await send(params, options?.headers ?? {}, 'quiet')).answer);
  }
  return run(params, options?.headers ?? {}, 'run');
};

/** Sends an operation to be run and explained, or to be planned; the answer comes back without the explanation. */
export async function run(params: FetcherParams, headers: Record<string, string>, mode: Mode) {
  const started = performance.now();
  const { answer, response } = await send(params, headers, mode);
  const counted = response.headers.get('x-upstream-requests');
  useRun.setState({
    lit: NONE,
    run: {
      explain: explainOf(answer),
      upstreamRequests: counted === null ? null : Number(counted),
      ms: performance.now() - started,
      errors: errorsOf(answer),
    },
  });
  return withoutExplain(answer) as Awaited<ReturnType<Fetcher>>;
}

async function send(params: FetcherParams, headers: Record<string, string>, mode: Mode) {
  const { token } = useToken.getState();
  const sent = new Headers({ 'content-type': 'application/json', accept: 'application/graphql-response+json, application/json;q=0.9' });
  if (token) sent.set('authorization', `Bearer ${token}`);
  if (mode === 'run') sent.set('x-explain', '1');
  for (const [name, value] of Object.entries(headers)) sent.set(name, value);
  // The editor learns the name a moment after its text, so that right after another tab it has the name from before.
  const operationName = operationNameOf(params.query, params.operationName ?? undefined);
  const body = JSON.stringify({ ...params, operationName });
  const response = await fetch(mode === 'plan' ? planEndpoint : endpoint, { method: 'POST', headers: sent, body });
  const text = await response.text();
  try {
    return { response, answer: JSON.parse(text) };
  } catch {
    const message = `The server answered ${response.status} without JSON.`;
    return { response, answer: { errors: [{ message }] } };
  }
}

function errorsOf(answer: unknown): number {
  const errors = (answer as { errors?: unknown }).errors;
  return Array.isArray(errors) ? errors.length : 0;
}
