import { useState } from 'react';
import type { Explain, UpstreamRequest } from '../explain';
import { pathOf } from '../fields';
import { useRun } from '../run';
import { milliseconds, plural } from '../text';
import { RequestDetails } from './request-details';

interface Round {
  number: number;
  requests: { index: number; request: UpstreamRequest }[];
}

function rounds(requests: readonly UpstreamRequest[]): Round[] {
  const found: Round[] = [];
  requests.forEach((request, index) => {
    const last = found.at(-1);
    if (last?.number === request.round) last.requests.push({ index, request });
    else found.push({ number: request.round, requests: [{ index, request }] });
  });
  return found;
}

/** Each request as a bar over the time of the operation, round by round. */
export function Waterfall({ explain }: { explain: Explain }) {
  const [open, setOpen] = useState<number | null>(null);
  const ends = explain.requests.map(({ outcome }) => (outcome ? outcome.startMs + outcome.ms : 0));
  const span = Math.max(...ends, 0.001);
  return (
    <ol className="rounds" onMouseLeave={() => useRun.getState().setLit(new Set(), 'panel')}>
      {rounds(explain.requests).map((round) => (
        <li key={round.number}>
          <h3>
            Round {round.number} <span>{plural(round.requests.length, 'request')}</span>
          </h3>
          <ul>
            {round.requests.map(({ index, request }) => (
              <Bar
                key={index}
                request={request}
                span={span}
                open={open === index}
                onToggle={() => setOpen(open === index ? null : index)}
              />
            ))}
          </ul>
        </li>
      ))}
    </ol>
  );
}

interface BarProps {
  request: UpstreamRequest;
  /** The time from the first request to the end of the last. */
  span: number;
  open: boolean;
  onToggle(): void;
}

function Bar({ request, span, open, onToggle }: BarProps) {
  const { lit, litFrom, setLit } = useRun();
  const paths = request.fields.map(pathOf);
  const isLit = litFrom === 'editor' && paths.some((path) => lit.has(path));
  const light = () => setLit(new Set(paths), 'panel');
  const { outcome } = request;
  const collection = request.path.split('/').slice(-2).join('/');
  return (
    <li className={isLit ? 'request request-lit' : 'request'} onMouseEnter={light}>
      <button type="button" aria-expanded={open} onClick={onToggle} onFocus={light}>
        <span className="request-line">
          <span className="request-method">{request.method}</span>
          <span className="request-path" title={request.path}>
            {collection}
          </span>
          <span className="request-facts">{facts(request)}</span>
        </span>
        {outcome && (
          <span className="track" aria-hidden="true">
            <span
              className={outcome.code ? 'bar bar-failed' : outcome.shared ? 'bar bar-shared' : 'bar'}
              style={{ left: `${(100 * outcome.startMs) / span}%`, width: `${Math.max(0.6, (100 * outcome.ms) / span)}%` }}
            />
          </span>
        )}
      </button>
      {open && <RequestDetails request={request} />}
    </li>
  );
}

function facts({ keys, atMost, outcome }: UpstreamRequest): string {
  const parts: (string | null)[] = [keys === null ? null : plural(keys, 'key')];
  if (outcome) {
    parts.push(
      outcome.code ?? plural(outcome.rows, 'row'),
      outcome.retries > 0 ? `${outcome.retries + 1} tries` : null,
      outcome.shared ? 'shared' : null,
      milliseconds(outcome.ms),
    );
  } else {
    parts.push(atMost === null ? 'unbounded' : atMost === 1 ? 'once' : `at most ${atMost} times`);
  }
  return parts.filter(Boolean).join(' · ');
}
