import { EmbeddedEventStream, ensureEmbeddedLog } from '#streams';
import { TcpProxy, useDatabase } from '#testkit';
import { describeStreamContract, type StreamHarness } from './streams-contract.js';
import { describeOwnershipContract } from './streams-ownership-contract.js';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const clock = { at: (ms: number) => ms, now: () => Date.now() };

describe('the event stream in PostgreSQL', () => {
  const database = useDatabase();
  const proxies: TcpProxy[] = [];
  const openWith = (
    connectionString: string,
    name: string,
    { partitions = 4, group = name, sessionTimeoutMs = 6_000 } = {},
  ) => new EmbeddedEventStream({ name, group, partitions, connectionString, clock, log: silent, sessionTimeoutMs });

  const harness: StreamHarness = {
    create: async (name, partitions) => void (await ensureEmbeddedLog(database.url, name, partitions)),
    open: (name, options) => openWith(database.url, name, options),
    openFreezable: async (name, options) => {
      const proxy = await TcpProxy.to(database.url);
      proxies.push(proxy);
      return {
        stream: openWith(proxy.through(database.url), name, options),
        freeze: () => proxy.pause(),
        thaw: () => proxy.resume(),
      };
    },
    // As dropping days does: what is kept begins later.
    truncate: async (name, partition, before) => {
      await database.query('delete from log where stream = $1 and partition = $2 and log_offset < $3', [
        name,
        partition,
        before,
      ]);
      await database.query('update log_partition set start_offset = $3 where stream = $1 and partition = $2', [
        name,
        partition,
        before,
      ]);
    },
  };

  afterAll(async () => {
    await Promise.all(proxies.map((proxy) => proxy.stop()));
  });

  describeStreamContract(harness);
  describeOwnershipContract(harness, database);
});
