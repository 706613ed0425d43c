// Lights between the query editor and the upstream panel: a bar lights its fields, a field its bars.
import { useGraphiQL } from '@graphiql/react';
import { useEffect } from 'react';
import { fieldPlaces } from './fields';
import { useRun } from './run';

/** Draws nothing; it listens to the pointer over the editor and decorates the editor's text. */
export function EditorLights(): null {
  const editor = useGraphiQL((state) => state.queryEditor);
  const lit = useRun((state) => state.lit);
  const explained = useRun((state) => state.run?.explain != null);

  useEffect(() => {
    const model = editor?.getModel();
    if (!editor || !model || lit.size === 0) return;
    const decorations = editor.createDecorationsCollection(
      fieldPlaces(model.getValue())
        .filter((place) => lit.has(place.path))
        .map((place) => {
          const start = model.getPositionAt(place.start);
          const end = model.getPositionAt(place.end);
          const range = {
            startLineNumber: start.lineNumber,
            startColumn: start.column,
            endLineNumber: end.lineNumber,
            endColumn: end.column,
          };
          return { range, options: { inlineClassName: 'lit-field' } };
        }),
    );
    return () => decorations.clear();
  }, [editor, lit]);

  useEffect(() => {
    if (!editor || !explained) return;
    const { setLit } = useRun.getState();
    const move = editor.onMouseMove((event) => {
      const model = editor.getModel();
      const position = event.target.position;
      if (!model || !position) return setLit(new Set(), 'editor');
      const offset = model.getOffsetAt(position);
      const under = fieldPlaces(model.getValue()).filter((place) => place.start <= offset && offset <= place.end);
      setLit(new Set(under.map((place) => place.path)), 'editor');
    });
    const leave = editor.onMouseLeave(() => setLit(new Set(), 'editor'));
    return () => {
      move.dispose();
      leave.dispose();
    };
  }, [editor, explained]);

  return null;
}
