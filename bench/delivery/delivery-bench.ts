import pg from 'pg';
import { expectSame } from '../measure/expect-same.js';
import { interleave, perCpu, thousands } from '../measure/interleave.js';
import { report } from '../measure/report.js';
import { runSide, type Sample } from '../measure/side.js';
import { openDatabases, type Databases } from '../pipeline/databases.js';
import { planMessages } from './plan-messages.js';
import { Sink } from './sink.js';

export interface DeliverySize {
  readonly messages: number;
  readonly warmUp: number;
}

interface Use {
  readonly databases: Databases;
  readonly smtp: Sink;
  readonly http: Sink;
  readonly size: DeliverySize;
  readonly rounds: number;
}

/** R6 and R7: what delivery costs a mail or a call, against the bare library that sends it to the same server. */
export async function deliveryBench(names: ReadonlySet<string>, size: DeliverySize, rounds: number): Promise<boolean> {
  const databases = await openDatabases();
  const [smtp, http] = await Promise.all([Sink.start('smtp-sink.js'), Sink.start('http-sink.js')]);
  const use = { databases, smtp, http, size, rounds };
  try {
    let reached = true;
    if (names.has('R6')) reached = await mails(use);
    if (names.has('R7')) reached = (await calls(use)) && reached;
    return reached;
  } finally {
    await Promise.all([smtp.stop(), http.stop(), databases.stop()]);
  }
}

async function mails(use: Use): Promise<boolean> {
  const sides = {
    nodemailer: () => bare('delivery/nodemailer-side.js', use, use.smtp),
    kairos: () => worker(use, 'mail', false),
  };
  const measured = await interleave(sides, 'nodemailer', use.rounds, console.log);
  const reached = report(
    {
      id: 'R6',
      title: 'mails decided, rendered, sent and recorded / nodemailer pool alone',
      ours: 'kairos',
      baseline: 'nodemailer',
      gate: 0.7,
      aim: 3,
      checked: `${use.size.messages} mails to as many recipients in the sink, each closed as sent in the ledger`,
    },
    measured,
  );
  const signed = await worker(use, 'mail', true);
  console.log(`    with DKIM        ${thousands(perCpu(signed))} k/cpu-s (RSA-2048)`);
  return reached;
}

async function calls(use: Use): Promise<boolean> {
  const sides = {
    undici: () => bare('delivery/undici-side.js', use, use.http),
    kairos: () => worker(use, 'call', false),
  };
  const measured = await interleave(sides, 'undici', use.rounds, console.log);
  return report(
    {
      id: 'R7',
      title: 'webhook calls decided, signed, sent and recorded / undici Pool alone',
      ours: 'kairos',
      baseline: 'undici',
      gate: 0.3,
      aim: 0.7,
      checked: `${use.size.messages} calls with as many ids in the sink, each closed as sent in the ledger`,
    },
    measured,
  );
}

async function bare(program: string, { size }: Use, sink: Sink): Promise<Sample> {
  const { warmUp, messages } = size;
  const { sample } = await runSide(program, { port: sink.port, warmUp, messages });
  const { copies } = await sink.taken();
  expectSame(program, { copies }, { copies: warmUp + messages });
  return sample;
}

async function worker({ databases, smtp, http, size }: Use, kind: 'mail' | 'call', dkim: boolean): Promise<Sample> {
  const planned = async (messages: number): Promise<{ databaseUrl: string; messages: number }> => {
    const databaseUrl = await databases.fresh();
    await planMessages(databaseUrl, { customers: messages, each: 1, kind });
    return { databaseUrl, messages };
  };
  const job = {
    smtpPort: smtp.port,
    httpPort: http.port,
    dkim,
    warmUp: await planned(size.warmUp),
    measured: await planned(size.messages),
  };
  const { sample } = await runSide('delivery/worker-side.js', job);
  const { copies, distinct } = await (kind === 'mail' ? smtp : http).taken();
  const found = { copies, distinct, closed: await closedAsSent(job.measured.databaseUrl) };
  // Of calls each has an id of its own; the warm-up's customers are among those that are measured.
  expectSame('delivery', found, {
    copies: size.warmUp + size.messages,
    distinct: size.messages,
    closed: size.messages,
  });
  return sample;
}

async function closedAsSent(databaseUrl: string): Promise<number> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query<{ n: number }>(
    `select count(*)::int as n from message where outcome = 'sent' and not exists (select from message_open)`,
  );
  await client.end();
  return rows[0]!.n;
}
