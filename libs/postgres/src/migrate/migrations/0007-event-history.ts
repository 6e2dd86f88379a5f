import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What customers sent, by day, and how far each partition is recorded. */
export class EventHistory1764000000007 implements MigrationInterface {
  name = 'EventHistory1764000000007';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(EVENT_HISTORY);
    await runner.query(daysFor(`'message', 'message_outcome', 'run_trace', 'log', 'event_history'`));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table event_history, history_position');
    await runner.query(daysFor(`'message', 'message_outcome', 'run_trace', 'log'`));
  }
}

const EVENT_HISTORY = `
-- The day is that of the append time: rows come in its order and go by it.
create table event_history (
  day date not null,
  stream text not null,
  partition smallint not null,
  log_offset bigint not null,
  append_time bigint not null,
  event_time bigint not null,
  customer_id uuid not null,
  customer text not null,
  type text not null,
  name text,
  historical boolean not null,
  value bytea not null,
  primary key (stream, partition, log_offset, day)
) partition by range (day);
create index on event_history (customer_id, append_time);
create index on event_history (append_time, partition, log_offset);

create table history_position (
  stream text,
  partition smallint,
  next_offset bigint not null,
  primary key (stream, partition)
) with (fillfactor = 20);
`;

/** The same function as before with one more table: values of it are kept as they are, compressing them is worth it. */
function daysFor(tables: string): string {
  return `
create or replace function ensure_days(parent text, days date[]) returns int language plpgsql as $body$
declare
  wanted date;
  child text;
  made int := 0;
begin
  if parent not in (${tables}) then
    raise exception '% is not a table partitioned by day', parent;
  end if;
  foreach wanted in array days loop
    child := parent || to_char(wanted, '"_"YYYYMMDD');
    continue when is_partition(parent, child);
    perform pg_advisory_xact_lock(hashtext('kairos:ensure_days'));
    -- Looked for in the catalogue's rows: the name cache may not have heard yet of what another session just made.
    continue when is_partition(parent, child);
    execute format('create table %I (like %I including all)', child, parent);
    if parent = 'log' then
      execute format('alter table %I alter column value set storage external', child);
    end if;
    execute format('alter table %I attach partition %I for values from (%L) to (%L)', parent, child, wanted, wanted + 1);
    made := made + 1;
  end loop;
  return made;
end $body$;
`;
}
