import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { readWorkspace, type Workspace } from '#core';
import { readWorkspaceFolder } from '#hosting';
import { formatDecision, Simulation } from '#rule-testing';
import { generate, writeCase } from '../oracle/generate.mjs';
import { FEATURE_NAMES } from '../oracle/generate-features.mjs';
import { readOptions } from '../oracle/options.mjs';
import { runCase } from '../oracle/run-case.mjs';

const CASES = new URL('../oracle/cases/', import.meta.url).pathname;
/** Cases by name: `ORACLE_CASES='split|repeat' npm test -- test/integration/oracle.spec.ts`. */
const CHOSEN = new RegExp(process.env['ORACLE_CASES'] ?? '');
/**
 * Of `moments` it is not settled whether a wait moves with the customer's time zone; it has cases above, which agree.
 */
const NOT_BUILT = {
  features: ['moments'],
  cases: /^194-/,
};
/**
 * Random workspaces; more on demand: `ORACLE_SEEDS=1-5000 npm test -- test/integration/oracle.spec.ts`, with `ORACLE_FEATURES=split,repeat`
 * (names in generate-features.mjs; `none` are the plain ones) only with those features.
 */
const [FIRST = 1, LAST = 150] = (process.env['ORACLE_SEEDS'] ?? '').split('-').filter(Boolean).map(Number);
/** So many a test, so that none runs for minutes. */
const CHUNK = 50;
const CHUNKS = Array.from({ length: Math.ceil((LAST - FIRST + 1) / CHUNK) }, (_, n): [number, number] => [
  FIRST + n * CHUNK,
  Math.min(LAST, FIRST + (n + 1) * CHUNK - 1),
]);

async function workspaceAt(folder: string): Promise<Workspace> {
  const { workspace, diagnostics } = readWorkspace(await readWorkspaceFolder(folder));
  if (workspace === null) throw new Error(JSON.stringify(diagnostics.filter((found) => found.severity === 'error')));
  return workspace;
}

const linesOf = (file: string): string[] =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line.trim() !== '')
    : [];

async function simulated(folder: string): Promise<string[]> {
  const { from, to, assumeConsent } = readOptions(linesOf(join(folder, 'args')));
  const lines: string[] = [];
  const simulation = new Simulation({
    workspace: await workspaceAt(join(folder, 'workspace')),
    assumeConsent,
    from: from ?? null,
    to: to ?? null,
    onDecision: (decision) => lines.push(formatDecision(decision)),
  });
  linesOf(join(folder, 'customers.ndjson')).forEach((line, i) =>
    simulation.customer(JSON.parse(line), `customer ${i + 1}`),
  );
  for (const [i, line] of linesOf(join(folder, 'events.ndjson')).entries()) {
    let json: unknown;
    try {
      json = JSON.parse(line);
    } catch {
      continue;
    }
    simulation.line(json, `line ${i + 1}`);
  }
  simulation.finish();
  return lines;
}

describe('simulation against the design, sentence by sentence', () => {
  it.each(
    readdirSync(CASES)
      .filter((name) => CHOSEN.test(name) && !NOT_BUILT.cases.test(name))
      .sort(),
  )('%s', async (name) => {
    const folder = join(CASES, name);
    expect(await simulated(folder)).toEqual(linesOf(join(folder, 'expected.ndjson')));
  });
});

describe('simulation against a program written from the design alone', () => {
  beforeAll(() => {
    process.env['ORACLE_FEATURES'] ??= FEATURE_NAMES.filter((name) => !NOT_BUILT.features.includes(name)).join(',');
  });

  it.each(CHUNKS)('decides the same on the random workspaces %i to %i', async (first, last) => {
    const differing: string[] = [];
    let decisions = 0;
    for (let seed = first; seed <= last; seed++) {
      const folder = mkdtempSync(join(tmpdir(), 'kairos-oracle-'));
      try {
        writeCase(folder, generate(seed));
        const expected: string[] = runCase(folder);
        const actual = await simulated(folder);
        decisions += expected.length;
        const at = expected.findIndex((line, i) => line !== actual[i]);
        if (at >= 0 || actual.length !== expected.length) {
          const place = at >= 0 ? at : expected.length;
          differing.push(
            `seed ${seed}, line ${place + 1} of ${expected.length}\n  wanted ${expected[place]}\n  got    ${actual[place]}`,
          );
        }
      } finally {
        rmSync(folder, { recursive: true });
      }
    }
    expect(differing.join('\n')).toBe('');
    expect(decisions).toBeGreaterThan(10 * (last - first));
  });
});
