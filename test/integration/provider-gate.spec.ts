import { HttpProvider, limitedProvider, telegramWire } from '#channels';
import { PostgresPool, PostgresProviderGate } from '#postgres';
import { Arrivals, TcpProxy, useDatabase } from '#testkit';
import { outgoing, yes } from './channels-contract.js';
import { telegramError, telegramServer } from './provider-servers.js';

const clock = { now: () => Date.now() };
const observer = { circuit: () => undefined, postponed: () => undefined };
const message = () => outgoing({ channel: 'telegram', address: '770011223' });

describe('what several workers share of a provider', () => {
  const database = useDatabase();
  const pools: PostgresPool[] = [];
  const closing: (() => Promise<void>)[] = [];

  /** A worker as its own process would be: its own connections, its own provider. */
  const worker = (url: string, ratePerSecond: number | null) => {
    const pool = new PostgresPool({ url: database.url, applicationName: 'gate', max: 4, log: () => undefined });
    pools.push(pool);
    const gate = new PostgresProviderGate(pool);
    const inner = new HttpProvider(telegramWire({ token: 't', now: clock.now }), { url, clock, concurrency: 16 });
    const provider = limitedProvider(inner, { provider: 'telegram', ratePerSecond, gate, observer });
    closing.push(() => provider.close());
    return { provider, gate };
  };

  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
    for (const pool of pools.splice(0)) await pool.end();
    await database.query('truncate provider_gate');
  });

  it('is its rate: no attempt is ahead of it, whoever makes it', async () => {
    const { sink } = await telegramServer('t');
    const rate = 40;
    const workers = Array.from({ length: 4 }, () => worker(sink.url, rate).provider);
    const began = Date.now();
    const results = await Promise.all(
      workers.flatMap((provider) => Array.from({ length: 30 }, () => provider.send(message(), yes))),
    );
    expect(results.map(({ kind }) => kind)).toEqual(Array.from({ length: 120 }, () => 'accepted'));
    const arrivals = sink.requests.all.map(({ receivedAt }) => receivedAt.getTime());
    expect(arrivals).toHaveLength(120);
    // The n-th turn is n/rate after the first, so by no instant more have arrived than turns there were (1 ms: both are rounded).
    arrivals.forEach((at, n) => expect(at + 1).toBeGreaterThanOrEqual(began + (n * 1000) / rate));
    await sink.stop();
  });

  it('is postponed, not tried, what would have to wait longer than a few seconds', async () => {
    const { sink } = await telegramServer('t');
    const [first, second] = [worker(sink.url, 1 / 3600).provider, worker(sink.url, 1 / 3600).provider];
    expect(await first.send(message(), yes)).toMatchObject({ kind: 'accepted' });
    const later = await second.send(message(), () => Promise.reject(new Error('asked')));
    expect(later).toMatchObject({ kind: 'postponed', waitMs: expect.any(Number) as number });
    expect(later.kind === 'postponed' && later.waitMs).toBeGreaterThan(3_000_000);
    expect(sink.requests.all).toHaveLength(1);
    await sink.stop();
  });

  it('is the pause that the provider asked one of them for', async () => {
    const { sink } = await telegramServer('t');
    const [first, second] = [worker(sink.url, null), worker(sink.url, null)];
    sink.answerWith(telegramError(429, 'Too Many Requests: retry after 600', { retry_after: 600 }), 1);
    expect(await first.provider.send(message(), yes)).toMatchObject({ kind: 'temporary', retryAfterMs: 600_000 });
    for (const { provider } of [first, second])
      expect(await provider.send(message(), yes)).toMatchObject({ kind: 'postponed' });
    expect(sink.requests.all).toHaveLength(1);
    await sink.stop();
  });

  it('is its circuit: nobody tries where nobody answers, until one probe is answered', async () => {
    const { sink } = await telegramServer('t');
    const proxy = await TcpProxy.to(sink.url);
    const [first, second] = [worker(proxy.through(sink.url), null), worker(proxy.through(sink.url), null)];
    proxy.cut();
    for (let times = 0; times < 5; times++)
      expect(['temporary', 'unknown']).toContain((await first.provider.send(message(), yes)).kind);
    for (const { provider } of [first, second])
      expect(await provider.send(message(), () => Promise.reject(new Error('asked')))).toMatchObject({
        kind: 'postponed',
        detail: 'nobody answers at this provider',
      });
    expect(await first.gate.view()).toEqual([
      { provider: 'telegram', failures: 5, openForMs: expect.any(Number) as number, pausedForMs: null },
    ]);
    // Its ten seconds are over.
    await database.query('update provider_gate set open_until = 1');
    proxy.mend();
    expect(await second.provider.send(message(), yes)).toMatchObject({ kind: 'accepted' });
    expect(await first.provider.send(message(), yes)).toMatchObject({ kind: 'accepted' });
    expect(await first.gate.view()).toMatchObject([{ failures: 0, openForMs: null }]);
    await proxy.stop();
    await sink.stop();
  });

  it('lets one probe through, however many come', async () => {
    const { sink } = await telegramServer('t');
    const proxy = await TcpProxy.to(sink.url);
    const workers = Array.from({ length: 3 }, () => worker(proxy.through(sink.url), null));
    for (let times = 0; times < 5; times++) await workers[0]!.gate.failed('telegram', false);
    await database.query('update provider_gate set open_until = 1');
    // The probe is not answered before everybody else was told to wait.
    proxy.pause();
    const postponed = new Arrivals<string>('a message that waits');
    const results = await Promise.all(
      workers.flatMap(({ provider }) =>
        Array.from({ length: 5 }, async () => {
          const { kind } = await provider.send(message(), yes);
          if (kind === 'postponed') postponed.add(kind);
          if (postponed.all.length === 14) proxy.resume();
          return kind;
        }),
      ),
    );
    expect(results.filter((kind) => kind === 'accepted')).toHaveLength(1);
    expect(sink.requests.all).toHaveLength(1);
    await proxy.stop();
    await sink.stop();
  });
});
