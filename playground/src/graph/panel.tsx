import { DOC_EXPLORER_PLUGIN, useDocExplorerActions } from '@graphiql/plugin-doc-explorer';
import { type GraphiQLPlugin, useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { isObjectType } from 'graphql';
import { useMemo, useState } from 'react';
import { GraphIcon } from '../icons';
import { plural } from '../text';
import { type Line, pictureOf } from './layout';
import { graphOf, type Relation, usedBy } from './model';

const NOTHING = { types: new Set<string>(), fields: new Set<string>() };

function GraphPanel() {
  const schema = useGraphiQL((state) => state.schema);
  const document = useGraphiQL((state) => state.documentAST);
  const { setVisiblePlugin } = useGraphiQLActions();
  const { push, reset } = useDocExplorerActions();
  const [pointed, setPointed] = useState<string | null>(null);
  const drawn = useMemo(() => {
    if (!schema) return null;
    const graph = graphOf(schema);
    return { graph, picture: pictureOf(graph) };
  }, [schema]);
  const used = useMemo(() => (schema && document ? usedBy(schema, document) : NOTHING), [schema, document]);

  if (!schema || !drawn) return <section className="panel" aria-label="Graph"><p className="panel-hint">The schema is not here yet.</p></section>;

  const { graph, picture } = drawn;
  const showDocs = (name: string, field?: string) => {
    const type = schema.getType(name);
    if (!isObjectType(type)) return;
    reset();
    push({ name, def: type });
    const def = field === undefined ? undefined : type.getFields()[field];
    if (def) push({ name: def.name, def });
    setVisiblePlugin(DOC_EXPLORER_PLUGIN);
  };
  const entity = graph.entities.find(({ name }) => name === pointed);
  const isUsed = (line: Line) => line.relations.some((relation) => used.fields.has(relation.coordinate));
  const isNear = (line: Line) => line.relations.some(({ from, to }) => from === pointed || to === pointed);

  return (
    <section className="panel graph-panel" aria-label="Graph">
      <h2>Graph</h2>
      <p className="panel-hint">
        {plural(graph.entities.length, 'entity').replace(/entitys$/, 'entities')} and {plural(graph.relations.length, 'relation')}; what
        the operation uses is lit.
      </p>
      <div className="graph-scroll" onMouseLeave={() => setPointed(null)}>
        <svg viewBox={`0 0 ${picture.width} ${picture.height}`} role="group" aria-label="Entities and their relations">
          <defs>
            {['', '-used', '-near'].map((kind) => (
              <marker key={kind} id={`arrow${kind}`} className={`arrow${kind}`} viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse">
                <path d="M0 0 8 4 0 8z" />
              </marker>
            ))}
          </defs>
          {picture.lines.map((line) => {
            const kind = isNear(line) ? '-near' : isUsed(line) ? '-used' : '';
            return (
              <path
                key={line.key}
                d={line.path}
                className={`line line${kind}`}
                markerEnd={`url(#arrow${kind})`}
                {...(line.both ? { markerStart: `url(#arrow${kind})` } : {})}
              />
            );
          })}
          {picture.boxes.map((box) => (
            <g
              key={box.name}
              className={['box', used.types.has(box.name) && 'box-used', pointed === box.name && 'box-pointed'].filter(Boolean).join(' ')}
              transform={`translate(${box.x - box.width / 2} ${box.y - box.height / 2})`}
              role="button"
              tabIndex={0}
              aria-label={used.types.has(box.name) ? `${box.name}, used by the operation` : box.name}
              onMouseEnter={() => setPointed(box.name)}
              onFocus={() => setPointed(box.name)}
              onClick={() => showDocs(box.name)}
              onKeyDown={(event) => {
                if (event.key !== 'Enter' && event.key !== ' ') return;
                event.preventDefault();
                showDocs(box.name);
              }}
            >
              <rect width={box.width} height={box.height} rx="8" />
              <text x={box.width / 2} y={box.height / 2} dominantBaseline="central" textAnchor="middle">
                {box.name}
              </text>
            </g>
          ))}
        </svg>
      </div>
      <div className="relations">
        {entity ? (
          <>
            <h3>{entity.name} leads to</h3>
            <Relations relations={entity.relations} used={used.fields} onOpen={(relation) => showDocs(relation.from, relation.field)} />
          </>
        ) : (
          <p className="panel-hint">Point at an entity to see its relations; click it for its documentation.</p>
        )}
      </div>
    </section>
  );
}

interface RelationsProps {
  relations: readonly Relation[];
  used: ReadonlySet<string>;
  onOpen(relation: Relation): void;
}

function Relations({ relations, used, onOpen }: RelationsProps) {
  if (relations.length === 0) return <p className="panel-hint">Nothing.</p>;
  return (
    <ul>
      {relations.map((relation) => (
        <li key={relation.coordinate} className={used.has(relation.coordinate) ? 'relation-used' : ''}>
          <button type="button" onClick={() => onOpen(relation)}>
            <code>{relation.field}</code> → {relation.many ? `[${relation.to}]` : relation.to}
          </button>
        </li>
      ))}
    </ul>
  );
}

export const GRAPH_PLUGIN: GraphiQLPlugin = { title: 'Graph', icon: GraphIcon, content: GraphPanel };
