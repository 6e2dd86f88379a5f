import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { decodeDecision, describeDecision, knownOfCustomer, newCustomerState, openRuns, type Rulesets } from '#core';
import type { EventHistory } from '#engine';
import type { CustomerIds, KeptOfCustomer } from '#postgres';
import { shownPath } from '../installation/command-settings.js';
import type { Tables } from '../installation/with-installation.js';
import { instant, toJson } from '../messages/list.js';
import { CommandError, EXIT, type ExitStatus } from '../terminal/command-error.js';
import type { Terminal } from '../terminal/terminal.js';
import { withCustomer, type FoundCustomer } from './find-customer.js';
import { inWords } from './inspect.js';
import { notKnown } from './not-known.js';

/** More messages than anybody gets. */
const ALL_MESSAGES = 1_000_000;

interface Found {
  readonly tables: Tables;
  readonly rulesets: Rulesets;
  readonly customer: FoundCustomer;
  readonly ids: CustomerIds;
}

/** `kairos customers export`: all that is kept of a customer, under whichever of her ids, as JSON. */
export async function exportCustomer(
  terminal: Terminal,
  id: string,
  { out }: { readonly out?: string },
): Promise<ExitStatus> {
  const exported = await withCustomer(terminal, id, async (tables, rulesets, customer) => {
    const ids = await (await tables.eraser()).find(id);
    return ids.isKnown ? everything(id, { tables, rulesets, customer, ids }) : ids;
  });
  if ('isKnown' in exported) return notKnown(terminal, id, exported);
  const text = `${JSON.stringify(exported, null, 2)}\n`;
  if (out === undefined) terminal.out.write(text);
  else write(terminal, out, text);
  return EXIT.fine;
}

/** Her data are nobody else's: readable by who has asked, and never in the place of another file. */
function write(terminal: Terminal, out: string, text: string): void {
  const path = resolve(terminal.directory, out);
  try {
    writeFileSync(path, text, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'EEXIST' ? 'it is there already' : code;
    throw new CommandError(`${shownPath(terminal, path)} cannot be written: ${why}; name another file with --out`);
  }
  terminal.err.line(`written to ${shownPath(terminal, path)}`);
}

async function everything(asked: string, { tables, rulesets, customer, ids }: Found) {
  const { consents, preferences, now } = await tables.viewContact(customer.customerId);
  const state = customer.state ?? newCustomerState(customer.id);
  const { values, segments } = knownOfCustomer(rulesets, state, now);
  const kept = await tables.readKept(ids);
  return {
    asked,
    customer: ids.id,
    exportedAt: instant(now),
    ids: ids.customers,
    profile: values,
    segments,
    runs: openRuns(rulesets, state).map(({ startedAt, until, ...run }) => ({
      ...run,
      startedAt: instant(startedAt),
      until: instant(until),
    })),
    remembered: inWords(state, rulesets),
    consents: consents.map(({ time, ...consent }) => ({ ...consent, time: instant(time) })),
    preferences,
    ...keptInWords(kept),
    messages: await messagesOf(tables, ids),
    events: tables.history === null ? [] : await eventsOf(tables.history, ids),
  };
}

function keptInWords({ suppressed, sentForCaps, engagement, inbox, traces, outcomes, deadLetters }: KeptOfCustomer) {
  const dated = <T extends { readonly at: number }>({ at, ...rest }: T) => ({ at: instant(at), ...rest });
  return {
    suppressedAddresses: suppressed,
    sentForCaps: sentForCaps.map(dated),
    engagement: engagement.map(({ answeredAt, ...each }) => ({ ...dated(each), answeredAt: instant(answeredAt) })),
    inbox: inbox.map(({ readAt, ...each }) => ({ ...dated(each), readAt: instant(readAt) })),
    runHistory: traces.map(dated),
    messageOutcomes: outcomes.map(dated),
    deadLetters: deadLetters.map(dated),
  };
}

async function messagesOf({ ledger }: Tables, { id }: CustomerIds): Promise<readonly object[]> {
  const messages: object[] = [];
  for (const listing of await ledger.list({ customer: id, limit: ALL_MESSAGES })) {
    const found = await ledger.decision(listing.messageId);
    const decision = found?.decision == null ? null : describeDecision(decodeDecision(found.decision), 'en');
    messages.push({ ...toJson(listing), decision });
  }
  return messages;
}

async function eventsOf(history: EventHistory, { customers }: CustomerIds): Promise<readonly object[]> {
  const events: { readonly at: number; readonly event: object }[] = [];
  for (const customer of customers)
    for await (const { appendTime: at, historical, value } of history.read({
      customer,
      things: false,
      from: null,
      to: null,
    }))
      events.push({ at, event: { receivedAt: instant(at), imported: historical, event: parsed(value) } });
  return events.sort((a, b) => a.at - b.at).map(({ event }) => event);
}

function parsed(value: Uint8Array): unknown {
  return JSON.parse(new TextDecoder().decode(value));
}
