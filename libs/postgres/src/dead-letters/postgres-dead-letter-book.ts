import type { Clock, DeadLetterBook, DeadLetterQuery, KeptDeadLetter } from '#engine';
import { int8Array } from '../binary/binary-arrays.js';
import { msOf } from '../connect/clock-parameters.js';
import type { PostgresPool, Statement } from '../connect/postgres-pool.js';

interface LetterRow {
  readonly id: string;
  readonly stream: string;
  readonly partition: number;
  readonly log_offset: number;
  readonly at: number;
  readonly reason: string;
  readonly detail: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: { readonly [name: string]: string } | null;
  readonly replayable: boolean;
  readonly resolution: KeptDeadLetter['resolution'];
  readonly resolved_at: number | null;
  readonly resolved_by: string | null;
  readonly held: number;
}

const COLUMNS = `
  d.id::text as id, d.stream, d.partition, d.log_offset, ${msOf('d.at')} as at, d.reason, d.detail, d.key, d.value, d.headers,
  d.replayable, d.resolution, ${msOf('d.resolved_at')} as resolved_at, d.resolved_by,
  (select count(*)::int from customer_hold h
    where h.stream = d.stream and h.partition = d.partition and h.log_offset = d.log_offset and h.about = d.about
      and h.held_until > clock_timestamp()) as held`;

const LIST: Statement = {
  name: 'dead_letters_list',
  text: `
    select ${COLUMNS} from dead_letter d
     where ($2::text is null or d.reason = $2) and ($3::float8 is null or d.at >= to_timestamp($3 / 1000))
       and ($4 or d.resolution is null)
     order by d.id desc limit $1`,
};

const FIND: Statement = {
  name: 'dead_letters_find',
  text: `select ${COLUMNS} from dead_letter d where d.id = any($1::int8[]) order by d.id`,
};

const REPLAYED: Statement = {
  name: 'dead_letters_replayed',
  text: `
    with d as (
      update dead_letter set resolution = 'replayed', resolved_at = clock_timestamp(), resolved_by = $3
       where id = $1::int8 and resolution is null returning stream, partition, log_offset, about)
    update customer_hold h set replayed_offset = $2 from d
     where h.stream = d.stream and h.partition = d.partition and h.log_offset = d.log_offset and h.about = d.about`,
};

const DROP: Statement = {
  name: 'dead_letters_drop',
  text: `
    with d as (
      update dead_letter set resolution = 'dropped', resolved_at = clock_timestamp(), resolved_by = $2
       where id = any($1::int8[]) and resolution is null returning id, stream, partition, log_offset, about),
    freed as (
      delete from customer_hold h using d
       where h.stream = d.stream and h.partition = d.partition and h.log_offset = d.log_offset and h.about = d.about)
    select id::text as id from d order by d.id`,
};

/** The table `dead_letter`. Ids are decimal numbers. */
export class PostgresDeadLetterBook implements DeadLetterBook {
  constructor(
    private readonly pool: PostgresPool,
    private readonly clock: Clock,
  ) {}

  async list({ limit, reason, since, settled = false }: DeadLetterQuery): Promise<readonly KeptDeadLetter[]> {
    const { rows } = await this.pool.run<LetterRow>(LIST, [limit, reason ?? null, since ?? null, settled]);
    return rows.map((row) => this.letterOf(row));
  }

  async find(ids: readonly string[]): Promise<readonly KeptDeadLetter[]> {
    const { rows } = await this.pool.run<LetterRow>(FIND, [int8Array(ids.map(Number))]);
    return rows.map((row) => this.letterOf(row));
  }

  async noteReplayed(id: string, offset: number, by: string): Promise<void> {
    await this.pool.run(REPLAYED, [id, offset, by]);
  }

  async drop(ids: readonly string[], by: string): Promise<readonly string[]> {
    const { rows } = await this.pool.run<{ id: string }>(DROP, [int8Array(ids.map(Number)), by]);
    return rows.map(({ id }) => id);
  }

  private letterOf({ log_offset, at, resolved_at, resolved_by, ...row }: LetterRow): KeptDeadLetter {
    return {
      ...row,
      offset: log_offset,
      at: this.clock.at(at),
      resolvedAt: resolved_at === null ? null : this.clock.at(resolved_at),
      resolvedBy: resolved_by,
    };
  }
}
