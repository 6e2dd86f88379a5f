import { languageSchemas } from '#core';
import { testFileSchema } from '#rule-testing';

/** The kinds of files that have a schema, and the files of a workspace that are of each kind. */
const FILES = {
  rule: ['**/rules/*.yaml', '!**/rules/*.test.yaml'],
  test: ['**/rules/*.test.yaml'],
  kairos: ['**/kairos.yaml'],
  segments: ['**/segments.yaml'],
  events: ['**/events.yaml'],
} as const;

const COMMENT = 'Written by `kairos init --editor`, which brings it up to date after an upgrade of Kairos.';

/** Made by this version of Kairos: to be replaced by those of another. */
export function editorSchemas(): { readonly [path: string]: string } {
  const schemas = { ...languageSchemas(), test: testFileSchema() };
  return Object.fromEntries(
    Object.entries(schemas).map(([kind, schema]) => [schemaPath(kind), json({ $comment: COMMENT, ...schema })]),
  );
}

/** The team's own as soon as they are written: never replaced. */
export const EDITOR_SETTINGS: { readonly [path: string]: string } = {
  '.vscode/settings.json': json({
    'yaml.schemas': Object.fromEntries(Object.entries(FILES).map(([kind, files]) => [`./${schemaPath(kind)}`, files])),
  }),
  '.vscode/extensions.json': json({ recommendations: ['redhat.vscode-yaml'] }),
};

/** Inside of the workspace, so that they are there for everybody who checks it out, with or without a clone of Kairos. */
function schemaPath(kind: string): string {
  return `.vscode/kairos/${kind}.schema.json`;
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
