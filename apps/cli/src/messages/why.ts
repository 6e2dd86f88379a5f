import {
  decodeDecision,
  describeDecision,
  reasonInWords,
  type DescribedCheck,
  type DescribedDecision,
  type Reason,
} from '#core';
import type { MessageHistory, MessageListing, MessageRound } from '#engine';
import { commandSettings } from '../installation/command-settings.js';
import { withTables } from '../installation/with-installation.js';
import { CommandError, EXIT, type ExitStatus } from '../terminal/command-error.js';
import type { Output, Terminal } from '../terminal/terminal.js';
import { instant, isMessageId, toJson } from './list.js';

/** `kairos messages why`: the latest decision about a message, with the inputs of every check. */
export async function why(terminal: Terminal, id: string, options: { readonly json?: boolean }): Promise<ExitStatus> {
  const messageId = id.toLowerCase();
  if (!isMessageId(id))
    throw new CommandError(`"${id}" is not the id of a message; \`kairos messages\` lists them, in the last column`);
  const found = await withTables(terminal, commandSettings(terminal), false, ({ ledger }) =>
    ledger.decision(messageId),
  );
  if (found === null) {
    terminal.err.line(`there is no message ${messageId}; \`kairos messages\` lists them`);
    return EXIT.findings;
  }
  const described = describe(found);
  const rounds = found.rounds.map(({ at, ...round }) => ({ ...round, at: instant(at) }));
  if (options.json)
    terminal.out.line(
      JSON.stringify({ ...toJson(found.listing), deadLetter: found.deadLetter, decision: described, rounds }, null, 2),
    );
  else {
    showListing(terminal.out, found.listing);
    showRounds(terminal.out, found.rounds);
    if (found.deadLetter !== null) terminal.out.line(`${'parked'.padEnd(11)} ${parkedBy(found.deadLetter)}`);
    if (described === null) terminal.out.line(`\n${withoutDecision(found.listing)}`);
    else showChecks(terminal.out, described.verdict, described.checks);
  }
  return EXIT.fine;
}

/** What the latest decision wanted is not what became of it: a message whose outcome nobody knows has not left for sure. */
function describe({ listing, decision }: MessageHistory): DescribedDecision | null {
  if (decision === null) return null;
  const described = describeDecision(decodeDecision(decision), 'en');
  const { template, channel } = listing;
  const verdict: { readonly [outcome in MessageListing['outcome']]?: string } = {
    sending: `${template} is on its way by ${channel}: it has not been accepted yet.`,
    unknown: `It is not known whether ${template} was accepted by ${channel}: the connection or the process ended before an answer came.`,
    failed: `${template} did not leave: ${reasonInWords((listing.reason ?? 'provider_rejected') as Reason, 'en')}.`,
    waiting: `${template} left by ${channel}; its fallback follows ${instant(listing.notBefore)} unless it is answered before.`,
  };
  return { ...described, verdict: verdict[listing.outcome] ?? described.verdict };
}

function withoutDecision({ customer }: MessageListing): string {
  return customer === '' ? 'Its customer was erased, and what was decided with her.' : 'It was not judged yet.';
}

function parkedBy(letter: string): string {
  return `something that happened to the customer could not be applied and is dead letter ${letter}: until it is replayed or dropped, for a day at most, nothing that needs consent is sent (kairos dead-letters show ${letter})`;
}

const ROUNDS: { readonly [kind: string]: string } = {
  deferred: 'held',
  retried: 'failed for now, tried again',
  sent: 'left, its fallback was still to come',
  failed: 'failed on one channel, went to the next',
  suppressed: 'its fallback was not sent',
  replayed: 'tried again by',
};

function showRounds(out: Output, rounds: readonly MessageRound[]): void {
  for (const { kind, at, reason, detail } of rounds)
    out.line(
      ['round'.padEnd(11), instant(at), ROUNDS[kind] ?? kind, detail, reason === null ? null : `(${reason})`]
        .filter(Boolean)
        .join(' '),
    );
}

function showListing(out: Output, listing: MessageListing): void {
  const {
    messageId,
    template,
    customer,
    rule,
    version,
    step,
    key,
    outcome,
    reason,
    channel,
    category,
    plannedAt,
    at,
    notBefore,
    detail,
  } = listing;
  const rows: [string, string | null][] = [
    ['message', messageId],
    ['template', `${template} (${category}) to ${customer === '' ? 'a customer who was erased' : customer}`],
    ['rule', `${rule}, version ${version}, step ${step}${key === null ? '' : `, key ${[key].flat().join(', ')}`}`],
    ['outcome', `${outcome}${reason === null ? '' : `: ${reason}`}${channel === null ? '' : ` (${channel})`}`],
    ['planned', instant(plannedAt)],
    ['decided', instant(at)],
    ['not before', outcome === 'sent' || outcome === 'suppressed' ? null : instant(notBefore)],
    ['detail', detail],
  ];
  for (const [name, value] of rows) if (value !== null) out.line(`${name.padEnd(11)} ${value}`);
}

const SIGNS: { readonly [outcome in DescribedCheck['outcome']]: string } = {
  passed: '✓',
  refused: '✗',
  'not asked': '·',
};

function showChecks(out: Output, verdict: string, checks: readonly DescribedCheck[]): void {
  out.line(`\n${verdict}`);
  for (const { check, outcome, sentences } of checks) {
    out.line(`\n${SIGNS[outcome]} ${check}`);
    if (outcome !== 'not asked') for (const sentence of sentences) out.line(`    ${sentence}`);
  }
}
