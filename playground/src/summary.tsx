import { useGraphiQLActions } from '@graphiql/react';
import { milliseconds, plural } from './text';
import { useRun } from './run';
import { UPSTREAM_PLUGIN } from './upstream/panel';

/** One line below the answer: what it took. */
export function RunSummary() {
  const run = useRun((state) => state.run);
  const { setVisiblePlugin } = useGraphiQLActions();
  if (!run) return <p className="summary">Nothing was asked yet. Ctrl-Enter runs the operation.</p>;
  const planned = run.explain?.mode === 'plan';
  const parts = [
    planned ? 'Planned, not run' : null,
    !planned && run.upstreamRequests !== null ? plural(run.upstreamRequests, 'upstream request') : null,
    run.explain?.totals ? plural(run.explain.totals.rounds, 'round') : null,
    milliseconds(run.ms),
    run.errors > 0 ? plural(run.errors, 'error') : null,
  ];
  return (
    <p className="summary" role="status">
      <span>{parts.filter(Boolean).join(' · ')}</span>
      <button type="button" aria-label="Details of what was asked of the upstream" onClick={() => setVisiblePlugin(UPSTREAM_PLUGIN)}>
        Details
      </button>
    </p>
  );
}
