import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Output, Terminal } from '../terminal/terminal.js';
import { watchWorkspace } from './watch-workspace.js';

const folder = mkdtempSync(join(tmpdir(), 'kairos-watch-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const CLEAR_SCREEN = '\u001b[2J';

function terminal(isTerminal: boolean): { terminal: Terminal; text: () => string } {
  let text = '';
  const out: Output = {
    isTerminal,
    color: false,
    columns: 80,
    write: (part) => void (text += part),
    line: (part = '') => void (text += `${part}\n`),
    drained: () => Promise.resolve(),
  };
  return { terminal: { out, err: out, directory: folder, environment: {} }, text: () => text };
}

/** Carries out each of the runs after the other, with a change of a file between them, and ends with Ctrl-C. */
async function watch(isTerminal: boolean, runs: readonly (() => void)[]): Promise<{ status: number; text: string }> {
  const { terminal: seen, text } = terminal(isTerminal);
  let count = 0;
  const status = await watchWorkspace(seen, { folder }, () => {
    const run = runs[count]!;
    count += 1;
    if (count === runs.length) process.emit('SIGINT');
    else writeFileSync(join(folder, 'kairos.yaml'), `# ${count}${'.'.repeat(count)}`);
    run();
    return Promise.resolve(1);
  });
  expect(count).toBe(runs.length);
  return { status, text: text() };
}

const nothing = (): void => undefined;
const fail = (code: string) => (): never => {
  throw Object.assign(new Error('it went wrong'), { code, retryable: false });
};

describe('watching a workspace', () => {
  it('runs again after a change, and ends with 0 whatever the runs found', async () => {
    const { status, text } = await watch(false, [nothing, nothing, nothing]);
    expect(status).toBe(0);
    expect(text.match(/Waiting for changes/g)).toHaveLength(3);
  });

  it('clears the screen before each run, of a terminal only', async () => {
    expect((await watch(true, [nothing, nothing])).text.split(CLEAR_SCREEN)).toHaveLength(3);
    expect((await watch(false, [nothing, nothing])).text).not.toContain('\u001b');
  });

  it('tells of an error and goes on, and says nothing of a file that vanished meanwhile', async () => {
    expect((await watch(false, [nothing, fail('workspace_folder'), nothing])).text).toContain('kairos: it went wrong');
    expect((await watch(false, [nothing, fail('ENOENT'), nothing])).text).not.toContain('went wrong');
    expect((await watch(false, [fail('ENOENT'), nothing])).status).toBe(0);
  });

  it('fails where the first run fails', async () => {
    await expect(watch(false, [fail('workspace_folder')])).rejects.toThrow('it went wrong');
  });
});
