import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { OTHERS, runsIn, TRANSACTIONS, WITHOUT_POINT } from './points.mjs';
import { labelOf, writes, writingStatementsIn } from './statements.mjs';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** Files of the product that may hold SQL. */
function sources(): string[] {
  return ['libs', 'apps'].flatMap((folder) =>
    readdirSync(ROOT + folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts') && !/migrations|testkit|testing/.test(file))
      .map((file) => readFileSync(`${ROOT}${folder}/${file}`, 'utf8')),
  );
}

describe('the list of crash points', () => {
  const listed = new Set([...TRANSACTIONS.flatMap(({ statements }) => statements), ...Object.keys(WITHOUT_POINT)]);
  const found = new Set(sources().flatMap((source) => [...writingStatementsIn(source)]));

  it('knows every statement of the product that writes', () => {
    expect([...found].filter((label) => !listed.has(label))).toEqual([]);
    expect(found.size).toBeGreaterThan(60);
  });

  it('walks every point somewhere', () => {
    const walked = new Set([...runsIn('embedded'), ...runsIn('kafka')].map(({ point }) => point));
    expect([...TRANSACTIONS, ...OTHERS].map(({ name }) => name).filter((name) => !walked.has(name))).toEqual([]);
  });

  it('tells what writes from what reads, and calls it by its name', () => {
    expect(writes('select 1 from contact for update')).toBe(false);
    expect(writes({ text: 'with m as (update stream_partition set seq = 1 returning 1) select 1 from m' })).toBe(true);
    expect(labelOf({ name: 'ledger_close', text: 'delete from message_open' })).toBe('ledger_close');
    expect(labelOf('insert into log_member (stream) values ($1)')).toBe('insert into log_member');
    expect([...writingStatementsIn("{ name: 'a_b', text: `delete from contact` }; q('insert into days (d)')")]).toEqual(
      ['a_b', 'insert into days'],
    );
  });
});
