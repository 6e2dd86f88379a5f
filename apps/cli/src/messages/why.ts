import { decodeDecision, describeDecision, type DescribedCheck } from '#core';
import type { MessageListing } from '#engine';
import { commandSettings } from '../installation/command-settings.js';
import { withTables } from '../installation/with-installation.js';
import { CommandError, EXIT, type ExitStatus } from '../terminal/command-error.js';
import type { Output, Terminal } from '../terminal/terminal.js';
import { instant, toJson } from './list.js';

const ID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

/** `kairos messages why`: the latest decision about a message, with the inputs of every check. */
export async function why(terminal: Terminal, id: string, options: { readonly json?: boolean }): Promise<ExitStatus> {
  const messageId = id.toLowerCase();
  if (!ID.test(messageId))
    throw new CommandError(`"${id}" is not the id of a message; \`kairos messages\` lists them, in the last column`);
  const found = await withTables(terminal, commandSettings(terminal), false, ({ ledger }) =>
    ledger.decision(messageId),
  );
  if (found === null) {
    terminal.err.line(`there is no message ${messageId}; \`kairos messages\` lists them`);
    return EXIT.findings;
  }
  const described = found.decision === null ? null : describeDecision(decodeDecision(found.decision), 'en');
  if (options.json) terminal.out.line(JSON.stringify({ ...toJson(found.listing), decision: described }, null, 2));
  else {
    showListing(terminal.out, found.listing);
    if (described === null) terminal.out.line('\nIt was not judged yet.');
    else showChecks(terminal.out, described.verdict, described.checks);
  }
  return EXIT.fine;
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
    ['template', `${template} (${category}) to ${customer}`],
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
