import { customerIdOf, partitionFor } from '#core';
import { StoreError, type PartitionCommit, type PartitionStore } from '#engine';
import { randomName, useDatabase, waitUntil } from '#testkit';
import { compile, EngineUnderTest, sent } from './engine-under-test.js';

const PARTITIONS = 2;
const CUSTOMERS = Array.from({ length: 40 }, (_, k) => `customer ${k}`);
const rulesets = compile(
  {
    'segments.yaml': 'segments: { gold: { customer.tier: gold } }\n',
    'rules/gold.yaml': 'rule: gold\ncategory: promotional\nstart: { enters: gold }\nsteps: [{ send: hello }]\n',
    'rules/seen.yaml': 'rule: seen\ncategory: promotional\nstart: { event: Seen }\nsteps: [{ send: hello }]\n',
  },
  1,
);
const historical = (userId: string, tier: string) => ({
  key: userId,
  value: Buffer.from(JSON.stringify({ type: 'identify', userId, traits: { tier } })),
  headers: { 'kairos-historical': 'true' },
});

/** Its process dies in the middle: after so many commits with somebody started no more of them stands. */
function dyingAfter(store: PartitionStore, starts: number): PartitionStore {
  let left = starts;
  return new Proxy(store, {
    get(target, name) {
      if (name !== 'commit') {
        const value = Reflect.get(target, name) as unknown;
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      }
      return async (partition: number, commit: PartitionCommit) => {
        if (commit.listed.removed.length > 0 && left-- <= 0) throw new StoreError('it died', 'unreachable', true);
        return target.commit(partition, commit);
      };
    },
  });
}

describe('starting those already inside a rule, on PostgreSQL', () => {
  const database = useDatabase();
  let shop: EngineUnderTest;
  beforeEach(async () => {
    shop = await EngineUnderTest.open(database, PARTITIONS, [rulesets]);
  });
  afterEach(async () => {
    await shop.close();
    await database.query('truncate message_open, customer_state, partition_job, start_list');
  });

  const planned = async (): Promise<string[]> => {
    const { rows } = await shop.query('select customer, rule from message_open order by customer');
    return rows.map(({ customer, rule }) => `${String(customer)} ${String(rule)}`);
  };
  const ask = async (perHour: number): Promise<void> => {
    const id = randomName('start');
    const counted = Array.from(
      { length: PARTITIONS },
      (_, partition) => CUSTOMERS.filter((customer) => partitionFor(customer, PARTITIONS) === partition).length,
    );
    await shop.query(
      `insert into start_request (id, rule, per_hour, counted, ruleset, asked_by) values ('${id}', 'gold', $1, '{${counted.join(',')}}', 1, 'test')`,
      [perHour],
    );
    const request = {
      key: null,
      value: Buffer.from(JSON.stringify({ start: id })),
      headers: { 'kairos-kind': 'start' },
    };
    await shop.send(...Array.from({ length: PARTITIONS }, (_, partition) => ({ ...request, partition })));
  };

  it('goes on where the process died, and starts nobody twice', async () => {
    const dying = await shop.engine({ store: dyingAfter(shop.store, 1) });
    await shop.send(...CUSTOMERS.map((customer) => historical(customer, 'gold')), historical('silver', 'silver'));
    await ask(360_000);
    await waitUntil('some are started', async () => (await planned()).length > 0);
    expect((await planned()).length).toBeLessThan(CUSTOMERS.length);
    await dying.stop();
    await shop.engine();
    await waitUntil('the end of the job', async () => (await shop.openJobs()) === 0);
    expect(await planned()).toEqual(CUSTOMERS.map((customer) => `${customer} gold`).sort());
    const { rows } = await shop.query('select 1 from start_list');
    expect(rows).toEqual([]);
  });

  it('passes by who has left before her turn, and who came later', async () => {
    await shop.engine();
    // `eager` goes before `leaves` in their partition: its job is open until there is a second turn.
    await shop.send(historical('eager', 'gold'), historical('leaves', 'gold'));
    await shop.send(historical('first', 'gold'), historical('comes', 'silver'));
    // The second turn of each partition is an hour away.
    await ask(1);
    await waitUntil('who is inside is known', async () => {
      const { rows } = await shop.query(`select 1 from partition_job where (task ->> 'since') is not null`);
      return rows.length === PARTITIONS;
    });
    const { rows: before } = await shop.query('select customer_id from start_list');
    const waiting = before.map(({ customer_id }) => customer_id);
    expect(waiting).not.toContain(customerIdOf('comes'));
    await shop.send(historical('leaves', 'silver'), historical('comes', 'gold'), sent('comes', 'Seen'));
    await waitUntil('that has come', async () => (await planned()).includes('comes seen'));
    expect((await planned()).filter((line) => line.endsWith('gold'))).not.toContain('comes gold');
  });

  it('is a dead letter where nobody asked for it', async () => {
    await shop.engine();
    await shop.send({
      key: null,
      partition: 0,
      value: Buffer.from('{"start":"start/9/x"}'),
      headers: { 'kairos-kind': 'start' },
    });
    await waitUntil('the dead letter', async () => {
      const { rows } = await shop.query('select reason from dead_letter');
      return rows[0]?.['reason'] === 'unknown_start';
    });
  });
});
