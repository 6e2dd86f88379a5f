// npm run chaos -- --minutes N --seed S --brokers 1|3: everything that may happen to an installation, at once (test/chaos).
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { root, say } from './setup/project.mjs';

const USAGE = 'npm run chaos -- [--minutes 10] [--seed 7] [--brokers 1|3]';

function readOptions() {
  const text = { type: 'string' };
  try {
    const { values } = parseArgs({ options: { minutes: text, seed: text, brokers: text } });
    const { minutes = '10', seed, brokers = '1' } = values;
    if (!(Number(minutes) > 0)) throw new Error(`--minutes ${minutes}: a number above 0 is wanted`);
    if (seed !== undefined && !/^\d+$/.test(seed)) throw new Error(`--seed ${seed}: a whole number is wanted`);
    if (brokers !== '1' && brokers !== '3') throw new Error(`--brokers ${brokers}: 1 or 3`);
    return { minutes, seed, brokers };
  } catch (error) {
    say(`${error.message}\n${USAGE}`);
    process.exit(2);
  }
}

const { minutes, seed, brokers } = readOptions();
const { status } = spawnSync(process.execPath, ['scripts/test.mjs', 'test/chaos/torture.spec.ts'], {
  cwd: root,
  stdio: 'inherit',
  env: {
    ...process.env,
    KAIROS_CHAOS_MINUTES: minutes,
    KAIROS_CHAOS_BROKERS: brokers,
    ...(seed === undefined ? {} : { KAIROS_CHAOS_SEED: seed }),
  },
});
process.exitCode = status ?? 1;
