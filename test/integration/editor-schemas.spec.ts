import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readWorkspaceFolder } from '#config';
import { LanguageServer, type ServerDiagnostic } from './language-server.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const RULE = join(root, 'examples/shop/rules/abandoned-cart.yaml');
const rule = readFileSync(RULE, 'utf8');

const HEAD = 'rule: x\ncategory: promotional\nstart: { event: Order Completed }\n';

/** The settings that the documentation shows, with the path of this clone in them. */
function documentedSettings(): { readonly [schema: string]: readonly string[] } {
  const page = readFileSync(join(root, 'docs/editor.md'), 'utf8');
  const block = /```json\n([^`]+)```/.exec(page)?.[1] ?? '';
  const { 'yaml.schemas': schemas } = JSON.parse(block) as { 'yaml.schemas': { [path: string]: readonly string[] } };
  return Object.fromEntries(
    Object.entries(schemas).map(([path, files]) => [path.replace('/path/to/kairos/', root), files]),
  );
}

/** A text with `│` where the cursor is. */
function cursorIn(text: string): { readonly text: string; readonly line: number; readonly character: number } {
  const before = text.slice(0, text.indexOf('│'));
  const lines = before.split('\n');
  return { text: text.replace('│', ''), line: lines.length - 1, character: lines.at(-1)!.length };
}

const shown = (diagnostics: readonly ServerDiagnostic[]): readonly string[] =>
  diagnostics.map(({ message, range: { start } }) => `${start.line + 1}:${start.character + 1} ${message}`);

describe('the schemas in an editor with yaml-language-server', () => {
  let server: LanguageServer;
  let files = 0;
  beforeAll(async () => {
    const schemas = documentedSettings();
    server = await LanguageServer.start(root, { schemas, validate: true, hover: true, completion: true });
  });
  afterAll(() => server.close());

  /** Opens a text as a new file, of the kind that its place in the workspace says. */
  const open = async (text: string, kind = 'rules/x.yaml') => {
    const path = join(root, 'examples', `unsaved-${++files}`, kind);
    return { path, found: shown(await server.open(path, text)) };
  };

  it('find nothing wrong with the rule of the example', async () => {
    expect(shown(await server.open(RULE, rule))).toEqual([]);
  });

  it('find nothing wrong with any file of the examples', async () => {
    const yaml = (await readWorkspaceFolder(join(root, 'examples'))).filter(({ path }) => path.endsWith('.yaml'));
    const found = await Promise.all(
      yaml.map(async ({ path, bytes }) => {
        const diagnostics = await server.open(join(root, 'examples', path), Buffer.from(bytes).toString());
        return shown(diagnostics).map((each) => `${path}:${each}`);
      }),
    );
    expect(yaml.length).toBeGreaterThan(100);
    expect(found.flat()).toEqual([]);
  });

  it.each([
    ['a misspelt key of a rule', rule.replace('priority:', 'priorty:'), 'rules/x.yaml', 'priorty'],
    ['a misspelt step', rule.replace('- send:', '- sned:'), 'rules/x.yaml', 'sned'],
    [
      'a misspelt key of a send',
      `${HEAD}steps: [{ send: { template: t, chanels: [email] } }]`,
      'rules/x.yaml',
      'chanels',
    ],
    [
      'a misspelt key of a wait',
      `${HEAD}steps: [{ wait: { fro: { event: A }, up to: 1 hour } }]`,
      'rules/x.yaml',
      'fro',
    ],
    ['a wait that is no duration', `${HEAD}steps: [{ wait: 1 hr }]`, 'rules/x.yaml', 'pattern'],
    ['a step with two kinds', `${HEAD}steps: [{ wait: 1 hour, send: t }]`, 'rules/x.yaml', 'one'],
    [
      'a misspelt operator',
      `${HEAD}who: { customer.orders: { at lest: 1 } }\nsteps: [stop]`,
      'rules/x.yaml',
      'at lest',
    ],
    [
      'a misspelt key of an event',
      'rule: x\ncategory: c\nsteps: [stop]\nstart: { event: A, whre: { event.b: 1 } }',
      'rules/x.yaml',
      'whre',
    ],
    ['a duration that is none', `${HEAD}steps: [stop]\nholdout: 5`, 'rules/x.yaml', 'Incorrect type'],
    [
      'a misspelt key of kairos.yaml',
      'time zone: UTC\nlocale: en\nchannels: [email]\ncategories: {}\nquiet hour: []',
      'kairos.yaml',
      'quiet hour',
    ],
    ['a misspelt kind of a computed attribute', 'computed: { customer.x: { cuont: Order } }', 'segments.yaml', 'cuont'],
    ['a type that events.yaml does not have', 'events: { Order: { total: nmber } }', 'events.yaml', 'not accepted'],
    [
      'a misspelt key of a test',
      'clock: 2026-03-02T09:00:00Z\ntests: [{ name: a, events: [], expct: [] }]',
      'rules/x.test.yaml',
      'expct',
    ],
  ])('mark %s', async (_, text, kind, said) => {
    const { found } = await open(text, kind);
    expect(found.join('\n')).toContain(said);
  });

  it('explain a key under the pointer, with its default', async () => {
    const { text, line, character } = cursorIn(`${HEAD}too la│te after: 12 hours\nsteps: [stop]\n`);
    const { path } = await open(text);
    const hover = await server.hover(path, line, character);
    expect(hover).toContain('A message that came due longer ago than this is not sent.');
    expect(hover).toContain('24 hours');
  });

  it.each([
    ['of a step', 'steps:\n  - wait: 1 hour\n  - │\n', 'wait', 'Goes on when the time is over'],
    [
      'an operator',
      'who: { customer.orders: { at le│ast: 1 } }\nsteps: [stop]\n',
      'at least',
      'Is this number or more',
    ],
  ])('explain a word: %s', async (_, body, word, doc) => {
    const { text, line } = cursorIn(HEAD + body);
    const { path } = await open(text);
    const at = text.split('\n').findIndex((each) => each.includes(word));
    const hover = await server.hover(path, at, text.split('\n')[at]!.indexOf(word) + 1);
    expect(line).toBeGreaterThanOrEqual(at);
    expect(hover).toContain(doc);
  });

  it('list the kinds of steps where one may stand', async () => {
    const { text, line, character } = cursorIn(`${HEAD}steps:\n  - wait: 1 hour\n  - │\n`);
    const { path } = await open(text);
    const labels = await server.complete(path, line, character);
    const kinds = ['wait', 'send', 'if', 'split', 'repeat', 'set', 'emit', 'webhook', 'pause', 'resume', 'unsubscribe'];
    expect(labels).toEqual(expect.arrayContaining([...kinds, 'stop']));
  });

  it('list the words of a closed list', async () => {
    const { text, line, character } = cursorIn(`${HEAD}while running: │\nsteps: [stop]\n`);
    const { path } = await open(text);
    expect(await server.complete(path, line, character)).toEqual(
      expect.arrayContaining(['ignore', 'restart wait', 'restart', 'collect']),
    );
  });

  it('are found by a line at the top of a file, too', async () => {
    const line = `# yaml-language-server: $schema=${join(root, 'schemas/rule.schema.json')}\n`;
    const { found } = await open(line + rule.replace('priority:', 'priorty:'), 'elsewhere.yaml');
    expect(found.join('\n')).toContain('priorty');
    expect((await open(line + rule, 'elsewhere.yaml')).found).toEqual([]);
  });
});
