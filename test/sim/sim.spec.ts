import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { PLANTED_BUGS } from './planted-bugs.mjs';
import { tryBug } from './try-bug.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Built anew where it changed; planting reads the sources themselves. */
function simulate(...args: string[]): { readonly status: number | null; readonly stdout: string } {
  return spawnSync(process.execPath, ['scripts/start.mjs', 'test/sim/main.js', ...args], {
    cwd: root,
    encoding: 'utf8',
  });
}

describe('the engine in a world that is against it', () => {
  it('keeps its promises over 1,500 schedules of kills, stops, lost answers, rebalances and publications', () => {
    const { status, stdout } = simulate('--seeds', '1500');
    expect(stdout).toMatch(/1500 seeds, 0 failed/);
    expect(status).toBe(0);
  });

  it('goes the same way twice for the same seed', () => {
    const [first, second] = [simulate('--seed', '8', '--story'), simulate('--seed', '8', '--story')];
    expect(first.stdout.split('\n').length).toBeGreaterThan(200);
    expect(second.stdout).toBe(first.stdout);
  });

  it.each(PLANTED_BUGS.map(({ name }) => name))('is found out where %s', (name) => {
    expect(tryBug(name, 1_500)).toMatchObject({ found: true });
  });
});
