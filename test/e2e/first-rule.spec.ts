import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = new URL('../../', import.meta.url).pathname;

/** What the reader of the document does, one after the other. */
type Part =
  | { readonly kind: 'run'; readonly lines: string }
  | { readonly kind: 'see'; readonly lines: readonly string[] }
  | { readonly kind: 'save'; readonly path: string; readonly text: string };

/** A block after a sentence that ends in "`PATH`:" is saved there, and one that is part of a rule instead of its steps. */
function partsOf(document: string): readonly Part[] {
  const rule = 'my-shop/rules/abandoned-cart.yaml';
  return [...document.matchAll(/([^\n]*)\n\n```(\w+)\n(.*?)```/gs)].map(([, before, language, text]): Part => {
    if (language === 'sh') return { kind: 'run', lines: text! };
    if (language === 'text') return { kind: 'see', lines: text!.trimEnd().split('\n') };
    if (text!.startsWith('# part of a rule')) return { kind: 'save', path: rule, text: text! };
    const path = /`([^`]+)`:$/.exec(before!)?.[1];
    if (path === undefined) throw new Error(`it is not said where this belongs: ${text}`);
    return { kind: 'save', path, text: text! };
  });
}

describe('docs/first-rule.md, followed to the letter', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'kairos-first-rule-'));
    symlinkSync(join(ROOT, 'examples'), join(folder, 'examples'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** `npx kairos` is the one of this clone. Failing is part of the lesson: what it says is compared. */
  async function run(lines: string): Promise<string> {
    const script = `exec 2>&1\nnpx() { shift; node '${ROOT}bin/kairos.mjs' "$@"; }\nexport KAIROS_WORKSPACE=my-shop\n${lines}`;
    const shell = promisify(execFile)('bash', ['-c', script], { cwd: folder });
    return shell.then(({ stdout }) => stdout).catch((error: { stdout: string }) => error.stdout);
  }

  function save(path: string, text: string): void {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    if (!text.startsWith('# part of a rule')) return writeFileSync(file, text);
    const [head] = readFileSync(file, 'utf8').split('steps:\n');
    writeFileSync(file, head + text.slice(text.indexOf('steps:\n')));
  }

  it('shows what it says', async () => {
    let shown = '';
    for (const part of partsOf(readFileSync(join(ROOT, 'docs/first-rule.md'), 'utf8'))) {
      if (part.kind === 'run') shown = await run(part.lines);
      else if (part.kind === 'save') save(part.path, part.text);
      else for (const line of part.lines) expect(shown).toContain(line);
    }
  });
});
