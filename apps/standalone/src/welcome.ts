import type { Address, Config } from '#config';
import type { Workspace } from '#core';
import type { MessageLedger } from '#engine';
import { firstMail } from './first-mail.js';
import type { Standalone } from './start-standalone.js';

/** Whoever was written to already may be capped or reminded before: the first of these who was not is offered. */
const NAMES = ['ann', 'ben', 'cleo', 'dora', 'eric', 'fay', 'gus', 'ida'];

/** What a person needs who has just started Kairos for the first time. Throws StoreError. */
export async function welcome(
  { backbone, delivery, loaded, collectorUrl }: Standalone,
  config: Config,
): Promise<string> {
  const { writeKey, ledger, clock } = backbone;
  const { workspace } = loaded;
  const mails =
    delivery.outbox !== null
      ? `as files into ${delivery.outbox}`
      : config.smtpUrl !== null
        ? 'to the mail server of SMTP_URL'
        : 'by the providers of kairos.yaml';
  const ops = urlOf(config.ops);
  const target = { writeKey, collectorUrl };
  return `
Kairos is running.

  events     ${collectorUrl}/v1  (Segment's API)
  write key  ${writeKey}
  mails      ${mails}
  workspace  ${config.workspace}
  rules      ${workspace.rules.map((rule) => rule.name).join(', ')}
  health     ${ops}/health/ready   metrics ${ops}/metrics

${firstSteps(workspace, await somebodyNew(ledger), clock.now(), target, delivery.outbox)}
What was decided, and why:  npx kairos messages
A week of a real shop:      npm run demo
Ctrl-C stops Kairos.
`;
}

interface Target {
  readonly writeKey: string;
  readonly collectorUrl: string;
}

function firstSteps(
  workspace: Workspace,
  customer: string,
  now: number,
  target: Target,
  outbox: string | null,
): string {
  const mail = firstMail(workspace, customer, now);
  if (mail === null) {
    const call = { type: 'track', userId: customer, event: firstEventOf(workspace) };
    return `Send a first event:\n\n${curl([call], target)}`;
  }
  const name = customer[0]!.toUpperCase() + customer.slice(1);
  const { rule, backMs, inMs, waitMs } = mail;
  const isDated = backMs > 0;
  const lines = [
    `A first mail: who ${name} is, that mails are welcome, and an event${isDated ? ` as of ${inWords(backMs)} ago` : ''}.`,
    '',
    curl(mail.calls, target),
    `The rule ${rule} answers in about ${inWords(Math.max(inMs, 1_000))}${isDated ? ', within five minutes if you send it later' : ''}.`,
    outbox === null
      ? `The mail really goes out: write your own address in place of ${customer}@shop.test.`
      : 'Open the .eml file in the outbox with your mail program.',
    ...(isDated ? [`Without "timestamp" the event is of now, and the mail comes in ${inWords(waitMs)}.`] : []),
  ];
  return `${lines.join('\n')}\n`;
}

function curl(calls: readonly object[], { writeKey, collectorUrl }: Target): string {
  const lines = calls.map((call) => JSON.stringify(call)).join(',\n');
  // To a shell a quote ends the text: it stands outside of it, escaped.
  const body = `{"batch":[\n${lines}]}`.replaceAll("'", "'\\''");
  return `curl -u ${writeKey}: -H 'Content-Type: application/json' ${collectorUrl}/v1/batch -d '${body}'\n`;
}

function firstEventOf({ rules }: Workspace): string {
  for (const { starts } of rules)
    for (const start of starts) if (start.kind === 'event' && start.events[0] !== undefined) return start.events[0];
  return 'Product Viewed';
}

async function somebodyNew(ledger: MessageLedger): Promise<string> {
  for (const customer of NAMES) if ((await ledger.list({ customer, limit: 1 })).length === 0) return customer;
  return NAMES[0]!;
}

const UNITS = [
  { name: 'day', ms: 86_400_000 },
  { name: 'hour', ms: 3_600_000 },
  { name: 'minute', ms: 60_000 },
  { name: 'second', ms: 1_000 },
];

/** `23 hours 59 minutes`: the two largest units. */
function inWords(ms: number): string {
  let rest = Math.round(ms / 1_000) * 1_000;
  const parts = UNITS.flatMap(({ name, ms: length }) => {
    const count = Math.floor(rest / length);
    rest -= count * length;
    return count === 0 ? [] : [`${count} ${name}${count === 1 ? '' : 's'}`];
  });
  return parts.slice(0, 2).join(' ');
}

function urlOf({ host, port }: Address): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
