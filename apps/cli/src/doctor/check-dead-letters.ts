import type { PostgresPool } from '#postgres';
import { ok, warn, type Check } from './check.js';

interface Count {
  readonly reason: string;
  /** null: of no rule. */
  readonly rule: string | null;
  readonly count: number;
}

/** What lies aside: records that were not applied, and rules that stand still for somebody. */
export async function checkDeadLetters(pool: PostgresPool): Promise<readonly Check[]> {
  const { rows } = await pool.run<Count>({
    text: `
      select reason, rule, count(*)::int as count
        from dead_letter,
             lateral (select case reason when 'suspended'
                        then convert_from(value, 'UTF8')::json -> 'timer' ->> 'rule' end as rule) named
       where resolution is null group by reason, rule order by reason, rule nulls last`,
  });
  return [checkRecords(rows.filter(({ reason }) => reason !== 'suspended')), ...checkSuspended(rows)];
}

function checkRecords(counts: readonly Count[]): Check {
  const name = 'dead letters';
  if (counts.length === 0) return ok(name, 'no record is put aside');
  const detail = `put aside: ${counts.map(({ reason, count }) => `${count} ${reason}`).join(', ')}`;
  return counts.some(({ reason }) => reason === 'poison')
    ? warn(
        name,
        detail,
        'kairos dead-letters --reason poison; when a version of Kairos with the fault mended runs: kairos dead-letters replay --reason poison',
      )
    : warn(name, detail, 'kairos dead-letters; then replay them, or drop them');
}

function checkSuspended(counts: readonly Count[]): readonly Check[] {
  const suspended = counts.filter(({ reason }) => reason === 'suspended');
  if (suspended.length === 0) return [];
  const of = ({ rule, count }: Count): string => {
    const customers = count === 1 ? '1 customer' : `${count} customers`;
    return rule === null ? `all that time brings about for ${customers}, who are held` : `${rule} for ${customers}`;
  };
  return [
    warn(
      'suspended',
      suspended.map(of).join(', '),
      'kairos dead-letters --reason suspended; when a version of Kairos with the fault mended runs: kairos dead-letters replay --reason suspended',
    ),
  ];
}
