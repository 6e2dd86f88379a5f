import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Runs the built simulation with one bug planted until a seed fails.
 * @param {string} name of PLANTED_BUGS
 * @param {number} seeds at most
 */
export function tryBug(name, seeds) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', './test/sim/plant.mjs', 'dist/test/sim/main.js', '--seeds', String(seeds), '--first'],
    { cwd: root, env: { ...process.env, PLANTED_BUG: name }, encoding: 'utf8' },
  );
  const violation = stdout.split('\n').find((line) => line.startsWith('  '));
  return { found: status === 1 && violation !== undefined, said: violation?.trim() ?? stderr.trim() };
}
