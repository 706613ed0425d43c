// Writes src/gql: the types of every operation and fragment, by the client preset of graphql-codegen. Through its core,
// since its command line brings loaders for dozens of places where a schema may be, and this one is a file.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codegen } from '@graphql-codegen/core';
import { preset } from '@graphql-codegen/client-preset';
import { buildSchema, parse } from 'graphql';

const OUT = 'src/gql/';
const OPERATION = /graphql\(\s*`([^`]+)`\s*\)/g;

const schemaText = await readFile('../../schema.graphql', 'utf8');
const files = (await readdir('src')).filter((name) => name.endsWith('.tsx'));
const documents = (
  await Promise.all(
    files.map(async (name) => {
      const location = join('src', name);
      const text = await readFile(location, 'utf8');
      return [...text.matchAll(OPERATION)].map(([, rawSDL]) => ({ location, rawSDL, document: parse(rawSDL) }));
    }),
  )
).flat();

const sections = await preset.buildGeneratesSection({
  baseOutputDir: OUT,
  schema: parse(schemaText),
  schemaAst: buildSchema(schemaText),
  documents,
  plugins: [],
  pluginMap: {},
  config: { useTypeImports: true, enumsAsTypes: true, scalars: { DateTime: 'string', JSON: 'unknown' } },
  presetConfig: { fragmentMasking: { unmaskFunctionName: 'fragmentData' } },
});

await mkdir(OUT, { recursive: true });
for (const section of sections) await writeFile(section.filename, await codegen(section));
