import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readWorkspace, type DeliveryDecision, type WorkspaceFile } from '#core';
import { readConfig } from '#config';
import { readWorkspaceFolder, SteppedClock } from '#hosting';
import { createLog } from '#observability';
import { formatDecision, Simulation } from '#rule-testing';
import { describeWhereKafkaCanRun, useDatabase } from '#testkit';
import { demoCustomers, readRecordedWeek } from '../../apps/standalone/src/demo/recorded-week.js';
import { Replay, type ReplayedCall } from '../../apps/standalone/src/replay/replay.js';
import { TrackedStream } from '../../apps/standalone/src/replay/tracked-stream.js';
import { startStandalone } from '../../apps/standalone/src/start-standalone.js';
import { startKafka } from '../../tools/kafka/kafka-broker.mjs';
import { FEATURE_NAMES } from '../oracle/generate-features.mjs';
import { generate } from '../oracle/generate.mjs';

const ROOT = new URL('../../', import.meta.url).pathname;

/** What does nothing live yet, or is known to live alone. */
const NOT_LIVE = ['identity', 'fallback', 'engagement'];
const LIVE = FEATURE_NAMES.filter((name) => !NOT_LIVE.includes(name)).join(',');

/** A recording whose calls stand at the instants at which they reach the stream. */
interface Recording {
  readonly files: readonly WorkspaceFile[];
  readonly customers: readonly ReplayedCall[];
  readonly calls: readonly ReplayedCall[];
  readonly end: number;
}

/** What live and simulation must agree on: everything but the instant and the channel of what was not sent. */
function essence(decision: DeliveryDecision): string {
  const line = JSON.parse(formatDecision(decision)) as Record<string, unknown>;
  return JSON.stringify([
    line['customer'],
    line['rule'],
    line['key'],
    line['step'],
    line['template'],
    line['outcome'],
    line['reason'],
  ]);
}

/** Without grace, so that live fires where simulation does. */
function withoutGrace(files: readonly WorkspaceFile[]): WorkspaceFile[] {
  return files.map((file) =>
    file.path === 'kairos.yaml'
      ? { ...file, bytes: Buffer.concat([file.bytes, Buffer.from('\ngrace: 0 seconds\n')]) }
      : file,
  );
}

async function decidedLive(recording: Recording, databaseUrl: string, kafka: string | null): Promise<string[]> {
  const data = mkdtempSync(join(tmpdir(), 'kairos-live-'));
  const env = {
    KAIROS_DATA: data,
    KAIROS_HTTP: '127.0.0.1:0',
    KAIROS_OPS: '127.0.0.1:0',
    KAIROS_PARTITIONS: '3',
    DATABASE_URL: databaseUrl,
    ...(kafka === null ? {} : { KAFKA_BROKERS: kafka }),
  };
  const clock = new SteppedClock(recording.customers[0]!.at);
  const decisions: DeliveryDecision[] = [];
  let tracked: TrackedStream | undefined;
  const standalone = await startStandalone({
    config: readConfig(env, { directory: data, workspace: '.', terminal: false }),
    files: recording.files,
    clock,
    log: createLog({ level: 'warn', format: 'json', service: 'test' }),
    secrets: {},
    say: () => undefined,
    wrapStream: (stream) => (tracked = new TrackedStream(stream)),
    hostDelivery: false,
    onDecision: (decision) => decisions.push(decision),
  });
  try {
    const replay = new Replay(standalone, clock, tracked!);
    await replay.run(recording.customers);
    await replay.run(recording.calls);
    await replay.advanceTo(recording.end);
    const dead = await standalone.backbone.ledger.list({ limit: 1_000_000 });
    expect(dead.filter((message) => message.outcome === 'failed' || message.outcome === 'unknown')).toEqual([]);
  } finally {
    await standalone.stop();
    rmSync(data, { recursive: true, force: true });
  }
  return decisions.map(essence);
}

function decidedInSimulation({ files, customers, calls, end }: Recording): string[] {
  const { workspace, diagnostics } = readWorkspace(files);
  if (workspace === null) throw new Error(JSON.stringify(diagnostics));
  const lines: string[] = [];
  const simulation = new Simulation({
    workspace,
    assumeConsent: false,
    from: null,
    to: end - 1,
    onDecision: (decision) => lines.push(essence(decision)),
  });
  [...customers, ...calls].forEach(({ at, call }, i) => {
    expect(simulation.line({ ...call, receivedAt: new Date(at).toISOString() }, `line/${i}`)).toBeNull();
  });
  simulation.finish();
  return lines;
}

async function recordedShop(): Promise<Recording> {
  const week = readRecordedWeek(join(ROOT, 'examples/recordings/otto.ndjson.gz'), 28);
  const files = withoutGrace(await readWorkspaceFolder(join(ROOT, 'examples/shop')));
  return { files, customers: demoCustomers(week), calls: week.calls, end: week.to + 70 * 86_400_000 };
}

/** A random workspace of the reference program, its events in the order in which they reach the stream. */
function randomShop(seed: number): Recording {
  const { files, events, customers } = generate(seed);
  const instant = (call: unknown): number => {
    const { receivedAt, timestamp } = call as { receivedAt?: string; timestamp: string };
    return Date.parse(receivedAt ?? timestamp);
  };
  let clock = -Infinity;
  const calls = events.map((event) => {
    clock = Math.max(clock, instant(event));
    const call = { ...(event as Record<string, unknown>) };
    delete call['receivedAt'];
    return { at: clock, call };
  });
  const start = calls[0]!.at - 86_400_000;
  return {
    files: withoutGrace(Object.entries(files).map(([path, text]) => ({ path, bytes: Buffer.from(text) }))),
    customers: customers.map((call) => ({ at: start, call: call as Record<string, unknown> })),
    calls,
    end: clock + 4 * 86_400_000,
  };
}

/** Order between customers is free where they share an instant; each customer's own order is not. */
function byCustomer(lines: readonly string[]): Record<string, string[]> {
  const grouped: Record<string, string[]> = {};
  for (const line of lines) (grouped[JSON.parse(line)[0] as string] ??= []).push(line);
  return grouped;
}

async function expectSame(recording: Recording, databaseUrl: string, kafka: string | null): Promise<void> {
  const simulated = decidedInSimulation(recording);
  expect(simulated.length).toBeGreaterThan(0);
  expect(byCustomer(await decidedLive(recording, databaseUrl, kafka))).toEqual(byCustomer(simulated));
}

describe('live decides what the simulation of its recording decides', () => {
  describe('on the embedded log, for four recorded weeks of a shop', () => {
    const database = useDatabase({ tables: false });
    it('with the same outcome and reason for every message', async () => {
      await expectSame(await recordedShop(), database.url, null);
    });
  });

  describe.each([
    [2, 'none'],
    [3, 'none'],
    [5, 'none'],
    [2, LIVE],
    [5, LIVE],
    [37, 'items'],
    [15, 'items'],
  ])('on the embedded log, for random shop %i with %s', (seed, features) => {
    const database = useDatabase({ tables: false });
    it('with the same outcome and reason for every message', async () => {
      process.env['ORACLE_FEATURES'] = features;
      await expectSame(randomShop(seed), database.url, null);
    });
  });

  describeWhereKafkaCanRun('on Kafka, for four recorded weeks of a shop', () => {
    const database = useDatabase({ tables: false });
    it('with the same outcome and reason for every message', async () => {
      // A broker of its own: what other tests wrote to the topic would be this shop's events too.
      const kafka = await startKafka({ quiet: true });
      try {
        await expectSame(await recordedShop(), database.url, kafka.brokers);
      } finally {
        await kafka.stop();
      }
    });
  });
});
