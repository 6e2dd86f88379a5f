import {
  CHANNELS,
  isTombstone,
  knownOfCustomer,
  newCustomerState,
  NO_PREFERENCES,
  openRuns,
  type Channel,
  type ConsentEntry,
  type ContactPreferences,
  type KnownOfCustomer,
  type OpenRun,
} from '#core';
import type { MessageListing } from '#engine';
import { instant, table, toJson } from '../messages/list.js';
import { section } from '../terminal/section.js';
import { EXIT, type ExitStatus } from '../terminal/command-error.js';
import type { Output, Terminal } from '../terminal/terminal.js';
import { notKnown } from './not-known.js';
import { showKnown } from './show-known.js';
import { withCustomer, type FoundCustomer } from './find-customer.js';

const LATEST_MESSAGES = 10;

interface Picture extends KnownOfCustomer {
  readonly asked: string;
  readonly customer: FoundCustomer;
  readonly runs: readonly OpenRun[];
  readonly consents: readonly ConsentEntry[];
  readonly preferences: ContactPreferences;
  readonly messages: readonly MessageListing[];
}

/** `kairos customers show`: what is known of a customer now, and what waits for her. */
export async function show(
  terminal: Terminal,
  id: string,
  { json = false }: { readonly json?: boolean },
): Promise<ExitStatus> {
  const picture = await withCustomer(terminal, id, async (tables, rulesets, customer): Promise<Picture> => {
    const { consents, preferences, now } = await tables.viewContact(customer.customerId);
    const messages = await tables.ledger.list({ customer: customer.id, limit: LATEST_MESSAGES });
    const state = customer.state ?? newCustomerState(customer.id);
    const runs = openRuns(rulesets, state);
    return { asked: id, customer, runs, consents, preferences, messages, ...knownOfCustomer(rulesets, state, now) };
  });
  const { customer, consents, messages } = picture;
  const isGone = customer.state === null || isTombstone(customer.state);
  if (isGone && consents.length === 0 && messages.length === 0)
    return notKnown(terminal, id, { erasedAt: customer.state?.identity.erased ?? null });
  if (json) terminal.out.line(JSON.stringify(asJson(picture), null, 2));
  else showPicture(terminal.out, picture);
  return EXIT.fine;
}

function showPicture(out: Output, picture: Picture): void {
  const { asked, customer, runs, consents, preferences, messages } = picture;
  const merged = customer.state?.identity.merged ?? [];
  out.line(`${asked}${asked === customer.id ? '' : ` is customer ${customer.id}`}`);
  if (merged.length > 0) out.line(`also known as ${merged.join(', ')}`);
  showKnown(out, picture);
  section(out, 'Runs that have not ended', runs.map(runInWords));
  section(out, 'Consents', consentsInWords(consents));
  section(out, 'Preferences', chosen(preferences));
  if (messages.length === 0) out.line('\nNo messages.');
  else out.line(`\nLatest messages (kairos messages --customer ${customer.id})\n${table(out, messages)}`);
}

const SOURCES: { readonly [source in ConsentEntry['source']]: string } = {
  event: 'an event said so',
  customer: 'by her own hand',
  rule: 'a rule',
};

/** Whatever a run waits for has an end. */
const SUSPENDED = ', suspended: it could not go on (kairos dead-letters --reason suspended)';

function runInWords({ rule, key, startedAt, heldOut, step, until }: OpenRun): string {
  const of = key === null ? '' : ` (${[key].flat().join(', ')})`;
  const held = heldOut ? ', held out' : '';
  return `${rule}${of}: since ${instant(startedAt)!}, at step ${step}${until === null ? SUSPENDED : `, until ${instant(until)!}`}${held}`;
}

/** What she has set herself, as it is kept. */
function chosen(preferences: ContactPreferences): readonly string[] {
  const usual: { readonly [name: string]: unknown } = { ...NO_PREFERENCES };
  return Object.entries(preferences)
    .filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(usual[name]))
    .map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
}

/** What was said at once, of several channels, in one line. */
function consentsInWords(consents: readonly ConsentEntry[]): readonly string[] {
  const channels = new Map<string, Channel[]>();
  for (const { category, channel, given, time, source } of consents) {
    const said = `${given ? 'given' : 'refused'} ${instant(time)!} (${SOURCES[source]})`;
    const key = `${category} ${said}`;
    const known = channels.get(key);
    if (known === undefined) channels.set(key, [channel]);
    else known.push(channel);
  }
  return [...channels].map(
    ([said, of]) => `${said}: ${of.length === CHANNELS.length ? 'all channels' : of.join(', ')}`,
  );
}

function asJson({ customer, runs, consents, messages, asked, ...known }: Picture): object {
  const { id, customerId, partition, state } = customer;
  return {
    asked,
    customer: id,
    customerId,
    partition,
    alsoKnownAs: state?.identity.merged ?? [],
    ...known,
    runs: runs.map(({ startedAt, until, ...run }) => ({
      ...run,
      startedAt: instant(startedAt),
      until: instant(until),
    })),
    consents: consents.map(({ time, ...consent }) => ({ ...consent, time: instant(time) })),
    messages: messages.map(toJson),
  };
}
