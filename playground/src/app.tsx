import { DOC_EXPLORER_PLUGIN } from '@graphiql/plugin-doc-explorer';
import { explorerPlugin } from '@graphiql/plugin-explorer';
import { HISTORY_PLUGIN } from '@graphiql/plugin-history';
import { GraphiQL } from 'graphiql';
import { EditorLights } from './editor-lights';
import { examples } from './examples';
import { EXAMPLES_PLUGIN } from './examples-panel';
import { GRAPH_PLUGIN } from './graph/panel';
import { fetcher } from './run';
import { storage } from './storage';
import { RunSummary } from './summary';
import { TokenMenu } from './token-menu';
import { UPSTREAM_PLUGIN } from './upstream/panel';

const plugins = [EXAMPLES_PLUGIN, UPSTREAM_PLUGIN, GRAPH_PLUGIN, explorerPlugin({ showAttribution: false }), HISTORY_PLUGIN];
const tabs = examples.map(({ query, variables }) => ({ query, ...(variables ? { variables } : {}) }));

export function App() {
  return (
    <GraphiQL
      fetcher={fetcher}
      storage={storage}
      plugins={plugins}
      referencePlugin={DOC_EXPLORER_PLUGIN}
      defaultTabs={tabs}
      inputValueDeprecation
      shouldPersistHeaders={false}
      showPersistHeadersSettings={false}
    >
      <GraphiQL.Logo>
        <TokenMenu />
      </GraphiQL.Logo>
      <GraphiQL.Footer>
        <RunSummary />
      </GraphiQL.Footer>
      <EditorLights />
    </GraphiQL>
  );
}
