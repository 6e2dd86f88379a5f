import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readWorkspace, type DeliveryDecision, type Workspace, type WorkspaceFile } from '#core';
import { readConfig } from '#config';
import { readWorkspaceFolder, SteppedClock } from '#hosting';
import { createLog } from '#observability';
import { formatDecision, Simulation } from '#rule-testing';
import { describeWhereKafkaCanRun, useDatabase } from '#testkit';
import { demoCustomers, readRecordedWeek } from '../../apps/standalone/src/demo/recorded-week.js';
import { overHttp, Replay, type ReplayedCall } from '../../apps/standalone/src/replay/replay.js';
import { TrackedStream } from '../../apps/standalone/src/replay/tracked-stream.js';
import { startStandalone, type Standalone } from '../../apps/standalone/src/start-standalone.js';
import { startKafka } from '../../tools/kafka/kafka-broker.mjs';
import { FEATURE_NAMES } from '../oracle/generate-features.mjs';
import { isFeedback, withFeedback, withMessageIds } from './recorded-feedback.js';
import { generate } from '../oracle/generate.mjs';

const ROOT = new URL('../../', import.meta.url).pathname;

/** What does nothing live yet. */
const NOT_LIVE = ['identity'];
const LIVE = FEATURE_NAMES.filter((name) => !NOT_LIVE.includes(name)).join(',');

/**
 * Random shops and the features their workspaces have; some are stopped and started again on the way. On demand others:
 * `LIVE_SEEDS=1-20 LIVE_FEATURES=repeat,emit`. In a few of those a limit is met to the millisecond (a cap of a day and
 * `defer up to 1 day`): live a timer fires one millisecond after its instant, and such a message falls to the other side.
 */
const SHOPS: readonly (readonly [seed: number, features: string])[] = process.env['LIVE_SEEDS']
  ? seedsIn(process.env['LIVE_SEEDS']).map((seed) => [seed, process.env['LIVE_FEATURES'] ?? LIVE])
  : [
      [2, 'none'],
      [3, 'none'],
      [5, 'none'],
      [2, LIVE],
      [3, LIVE],
      [5, LIVE],
      [11, LIVE],
      [1, 'fallback,engagement,opened'],
      [4, 'fallback,engagement,opened'],
      [9, 'fallback,engagement,opened'],
      [15, 'items'],
      [37, 'items'],
    ];

/** `7` or `1-20`. */
function seedsIn(text: string): number[] {
  const [from, to = from] = text.split('-').map(Number) as [number, number?];
  return Array.from({ length: to - from + 1 }, (_, n) => from + n);
}

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
    line['outcome'] === 'sent' ? line['channel'] : null,
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

interface Installation {
  readonly databaseUrl: string;
  /** null: the embedded log. */
  readonly kafka: string | null;
  /** How often everything is stopped and started again on the way. */
  readonly restarts: number;
}

async function decidedLive(recording: Recording, installation: Installation): Promise<string[]> {
  const data = mkdtempSync(join(tmpdir(), 'kairos-live-'));
  const clock = new SteppedClock(recording.customers[0]!.at);
  const decisions: DeliveryDecision[] = [];
  const { calls } = recording;
  try {
    for (let part = 0; part <= installation.restarts; part++) {
      const { standalone, replay } = await startLive(recording.files, installation, { data, clock, decisions });
      try {
        if (part === 0) await replay.run(recording.customers);
        const share = (n: number) => Math.floor((calls.length * n) / (installation.restarts + 1));
        await replay.run(calls.slice(share(part), share(part + 1)));
        if (part === installation.restarts) await replay.advanceTo(recording.end);
        const listed = await standalone.backbone.ledger.list({ limit: 1_000_000 });
        expect(listed.filter(({ outcome }) => outcome === 'failed' || outcome === 'unknown')).toEqual([]);
      } finally {
        await standalone.stop();
      }
    }
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
  return decisions.map(essence);
}

async function startLive(
  files: readonly WorkspaceFile[],
  { databaseUrl, kafka }: Installation,
  { data, clock, decisions }: { data: string; clock: SteppedClock; decisions: DeliveryDecision[] },
): Promise<{ readonly standalone: Standalone; readonly replay: Replay }> {
  const env = {
    KAIROS_DATA: data,
    KAIROS_HTTP: '127.0.0.1:0',
    KAIROS_OPS: '127.0.0.1:0',
    KAIROS_PARTITIONS: '3',
    DATABASE_URL: databaseUrl,
    ...(kafka === null ? {} : { KAFKA_BROKERS: kafka }),
  };
  let tracked: TrackedStream | undefined;
  const standalone = await startStandalone({
    config: readConfig(env, { directory: data, workspace: '.', terminal: false }),
    files,
    clock,
    log: createLog({ level: 'warn', format: 'json', service: 'test' }),
    secrets: {},
    say: () => undefined,
    wrapStream: (stream) => (tracked = new TrackedStream(stream)),
    hostDelivery: false,
    onDecision: (decision) => decisions.push(decision),
  });
  const send = withFeedback(standalone, overHttp(standalone));
  return { standalone, replay: new Replay(standalone, clock, tracked!, send, isFeedback) };
}

function decidedInSimulation({ files, customers, calls, end }: Recording): string[] {
  const { workspace, diagnostics } = readWorkspace(files);
  if (workspace === null) throw new Error(JSON.stringify(diagnostics));
  const lines: string[] = [];
  const simulation = simulationOf(workspace, end, (decision) => lines.push(essence(decision)));
  [...customers, ...calls].forEach(({ at, call }, i) => {
    expect(simulation.line({ ...call, receivedAt: new Date(at).toISOString() }, `line/${i}`)).toBeNull();
  });
  simulation.finish();
  return lines;
}

function simulationOf(workspace: Workspace, end: number, onDecision: (decision: DeliveryDecision) => void): Simulation {
  return new Simulation({ workspace, assumeConsent: false, from: null, to: end - 1, onDecision });
}

async function recordedShop(): Promise<Recording> {
  const week = readRecordedWeek(join(ROOT, 'examples/recordings/otto.ndjson.gz'), 28);
  const files = withoutGrace(await readWorkspaceFolder(join(ROOT, 'examples/shop')));
  return { files, customers: demoCustomers(week), calls: week.calls, end: week.to + 70 * 86_400_000 };
}

/** Simulation knows a message id for ever and whatever it said; live, for a day, that of an event that changed something. */
class Copies {
  private readonly seen = new Map<string, { readonly text: string; readonly at: number }>();

  areAlike(call: Record<string, unknown>, at: number): boolean {
    const id = call['messageId'];
    if (id === undefined) return true;
    const key = JSON.stringify([call['userId'] ?? call['anonymousId'], id]);
    const text = JSON.stringify(call);
    const first = this.seen.get(key);
    if (first === undefined) this.seen.set(key, { text, at });
    return first === undefined || (first.text === text && at - first.at < 86_400_000);
  }
}

/** In simulation everything is delivered; live nobody says so here, and the fallback goes. */
function unlessSeen(text: string): string {
  return text.replace(/(unless"?: ?"?)delivered/g, '$1opened');
}

/** A random workspace of the reference program, its events in the order in which they reach the stream. */
function randomShop(seed: number, features: string): Recording {
  process.env['ORACLE_FEATURES'] = features;
  const { files, events, customers } = generate(seed);
  const instant = (call: unknown): number => {
    const { receivedAt, timestamp } = call as { receivedAt?: string; timestamp: string };
    return Date.parse(receivedAt ?? timestamp);
  };
  let clock = -Infinity;
  const copies = new Copies();
  const recorded = events.flatMap((event, index) => {
    clock = Math.max(clock, instant(event));
    const call = { ...(event as Record<string, unknown>) };
    delete call['receivedAt'];
    // Live it would get one, and another than in simulation: what it starts would be another message.
    call['messageId'] ??= `line ${index}`;
    return copies.areAlike(call, clock) ? { at: clock, call } : [];
  });
  const start = recorded[0]!.at - 86_400_000;
  const recording = {
    files: withoutGrace(Object.entries(files).map(([path, text]) => ({ path, bytes: Buffer.from(unlessSeen(text)) }))),
    customers: customers.map((call) => ({ at: start, call: call as Record<string, unknown> })),
    end: clock + 4 * 86_400_000,
  };
  const { workspace, diagnostics } = readWorkspace(recording.files);
  if (workspace === null) throw new Error(JSON.stringify(diagnostics));
  const simulate = (onDecision: (decision: DeliveryDecision) => void) =>
    simulationOf(workspace, recording.end, onDecision);
  return { ...recording, calls: withMessageIds(simulate, recording.customers, recorded) };
}

/** Order between customers is free where they share an instant; each customer's own order is not. */
function byCustomer(lines: readonly string[]): Record<string, string[]> {
  const grouped: Record<string, string[]> = {};
  for (const line of lines) (grouped[JSON.parse(line)[0] as string] ??= []).push(line);
  return grouped;
}

async function expectSame(recording: Recording, installation: Installation): Promise<void> {
  const simulated = decidedInSimulation(recording);
  expect(byCustomer(await decidedLive(recording, installation))).toEqual(byCustomer(simulated));
}

describe('live decides what the simulation of its recording decides', () => {
  describe('on the embedded log, for four recorded weeks of a shop', () => {
    const database = useDatabase({ tables: false });
    it('with the same outcome and reason for every message', async () => {
      await expectSame(await recordedShop(), { databaseUrl: database.url, kafka: null, restarts: 0 });
    });
  });

  describe.each(SHOPS)('on the embedded log, for random shop %i with %s', (seed, features) => {
    const database = useDatabase({ tables: false });
    it('with the same outcome and reason for every message', async () => {
      await expectSame(randomShop(seed, features), { databaseUrl: database.url, kafka: null, restarts: seed % 4 });
    });
  });

  for (const [what, recordingOf] of [
    ['four recorded weeks of a shop', recordedShop],
    ['a random shop with events about things', () => randomShop(37, 'items')],
  ] as const)
    describeWhereKafkaCanRun(`on Kafka, for ${what}`, () => {
      const database = useDatabase({ tables: false });
      it('with the same outcome and reason for every message', async () => {
        // A broker of its own: what other tests wrote to the topic would be this shop's events too.
        const kafka = await startKafka({ quiet: true });
        try {
          const recording = await recordingOf();
          await expectSame(recording, { databaseUrl: database.url, kafka: kafka.brokers, restarts: 0 });
        } finally {
          await kafka.stop();
        }
      });
    });
});
