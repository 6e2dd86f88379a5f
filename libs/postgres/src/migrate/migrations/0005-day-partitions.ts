import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Functions that make and drop the days of the tables partitioned by day. */
export class DayPartitions1764000000005 implements MigrationInterface {
  name = 'DayPartitions1764000000005';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(ENSURE_DAYS);
    await runner.query(DROP_DAYS_BEFORE);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`drop function ensure_days; drop function is_partition; drop function drop_days_before`);
  }
}

/**
 * There is no default partition: rows in it would make every later `attach` scan it under a lock. Writers ask for the
 * days they have not seen yet before their transaction. Attaching takes a lock that lets readers and writers go on,
 * `create table … partition of` would not.
 */
const ENSURE_DAYS = `
create function is_partition(parent text, child text) returns boolean language plpgsql as $body$
begin
  return exists (select from pg_inherits i join pg_class c on c.oid = i.inhrelid
                  where i.inhparent = parent::regclass and c.relname = child);
end $body$;

create function ensure_days(parent text, days date[]) returns int language plpgsql as $body$
declare
  wanted date;
  child text;
  made int := 0;
begin
  if parent not in ('message', 'message_outcome', 'run_trace', 'log') then
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

const DROP_DAYS_BEFORE = `
create function drop_days_before(parent text, first_kept date) returns int language plpgsql as $body$
declare
  child text;
  dropped int := 0;
begin
  perform pg_advisory_xact_lock(hashtext('kairos:ensure_days'));
  for child in
    select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent = parent::regclass and c.relname < parent || to_char(first_kept, '"_"YYYYMMDD') order by 1
  loop
    execute format('drop table %I', child);
    dropped := dropped + 1;
  end loop;
  return dropped;
end $body$;
`;
