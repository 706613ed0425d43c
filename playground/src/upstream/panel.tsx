import { type GraphiQLPlugin, useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { UpstreamIcon } from '../icons';
import { fetcher, run, useRun } from '../run';
import { plural } from '../text';
import { Facts } from './facts';
import { Waterfall } from './waterfall';

function Upstream() {
  const last = useRun((state) => state.run);
  const plan = usePlan();
  const explain = last?.explain ?? null;
  return (
    <section className="panel" aria-label="Upstream">
      <header className="panel-header">
        <h2>Upstream</h2>
        <button type="button" className="panel-action" onClick={plan} title="Show the bounds and the planned requests, ask nothing">
          Plan
        </button>
      </header>
      {last === null && (
        <p className="panel-hint">Run an operation to see each request that it asks of the REST API, or plan it to see what it would ask.</p>
      )}
      {last !== null && explain === null && (
        <p className="panel-hint">
          This server does not tell what it asked of its upstream
          {last.upstreamRequests === null ? '.' : `, only how often: ${plural(last.upstreamRequests, 'request')}.`}
        </p>
      )}
      {explain && (
        <>
          <Facts explain={explain} />
          {explain.requests.length > 0 ? (
            <Waterfall explain={explain} />
          ) : (
            <p className="panel-hint">Nothing had to be asked.</p>
          )}
        </>
      )}
    </section>
  );
}

/** Asks for the plan of the operation in the editors. */
function usePlan(): () => void {
  const { queryEditor, variableEditor, headerEditor, responseEditor, operationName } = useGraphiQL((state) => state);
  const { updateActiveTabValues } = useGraphiQLActions();
  return () => {
    const show = (text: string) => {
      responseEditor?.setValue(text);
      updateActiveTabValues({ response: text });
    };
    let variables: unknown;
    let headers: Record<string, string>;
    try {
      variables = object(variableEditor?.getValue(), 'variables');
      headers = object(headerEditor?.getValue(), 'headers');
    } catch (error) {
      return show(error instanceof Error ? error.message : String(error));
    }
    const params: Parameters<typeof fetcher>[0] = { query: queryEditor?.getValue() ?? '', variables };
    if (operationName) params.operationName = operationName;
    run(params, headers, 'plan').then(
      (answer) => show(JSON.stringify(answer, null, 2)),
      (error: unknown) => show(String(error)),
    );
  };
}

function object(text: string | undefined, what: string): Record<string, string> {
  if (!text?.trim()) return {};
  try {
    return JSON.parse(text) as Record<string, string>;
  } catch {
    throw new Error(`The ${what} are not JSON.`);
  }
}

export const UPSTREAM_PLUGIN: GraphiQLPlugin = { title: 'Upstream', icon: UpstreamIcon, content: Upstream };
