import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { readWorkspaceFolder } from '#config';
import { readMapping, readWorkspace, renderDiagnostic, type Diagnostic, type WorkspaceFile } from '#core';
import { runRuleTests } from '#rule-testing';
import { anchors, codeBlocks, localLinks, markdownFiles, type CodeBlock } from './markdown-files.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const documents = markdownFiles(root);
const blocks = documents.flatMap(codeBlocks).filter((block) => block.language === 'yaml');

/** What a part of a file needs around it to be a file. */
const AROUND = {
  rule: { rule: 'example', category: 'promotional', start: '{ event: Product Added }', steps: '[send: cart-reminder]' },
  settings: {
    'time zone': 'Europe/Berlin',
    locale: 'en',
    channels: '[email]',
    categories: '{ promotional: { consent: opt-in }, care: { consent: opt-out } }',
  },
} as const;

/** The block as a file of a workspace; its first line says which: `# rules/NAME.yaml`, `# part of a rule`, … */
function fileOf({ place, text }: CodeBlock): { readonly path: string; readonly text: string } {
  const marker = /^# (.+)\n/.exec(text)?.[1] ?? '';
  if (/^(?:kairos|segments|events|rules\/[a-z0-9-]+(?:\.test)?)\.yaml$/.test(marker)) return { path: marker, text };
  if (/^[a-z-]+\.mapping\.yaml$/.test(marker)) return { path: marker, text };
  if (marker === 'part of a rule') return { path: 'rules/example.yaml', text: completed(text, AROUND.rule) };
  if (marker === 'part of kairos.yaml') return { path: 'kairos.yaml', text: completed(text, AROUND.settings) };
  if (marker === 'part of events.yaml') return { path: 'events.yaml', text };
  throw new Error(`${place} does not begin with "# rules/NAME.yaml", "# kairos.yaml" or "# part of …"`);
}

function completed(text: string, around: { readonly [key: string]: string }): string {
  const missing = Object.entries(around).filter(([key]) => !new RegExp(`^${key}:`, 'm').test(text));
  return text + missing.map(([key, value]) => `${key}: ${value}\n`).join('');
}

/** The example's workspace with the files that the same document showed before. */
async function workspaceAround(block: CodeBlock): Promise<readonly WorkspaceFile[]> {
  const document = blocks.filter((other) => other.place.split(':')[0] === block.place.split(':')[0]);
  const files = new Map((await readWorkspaceFolder(join(root, 'examples/shop'))).map((file) => [file.path, file]));
  for (const shown of document.slice(0, document.indexOf(block) + 1)) {
    const { path, text } = fileOf(shown);
    const isWhole = !shown.text.startsWith('# part of');
    if (isWhole || shown === block) files.set(path, { path, bytes: new TextEncoder().encode(text) });
  }
  return [...files.values()];
}

/** What is wrong with the block; that no provider is set is said of the example too. */
async function findings(block: CodeBlock): Promise<readonly string[]> {
  const { path, text } = fileOf(block);
  if (path.endsWith('.mapping.yaml'))
    return readMapping({ path, bytes: new TextEncoder().encode(text) }).diagnostics.map((each) =>
      shown(each, block, text),
    );
  const files = await workspaceAround(block);
  const { workspace, diagnostics } = readWorkspace(files);
  const found = diagnostics.filter((diagnostic) => isAbout(diagnostic, path)).map((each) => shown(each, block, text));
  if (!path.endsWith('.test.yaml')) return found;
  if (workspace === null) throw new Error(`the workspace around ${block.place} has errors`);
  const results = runRuleTests(
    workspace,
    files.filter((file) => file.path === path),
    { only: null },
  );
  const [file] = results.files;
  const failed = file?.tests.filter((test) => !test.passed).map((test) => `${block.place} "${test.name}" fails`);
  return [...found, ...(file?.diagnostics ?? []).map((each) => shown(each, block, text)), ...(failed ?? [])];
}

function shown(diagnostic: Diagnostic, block: CodeBlock, text: string): string {
  return `${block.place}\n${renderDiagnostic(diagnostic, text, { color: false })}`;
}

function isAbout({ file, code }: Diagnostic, path: string): boolean {
  return file === path && code !== 'settings/no-provider';
}

describe('the documentation', () => {
  it.each(documents.map(({ path, text }) => [path, text]))('%s holds no marks of a merge', (_, text) => {
    expect(text).not.toMatch(/^(?:<{7}|>{7}) /m);
  });

  it('shows rules and settings', () => {
    expect(blocks.length).toBeGreaterThan(10);
  });

  it.each(blocks.map((block) => [block.place, block] as const))('shows only valid YAML: %s', async (_, block) => {
    expect(await findings(block)).toEqual([]);
  });

  it.each(documents.map((document) => [document.path, document] as const))(
    'links to what exists: %s',
    (_, document) => {
      const broken = localLinks(document).filter((link) => {
        const [file = '', anchor] = link.split('#');
        const path = file === '' ? document.path : normalize(join(dirname(document.path), file));
        if (!existsSync(join(root, path))) return true;
        const target = documents.find((other) => other.path === path);
        return anchor !== undefined && (target === undefined || !anchors(target).has(anchor));
      });
      expect(broken).toEqual([]);
    },
  );

  it('has generated pages that say what the code says', async () => {
    const script = join(root, 'scripts/generate-reference.mjs');
    const check = promisify(execFile)(process.execPath, [script, '--check'], { cwd: root });
    // The exit status says the same; what stands on standard output names the pages.
    const { stdout } = await check.catch((error: { readonly stdout: string }) => error);
    expect(stdout).toBe('');
  });
});
