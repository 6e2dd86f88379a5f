/** The JSON Schemas for editors by file name, as Prettier would leave them. */
export async function editorSchemas() {
  const { languageSchemas } = await import('#core');
  const { testFileSchema } = await import('#rule-testing');
  const { format } = await import('prettier');
  const all = { ...languageSchemas(), test: testFileSchema() };
  const files = Object.entries(all).map(async ([name, schema]) => [
    `${name}.schema.json`,
    await format(JSON.stringify({ $comment: notice, ...schema }), { parser: 'json', printWidth: 120 }),
  ]);
  return Object.fromEntries(await Promise.all(files));
}

const notice =
  'Made by scripts/generate-reference.mjs from the tables that read the files: change those, then run it again.';
