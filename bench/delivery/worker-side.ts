import { generateKeyPairSync } from 'node:crypto';
import { SmtpProvider, WebhookProvider } from '#channels';
import { deliveryPolicy } from '#core';
import { claimDecider, DeliveryWorker, messagePreparer } from '#engine';
import { PostgresMessageLedger, PostgresPool } from '#postgres';
import { createRenderer } from '#templates';
import { profile } from '../measure/profile.js';
import { beSide, measure, type Sample } from '../measure/side.js';
import { quiet } from '../pipeline/quiet.js';
import { benchShop } from './bench-shop.js';
import { STREAM } from './plan-messages.js';

export interface WorkerJob {
  readonly smtpPort: number;
  readonly httpPort: number;
  readonly dkim: boolean;
  readonly warmUp: { readonly databaseUrl: string; readonly messages: number };
  readonly measured: { readonly databaseUrl: string; readonly messages: number };
}

const clock = { at: (ms: number): number => ms, now: (): number => Date.now() };

/** A delivery process as its service runs it, until all of its messages are closed. */
async function deliver(
  { smtpPort, httpPort, dkim }: WorkerJob,
  { databaseUrl, messages }: WorkerJob['measured'],
): Promise<Sample> {
  const pool = new PostgresPool({ url: databaseUrl, applicationName: 'kairos-bench', max: 8, log: () => undefined });
  const loaded = benchShop('');
  const renderer = createRenderer({ workspaces: loaded.workspaces });
  const server = { host: '127.0.0.1', port: smtpPort, secure: false, credentials: null };
  const from = { name: 'The Shop', address: 'hello@shop.test' };
  const smtp = new SmtpProvider({ server, from, clock, dkim: dkim ? newDkimKey() : null });
  const url = `http://127.0.0.1:${httpPort}/`;
  const sink = new WebhookProvider({ url, secret: 'a secret of the bench', allowPrivate: true, clock });
  let closed = 0;
  let finish: () => void;
  const all = new Promise<void>((resolve) => (finish = resolve));
  const worker = new DeliveryWorker({
    ledger: new PostgresMessageLedger(pool, { stream: STREAM, clock }),
    decide: claimDecider({
      rulesets: loaded.rulesets,
      policy: deliveryPolicy(loaded.workspace),
      spreadReleases: true,
      onDecision: () => undefined,
    }),
    prepare: messagePreparer({ loaded, renderer, clock, publicUrl: 'https://mail.shop.test', secret: 'x'.repeat(32) }),
    providers: new Map([['email', smtp]]),
    callers: new Map([['sink', sink]]),
    outcomeEvent: () => null,
    resendCategories: [],
    clock,
    observer: {
      delivered: () => undefined,
      due: () => undefined,
      leftUnknown: () => undefined,
      closed: () => ++closed === messages && finish(),
    },
    log: quiet,
    worker: 1,
  });
  const done = measure();
  worker.start();
  await all;
  const sample = done(messages);
  await worker.stop();
  await Promise.all([renderer.close(), smtp.close(), sink.close()]);
  await pool.end();
  return sample;
}

const newDkimKey = () => ({
  domain: 'shop.test',
  selector: 'bench',
  key: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
});

await beSide(async (job: WorkerJob) => {
  await deliver(job, job.warmUp);
  const profiled = await profile('delivery');
  const sample = await deliver(job, job.measured);
  await profiled();
  return { sample, result: null };
});
