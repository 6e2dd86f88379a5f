import pc from 'picocolors';
import type { DeliveryDecision, Reason } from '#core';
import type { MessageListing } from '#engine';
import type { RecordedWeek } from './recorded-week.js';

const BECAUSE: { readonly [reason in Reason]?: string } = {
  quiet_hours: 'quiet hours: held until the morning',
  frequency_cap: 'enough messages already',
  outranked: 'a more important message goes first',
  no_consent: 'never agreed to it',
  goal_reached: 'bought it meanwhile',
  run_stopped: 'no longer of interest',
  same_content: 'was told the same a moment ago',
  holdout: 'in the holdout',
  expired: 'too old to be of use',
};

/** The live terminal of the demonstration: a line for each decision, with its reason, and a summary. */
export class DemoScreen {
  private events = 0;
  private readonly decisions = new Map<string, number>();

  constructor(
    private readonly out: NodeJS.WritableStream,
    private readonly options: { readonly pace: number },
  ) {}

  opening({ from, to, calls, customers }: RecordedWeek): void {
    const range = `${day(from)} to ${day(to)}`;
    this.line(
      `${pc.bold('Kairos')} replays a recorded week of a real shop: ${range}, ${calls.length} events of ${customers.length} customers.`,
    );
    this.line(pc.dim('Source: OTTO Recommender Systems Dataset, CC BY 4.0. Names and addresses are made up.\n'));
  }

  passed(_instant: number, calls: number): void {
    this.events += calls;
  }

  decided({ message, at, verdict }: DeliveryDecision): void {
    const { customer, rule, template } = message.plan;
    const who = `${stamp(at)}  ${customer.padEnd(9)} ${rule} / ${template}`.padEnd(66);
    switch (verdict.kind) {
      case 'send':
        this.count('sent', null);
        this.line(`${who} ${pc.green(`✉ ${verdict.channel}`)}`);
        break;
      case 'defer':
        this.count('held', verdict.reason);
        this.line(`${who} ${pc.yellow(`… ${BECAUSE[verdict.reason] ?? verdict.reason} (${stamp(verdict.until)})`)}`);
        break;
      case 'suppress':
        this.count('not sent', verdict.reason);
        this.line(`${who} ${pc.dim(`∅ ${BECAUSE[verdict.reason] ?? verdict.reason}`)}`);
    }
    if (this.options.pace > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, this.options.pace);
  }

  summary(messages: readonly MessageListing[], runs: number, mails: string | null): void {
    const sent = messages.filter((message) => message.outcome === 'sent');
    const open = messages.filter((message) => message.outcome === 'planned' || message.outcome === 'held').length;
    this.line('');
    this.line(
      `${pc.bold(String(this.events))} events, ${pc.bold(String(runs))} runs, ${pc.bold(String(messages.length))} messages planned, ${pc.bold(pc.green(String(sent.length)))} mails sent, ${open} still open.`,
    );
    for (const [what, count] of [...this.decisions].sort((a, b) => b[1] - a[1]))
      if (what !== 'sent') this.line(`  ${String(count).padStart(5)}  ${what}`);
    if (mails !== null) this.line(`\nThe mails lie in ${mails}`);
    this.line(
      pc.dim('\nHeld messages appear again with their final line. `npm start` runs the same on your own events.'),
    );
  }

  private count(outcome: string, reason: string | null): void {
    const key = reason === null ? outcome : `${outcome}: ${reason}`;
    this.decisions.set(key, (this.decisions.get(key) ?? 0) + 1);
  }

  private line(text: string): void {
    this.out.write(`${text}\n`);
  }
}

function stamp(ms: number): string {
  return new Date(ms).toISOString().slice(5, 16).replace('T', ' ');
}

function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
