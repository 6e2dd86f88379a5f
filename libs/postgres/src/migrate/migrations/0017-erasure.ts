import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Customers who were erased: what must not be written to again, what must not be recorded again, and who wanted it. */
export class Erasure1764000000017 implements MigrationInterface {
  name = 'Erasure1764000000017';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(ERASURE);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table erased_address, erased_address_key, erased_customer, erasure');
  }
}

const ERASURE = `
-- Only a hash of the channel and the address, keyed with KAIROS_SECRET: it recognises an address and tells none.
create table erased_address (
  hash bytea primary key,
  erased_at timestamptz not null default clock_timestamp()
);

-- By which secret delivery recognises them; one row, of the delivery that came last.
create table erased_address_key (
  the_only boolean primary key default true check (the_only),
  fingerprint bytea not null
);

-- As long as the tombstone in customer_state: events of hers until then are not recorded. ms of the stream's clock.
create table erased_customer (
  customer_id uuid primary key,
  until bigint not null
);

-- The audit trail; nothing in it says who was erased.
create table erasure (
  id uuid primary key,
  at timestamptz not null,
  by text not null,
  reason text,
  ids int not null,
  messages int not null
);
`;
