// Generates TypeScript from the introspected schema and a document, and compiles a program that
// uses it: node codegen.mjs URL FOLDER.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { codegen } from '@graphql-codegen/core';
import * as operations from '@graphql-codegen/typescript-operations';
import * as types from '@graphql-codegen/typescript';
import { buildClientSchema, getIntrospectionQuery, parse, printSchema } from 'graphql';

const [url, folder] = process.argv.slice(2);
const response = await fetch(url, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({
    query: getIntrospectionQuery({ inputValueDeprecation: true, specifiedByUrl: true }),
  }),
});
const schema = buildClientSchema((await response.json()).data);
const document = parse(`
  query Page($filter: UnitFilter, $first: Int) {
    units(filter: $filter, first: $first) {
      totalCount
      nodes { id aboGroup tnc { min max unit } bank { code } }
    }
  }
`);
async function generate(name, plugin) {
  const code = await codegen({
    filename: name,
    schema: parse(printSchema(schema)),
    documents: [{ location: 'page.graphql', document }],
    config: {},
    plugins: [{ plugin: {} }],
    pluginMap: { plugin },
  });
  writeFileSync(join(folder, name), code);
  return code.split('\n').length;
}
const lines = await generate('schema.ts', types);
await generate('operations.ts', operations);
writeFileSync(
  join(folder, 'program.ts'),
  `import type { PageQuery, PageQueryVariables } from './operations.js';
import type { Query } from './schema.js';
const asked: PageQueryVariables = { first: 2, filter: { tncAtLeast: 8, bank: ['BJ'] } };
export function total(page: PageQuery): number { return page.units?.totalCount ?? 0; }
export function whole(query: Query): number { return query.units?.totalCount ?? 0; }
export { asked };
`,
);
const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
const flags = ['--strict', '--noEmit', '--target', 'es2022', '--module', 'nodenext', '--types', ''];
let problems = '';
try {
  execFileSync(process.execPath, [tsc, ...flags, join(folder, 'program.ts')]);
} catch (error) {
  problems = `${error.stdout}${error.stderr}`;
}
console.log(JSON.stringify({ enough: lines > 500, problems }));
