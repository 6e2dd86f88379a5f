import type { PublishRequest } from '#engine';
import { PostgresPool, PostgresRulesetStore } from '#postgres';
import { useDatabase } from '#testkit';

const file = (path: string, text: string) => ({ path, bytes: Buffer.from(text) });

function workspace(rules: { [name: string]: string }, template = 'Hello'): PublishRequest {
  return {
    files: [
      file('kairos.yaml', 'shop: {}'),
      ...Object.entries(rules).map(([name, text]) => file(`rules/${name}.yaml`, text)),
      file('templates/cart/email.html', template),
    ],
    rules: Object.keys(rules).map((name) => ({ name, path: `rules/${name}.yaml` })),
    templates: [{ name: 'cart', paths: ['templates/cart/email.html'] }],
    publishedBy: 'ann',
    removed: 'finish',
  };
}

describe('PostgresRulesetStore', () => {
  const database = useDatabase();
  let pool: PostgresPool;
  let store: PostgresRulesetStore;

  beforeAll(() => {
    pool = new PostgresPool({ url: database.url, applicationName: 'test', max: 4, log: () => undefined });
    store = new PostgresRulesetStore(pool, 'kairos.events');
  });
  afterAll(() => pool.end());
  beforeEach(() =>
    database.query('truncate ruleset, rule_version, ruleset_rule, template_version, ruleset_template restart identity'),
  );

  it('knows nothing before anything was published', async () => {
    expect(await store.latest()).toBeNull();
    expect(await store.knownVersions()).toEqual([]);
    expect(await store.containing('cart', 1)).toBeNull();
  });

  it('gives back the files to the byte, with the version of each rule', async () => {
    const request = workspace({ cart: 'start: …', care: 'start: b' });
    expect(await store.publish(request)).toEqual({ number: 1, unchanged: false });
    const latest = await store.latest();
    expect(latest).toMatchObject({ number: 1, publishedBy: 'ann', versions: { cart: 1, care: 1 } });
    const byPath = (files: PublishRequest['files']) =>
      new Map(files.map(({ path, bytes }) => [path, Buffer.from(bytes).toString()]));
    expect(byPath(latest!.files)).toEqual(byPath(request.files));
  });

  it('raises the version of a rule only when its own text changed', async () => {
    await store.publish(workspace({ cart: 'a', care: 'b' }));
    expect(await store.publish(workspace({ cart: 'a2', care: 'b' }))).toEqual({ number: 2, unchanged: false });
    expect((await store.latest())!.versions).toEqual({ cart: 2, care: 1 });
    expect(await store.publish(workspace({ cart: 'a2', care: 'b' }, 'Good day'))).toEqual({
      number: 3,
      unchanged: false,
    });
    expect((await store.latest())!.versions).toEqual({ cart: 2, care: 1 });
    expect(await database.query('select max(version) as version from template_version')).toEqual([{ version: 2 }]);
  });

  it('publishes nothing new when nothing changed, whatever the order of the files', async () => {
    const request = workspace({ cart: 'a' });
    await store.publish(request);
    expect(await store.publish({ ...request, files: [...request.files].reverse() })).toEqual({
      number: 1,
      unchanged: true,
    });
  });

  it('finds the ruleset of a version that runs still keep, also after the rule is gone', async () => {
    await store.publish(workspace({ cart: 'a', care: 'b' }));
    await store.publish(workspace({ cart: 'a2' }));
    expect((await store.containing('cart', 1))!.number).toBe(1);
    expect((await store.containing('care', 1))!.number).toBe(1);
    expect((await store.containing('cart', 2))!.number).toBe(2);
    expect(await store.knownVersions()).toEqual([
      { rule: 'cart', version: 2 },
      { rule: 'care', version: 1 },
      { rule: 'cart', version: 1 },
    ]);
  });

  it('goes on with the versions of a rule that was away for a while', async () => {
    await store.publish(workspace({ cart: 'a', care: 'b' }));
    await store.publish(workspace({ cart: 'a' }));
    await store.publish(workspace({ cart: 'a', care: 'b2' }));
    expect((await store.latest())!.versions).toEqual({ cart: 1, care: 2 });
  });

  it('stores one ruleset when several processes publish the same at once', async () => {
    const published = await Promise.all([1, 2, 3, 4].map(() => store.publish(workspace({ cart: 'a' }))));
    expect(published.map(({ number }) => number)).toEqual([1, 1, 1, 1]);
    expect(published.filter(({ unchanged }) => !unchanged)).toHaveLength(1);
  });

  it('tells every partition of the stream in the transaction that publishes', async () => {
    await database.query("insert into stream_layout (stream, partitions) values ('kairos.events', 3)");
    const told = () =>
      database.query(
        `select partition, target_partition, seq::int, convert_from(value, 'UTF8') as value, headers->>'kairos-kind' as kind
           from stream_outbox order by partition`,
      );
    await store.publish(workspace({ cart: 'a' }));
    await store.publish(workspace({ cart: 'a' }));
    expect(await told()).toEqual(
      [0, 1, 2].map((partition) => ({
        partition,
        target_partition: partition,
        seq: 0,
        value: '{"ruleset" : 1}',
        kind: 'ruleset',
      })),
    );
    expect(await store.activation(1)).toEqual({ active: 0, partitions: 3 });
    await database.query("insert into stream_partition (stream, partition, ruleset) values ('kairos.events', 1, 1)");
    expect(await store.activation(1)).toEqual({ active: 1, partitions: 3 });
    await database.query('truncate stream_outbox, stream_layout, stream_partition');
  });

  it('remembers the removed rules whose runs are to end, until they come back', async () => {
    const publish = async (names: readonly string[], removed: 'finish' | 'stop') => {
      await store.publish({ ...workspace(Object.fromEntries(names.map((name) => [name, name]))), removed });
      return (await store.latest())!.stopped;
    };
    expect(await publish(['a', 'b', 'c', 'd'], 'finish')).toEqual([]);
    expect(await publish(['a', 'b', 'c'], 'finish')).toEqual([]);
    expect(await publish(['a'], 'stop')).toEqual(['b', 'c']);
    expect(await publish(['a', 'e'], 'finish')).toEqual(['b', 'c']);
    expect(await publish(['a', 'b'], 'stop')).toEqual(['c', 'e']);
  });

  it('finds a ruleset by its number', async () => {
    expect(await store.latestNumber()).toBeNull();
    await store.publish(workspace({ cart: 'a' }));
    await store.publish(workspace({ cart: 'b' }));
    expect(await store.latestNumber()).toBe(2);
    expect((await store.at(1))!.versions).toEqual({ cart: 1 });
    expect(await store.at(9)).toBeNull();
  });
});
