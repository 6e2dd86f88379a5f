// node test/chaos/try-bugs.mjs [WORDS OF THE NAME]: which planted bugs real processes are caught with (after a build).
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { BUGS_OF_PROCESSES } from './planted-bugs.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));

for (const { name, walk } of BUGS_OF_PROCESSES.filter((bug) => bug.name.includes(process.argv[2] ?? ''))) {
  const test = walk === undefined ? 'test/chaos/torture.spec.ts' : 'test/chaos/crash-points.spec.ts';
  const only = walk === undefined ? [] : ['-t', 'dies, fails or hangs'];
  const jest = ['--experimental-vm-modules', 'node_modules/.bin/jest', '--selectProjects', 'chaos', '--maxWorkers=1'];
  const { status, stderr } = spawnSync(process.execPath, [...jest, '--testPathPatterns', test, ...only], {
    cwd: root,
    env: { ...process.env, KAIROS_CHAOS_BUG: name, CRASH_POINTS: walk ?? '' },
    encoding: 'utf8',
  });
  const said =
    /^\s+\+\s+"(.*)",?$/m.exec(stderr)?.[1] ??
    /waited in vain.*|Waited.*|nobody came.*|.* not (?:come|seen).*/i.exec(stderr)?.[0];
  console.log(`${status === 0 ? 'NOT CAUGHT' : 'caught'}\t${name}\t${(said ?? '').trim().slice(0, 150)}`);
}
