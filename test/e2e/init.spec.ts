import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LanguageServer } from '../integration/language-server.js';
import { CLONE, kairos, useFolder } from './run-kairos.js';

const SCHEMAS = ['events', 'kairos', 'rule', 'segments', 'test'].map((kind) => `${kind}.schema.json`);

describe('kairos init', () => {
  const folder = useFolder();
  const shop = join(folder.path, 'shop');
  const run = (...args: string[]) => kairos(args, { directory: folder.path });
  const read = (path: string) => readFileSync(join(shop, path), 'utf8');
  const json = (path: string) => JSON.parse(read(path)) as { readonly [key: string]: unknown };

  it('makes a workspace that validates and whose tests pass', async () => {
    expect(await run('init', 'shop')).toMatchObject({ status: 0, stderr: '' });
    expect((await run('rules', 'validate', '--workspace', 'shop')).stdout).toBe(
      'shop: 1 rule, 1 template, no problems\n',
    );
    expect((await run('rules', 'test', '--workspace', 'shop')).stdout).toContain('5 passed, 0 failed');
  });

  it('tells VS Code which extension helps, and which schema is for which file', () => {
    expect(json('.vscode/extensions.json')).toEqual({ recommendations: ['redhat.vscode-yaml'] });
    expect(json('.vscode/settings.json')).toEqual({
      'yaml.schemas': {
        './.vscode/kairos/rule.schema.json': ['**/rules/*.yaml', '!**/rules/*.test.yaml'],
        './.vscode/kairos/test.schema.json': ['**/rules/*.test.yaml'],
        './.vscode/kairos/kairos.schema.json': ['**/kairos.yaml'],
        './.vscode/kairos/segments.schema.json': ['**/segments.yaml'],
        './.vscode/kairos/events.schema.json': ['**/events.yaml'],
      },
    });
    expect(readdirSync(join(shop, '.vscode/kairos')).sort()).toEqual(SCHEMAS);
    for (const schema of SCHEMAS) {
      const { $comment: ours, ...written } = json(`.vscode/kairos/${schema}`);
      const { $comment: clones, ...made } = JSON.parse(readFileSync(join(CLONE, 'schemas', schema), 'utf8')) as {
        readonly [key: string]: unknown;
      };
      expect(written).toEqual(made);
      expect([ours, clones]).toEqual([expect.stringContaining('kairos init --editor'), expect.any(String)]);
    }
  });

  it('is understood by the language server of the extension as it stands', async () => {
    const { 'yaml.schemas': schemas } = json('.vscode/settings.json');
    const server = await LanguageServer.start(shop, { schemas, validate: true });
    const found = async (path: string, text = read(path)) =>
      (await server.open(join(shop, path), text)).map(({ message }) => message);
    try {
      for (const path of [
        'kairos.yaml',
        'segments.yaml',
        'rules/abandoned-cart.yaml',
        'rules/abandoned-cart.test.yaml',
      ])
        expect(await found(path)).toEqual([]);
      const misspelt = {
        'rules/b.yaml': 'priorty: 1',
        'rules/b.test.yaml': 'clok: 2026-06-01T08:00:00Z',
        'other/kairos.yaml': 'lokale: en',
        'other/segments.yaml': 'segmnts: {}',
        'events.yaml': 'evnts: {}',
      };
      for (const [path, text] of Object.entries(misspelt))
        expect((await found(path, text)).join()).toContain(text.split(':')[0]);
    } finally {
      await server.close();
    }
  });

  it('overwrites nothing', async () => {
    const again = await run('init', 'shop');
    expect(again).toMatchObject({ status: 2, stdout: '' });
    expect(again.stderr).toContain('shop is not empty (.gitignore, .vscode, README.md, kairos.yaml, rules, …)');
  });

  it('brings the schemas of a workspace up to date with --editor, and leaves its settings alone', async () => {
    folder.write({ 'shop/.vscode/kairos/rule.schema.json': '{}', 'shop/.vscode/settings.json': '{ "mine": 1 }' });
    const { status, stdout, stderr } = await run('init', '--editor', 'shop');
    expect(status).toBe(0);
    expect(stdout.trim().split('\n').sort()).toEqual(SCHEMAS.map((name) => `shop/.vscode/kairos/${name}`));
    expect(stderr).toContain('shop/.vscode/settings.json is yours and stays as it is');
    expect(stderr).toContain('"./.vscode/kairos/rule.schema.json"');
    expect(stderr).not.toContain('extensions.json');
    expect(json('.vscode/kairos/rule.schema.json')['title']).toContain('A rule of Kairos');
    expect(read('.vscode/settings.json')).toBe('{ "mine": 1 }');
    expect((await run('init', '--editor', 'nowhere')).stderr).toContain('nowhere is no workspace');
  });
});
