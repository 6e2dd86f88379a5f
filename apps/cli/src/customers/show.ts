import {
  knownOfCustomer,
  newCustomerState,
  openRuns,
  type ConsentEntry,
  type ContactPreferences,
  type KnownOfCustomer,
  type OpenRun,
} from '#core';
import type { MessageListing } from '#engine';
import { instant, table, toJson } from '../messages/list.js';
import { EXIT, type ExitStatus } from '../terminal/command-error.js';
import type { Output, Terminal } from '../terminal/terminal.js';
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
  if (customer.state === null && consents.length === 0 && messages.length === 0) {
    terminal.err.line(
      `nothing is known of a customer ${id}: no event of hers concerned a rule, or she has another id (ids are case-sensitive)`,
    );
    return EXIT.findings;
  }
  if (json) terminal.out.line(JSON.stringify(asJson(picture), null, 2));
  else showPicture(terminal.out, picture);
  return EXIT.fine;
}

function showPicture(out: Output, picture: Picture): void {
  const { asked, customer, runs, values, segments, consents, preferences, messages } = picture;
  const merged = customer.state?.identity.merged ?? [];
  out.line(`${asked}${asked === customer.id ? '' : ` is customer ${customer.id}`}`);
  if (merged.length > 0) out.line(`also known as ${merged.join(', ')}`);
  list(
    out,
    'What is known',
    Object.entries(values).map(([name, value]) => `customer.${name}: ${JSON.stringify(value)}`),
  );
  list(
    out,
    'Segments',
    segments.map(({ name, inside, why }) => `${name}: ${inside ? 'in' : 'not in'}, ${why}`),
  );
  list(out, 'Runs that have not ended', runs.map(runInWords));
  list(
    out,
    'Consents',
    consents.map(
      ({ category, channel, given, time, source }) =>
        `${category} by ${channel}: ${given ? 'given' : 'refused'} ${instant(time)!} (${SOURCES[source]})`,
    ),
  );
  list(out, 'Preferences', chosen(preferences));
  if (messages.length === 0) out.line('\nNo messages.');
  else out.line(`\nLatest messages (kairos messages --customer ${customer.id})\n${table(out, messages)}`);
}

const SOURCES: { readonly [source in ConsentEntry['source']]: string } = {
  event: 'an event said so',
  customer: 'by her own hand',
  rule: 'a rule',
};

function runInWords({ rule, key, startedAt, heldOut, step, until }: OpenRun): string {
  const of = key === null ? '' : ` (${[key].flat().join(', ')})`;
  const held = heldOut ? ', held out' : '';
  return `${rule}${of}: since ${instant(startedAt)!}, at ${step}${until === null ? '' : `, until ${instant(until)!}`}${held}`;
}

/** What she has set herself, as it is kept; what she left alone is not there. */
function chosen(preferences: ContactPreferences): readonly string[] {
  return Object.entries(preferences)
    .filter(([, value]) => value !== null && value !== false && !(Array.isArray(value) && value.length === 0))
    .map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
}

function list(out: Output, title: string, lines: readonly string[]): void {
  if (lines.length === 0) return;
  out.line(`\n${title}`);
  for (const line of lines) out.line(`  ${line}`);
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
