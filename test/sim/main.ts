import { parseArgs } from 'node:util';
import { runSeed, type Measure, type Outcome } from './run-seed.js';
import { shopRulesets } from './shop.js';
import { VirtualTime } from './virtual-time.js';

const USAGE = 'Usage: npm run sim -- [--seeds N] [--from SEED] [--seed SEED] [--calls N] [--story] [--first]';

function readArguments() {
  const text = { type: 'string' } as const;
  try {
    const { values } = parseArgs({
      options: {
        seeds: text,
        from: text,
        seed: text,
        calls: text,
        story: { type: 'boolean' },
        first: { type: 'boolean' },
      },
    });
    const number = (name: 'seeds' | 'from' | 'seed' | 'calls', otherwise: number) => {
      const given = values[name];
      if (given === undefined) return otherwise;
      if (!/^\d+$/.test(given)) throw new Error(`--${name} must be a whole number.`);
      return Number(given);
    };
    const from = values.seed === undefined ? number('from', 1) : number('seed', 1);
    const count = values.seed === undefined ? number('seeds', 1_000) : 1;
    return {
      from,
      count,
      calls: number('calls', 60),
      story: values.story === true,
      atMost: values.first === true ? 1 : 5,
    };
  } catch (error) {
    console.error(`${(error as Error).message}\n${USAGE}`);
    process.exit(2);
  }
}

const { from, count, calls, story, atMost } = readArguments();
const versions = shopRulesets();
const time = new VirtualTime(0);
time.install();
const run = (measure: Measure): Promise<Outcome> => runSeed(measure, time, versions);

/** Less of everything, as long as it still fails. */
async function shrink(measure: Measure): Promise<Measure> {
  let smallest = measure;
  const tries: ((of: Measure) => Measure)[] = [
    (of) => ({ ...of, publishes: false }),
    (of) => ({ ...of, faults: false }),
    ...[0.25, 0.5, 0.75, 0.9].map((share) => (of: Measure) => ({ ...of, calls: Math.floor(of.calls * share) })),
  ];
  for (let again = true; again;) {
    again = false;
    for (const smaller of tries) {
      const next = smaller(smallest);
      if (plain(next) === plain(smallest) || (await run(next)).violations.length === 0) continue;
      smallest = next;
      again = true;
      break;
    }
  }
  return smallest;
}

const plain = (measure: Measure) => JSON.stringify(measure);

let failed = 0;
let steps = 0;
for (let seed = from; seed < from + count && failed < atMost; seed++) {
  const measure: Measure = { seed, calls, faults: true, publishes: true };
  const outcome = await run(measure);
  steps += outcome.steps;
  if (story && count === 1) console.log(outcome.story.join('\n'));
  if (outcome.violations.length === 0) continue;
  failed++;
  const smallest = count === 1 || atMost === 1 ? measure : await shrink(measure);
  const { violations, story: told } = await run(smallest);
  console.log(`\nseed ${seed} failed; smallest: ${plain(smallest)}`);
  for (const violation of violations) console.log(`  ${violation}`);
  if (story && count > 1) console.log(told.join('\n'));
}
console.log(`${count} seeds, ${failed} failed (${steps} steps after the faults)`);
process.exitCode = failed === 0 ? 0 : 1;
