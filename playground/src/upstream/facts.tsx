import type { Explain } from '../explain';
import { bytes, count, milliseconds, plural } from '../text';

/** The totals against the bounds, and what is known of the document. */
export function Facts({ explain: { bounds, totals, document } }: { explain: Explain }) {
  return (
    <>
      <dl className="facts">
        <Fact name="Requests" value={totals?.requests} most={bounds.requests} note={`limit ${count(bounds.limit)}`} />
        <Fact name="Rounds" value={totals?.rounds} most={bounds.rounds} />
        <Fact name="Rows" value={totals?.rows} most={bounds.rows} note={`limit ${count(bounds.rowLimit)}`} />
        {totals && (
          <div>
            <dt>Time</dt>
            <dd>
              <strong>{milliseconds(totals.ms)}</strong>
              <span>
                {bytes(totals.bytes)}
                {totals.retries > 0 && `, ${totals.retries === 1 ? '1 retry' : `${totals.retries} retries`}`}
              </span>
            </dd>
          </div>
        )}
      </dl>
      <p className="panel-hint">
        {document.cached ? 'Prepared by an earlier request' : 'Prepared for this request'}; {plural(document.fields, 'field')}
        {document.mergedFields < document.fields && `, merged into ${count(document.mergedFields)}`}.
      </p>
    </>
  );
}

function Fact({ name, value, most, note }: { name: string; value: number | undefined; most: number | null; note?: string }) {
  const bound = most === null ? 'unbounded' : `at most ${count(most)}`;
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <strong>{value === undefined ? (most === null ? '∞' : `≤ ${count(most)}`) : count(value)}</strong>
        <span title={note}>{value === undefined ? (note ?? '') : bound}</span>
        {value !== undefined && most !== null && most > 0 && (
          <span className="gauge" aria-hidden="true">
            <span style={{ width: `${Math.min(100, (100 * value) / most)}%` }} />
          </span>
        )}
      </dd>
    </div>
  );
}
