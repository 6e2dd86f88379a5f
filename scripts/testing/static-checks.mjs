import { runNode } from './run-command.mjs';

const checks = [
  { name: 'type check', args: ['node_modules/typescript/bin/tsc', '--noEmit'], cure: 'npm run typecheck' },
  { name: 'lint', args: ['node_modules/eslint/bin/eslint.js', '.', '--max-warnings=0'], cure: 'npm run lint' },
  { name: 'dependency rules', args: ['scripts/check-structure.mjs'], cure: 'npm run deps' },
  { name: 'format', args: ['node_modules/prettier/bin/prettier.cjs', '--check', '.'], cure: 'npm run format' },
];

/** Runs all checks that need no test runner, two at a time, and shows what the failed ones said. */
export async function runStaticChecks() {
  const waiting = [...checks];
  const results = [];
  const work = async () => {
    for (let check = waiting.shift(); check; check = waiting.shift()) {
      const started = Date.now();
      const { status, output } = await runNode(check.args);
      console.log(
        `${status === 0 ? 'ok    ' : 'FAILED'} ${check.name} (${((Date.now() - started) / 1000).toFixed(1)} s)`,
      );
      if (status !== 0) console.log(output.trimEnd());
      results.push({
        name: check.name,
        outcome: status === 0 ? 'passed' : 'failed',
        reason: status === 0 ? undefined : `see above, or ${check.cure}`,
      });
    }
  };
  await Promise.all([work(), work()]);
  return results;
}
