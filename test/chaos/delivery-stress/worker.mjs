// One delivery process of the stress run: the product's worker over the real ledger, its providers write what they take into a file (the sink).
// node worker.mjs OPTIONS (JSON: databaseUrl, number, sink, files, connections, answerMs). `plant` names a bug that is put around the product, to see it caught.
import { appendFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { compileRuleset, deliveryPolicy, readWorkspace, rulesetsOf } from '../../../dist/libs/core/src/index.js';
import { claimDecider, DeliveryWorker } from '../../../dist/libs/engine/src/index.js';
import { PostgresMessageLedger, PostgresPool } from '../../../dist/libs/postgres/src/index.js';
import { plantInDecisions, plantInLedger, plantInStatements } from './planted.mjs';

const { databaseUrl, number, sink, files, connections, answerMs, plant } = JSON.parse(process.argv[2]);
plantInStatements(plant);

/** Of first attempts: a third one would come after minutes, and the run waits for its end. */
const TEMPORARY_SHARE = 0.05;
/** Of what comes once a day a third is refused for good: its place is free again. */
const REFUSED = { category: 'rare', share: 1 / 3 };

const clock = { at: (ms) => ms, now: () => Date.now() };
const quiet = () => undefined;
const pool = new PostgresPool({ url: databaseUrl, applicationName: `stress ${number}`, max: 4, log: quiet });
const ledger = plantInLedger(plant, new PostgresMessageLedger(pool, { stream: 'kairos.events', clock }));
// A message in flight holds its place until its lease ends, so what waits for room comes up to a lease late: a short one keeps the run short.
const claim = ledger.claim.bind(ledger);
ledger.claim = (request, decide) => claim({ ...request, leaseMs: 6_000 }, decide);
const { workspace, diagnostics } = readWorkspace(
  Object.entries(files).map(([path, text]) => ({ path, bytes: Buffer.from(text) })),
);
if (workspace === null) throw new Error(JSON.stringify(diagnostics));

/** Writes down when the permit was asked for and when it took the message: the order of both is what counts. */
const provider = (channel) => ({
  kind: 'stress',
  concurrency: connections,
  answerWithinMs: 2_000,
  async send(message, permit) {
    const { id, customer, category } = message;
    const askedAt = Date.now();
    if (!(await permit())) return { kind: 'not permitted' };
    if (category === REFUSED.category && Math.random() < REFUSED.share)
      return { kind: 'permanent', detail: '554 no', addressDead: false };
    if (message.attempt === 1 && Math.random() < TEMPORARY_SHARE)
      return { kind: 'temporary', detail: '451 later', retryAfterMs: null };
    appendFileSync(sink, `${JSON.stringify({ id, customer, category, channel, askedAt, at: Date.now() })}\n`);
    await pause(Math.random() * answerMs);
    return { kind: 'accepted', providerId: null, detail: null };
  },
  close: async () => undefined,
});

const worker = new DeliveryWorker({
  ledger,
  decide: plantInDecisions(
    plant,
    claimDecider({
      rulesets: rulesetsOf(compileRuleset(workspace, 1, {})),
      policy: deliveryPolicy(workspace, { assumeConsent: true }),
      spreadReleases: false,
      onDecision: quiet,
    }),
  ),
  prepare: async ({ plan, channel, attempt }) => ({
    attempt,
    id: plan.id,
    channel,
    address: `${plan.customer}@shop.test`,
    customer: plan.customer,
    rule: plan.rule,
    template: plan.template,
    category: plan.category,
    plannedAt: plan.plannedAt,
    rendered: {},
    unsubscribeUrl: null,
  }),
  providers: new Map(workspace.settings.channels.map((channel) => [channel, provider(channel)])),
  callers: new Map(),
  outcomeEvent: () => null,
  resendCategories: [],
  clock,
  observer: { delivered: quiet, due: quiet, closed: quiet },
  log: {
    info: quiet,
    warn: quiet,
    error: (text, fields) => process.stderr.write(`${text} ${JSON.stringify(fields)}\n`),
  },
  worker: number,
});
worker.start();
// Whoever asked for the run is gone.
process.on('disconnect', () => process.exit(1));
process.on('SIGTERM', async () => {
  await worker.stop();
  await pool.end();
});
process.send?.('started');
