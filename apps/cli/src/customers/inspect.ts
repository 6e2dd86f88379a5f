import { isTombstone, nextFire, type CustomerState, type Run, type Rulesets } from '#core';
import { instant } from '../messages/list.js';
import { EXIT, type ExitStatus } from '../terminal/command-error.js';
import type { Terminal } from '../terminal/terminal.js';
import { withCustomer } from './find-customer.js';

/** `kairos state inspect`: the row that the engine keeps of a customer, in words. */
export async function inspect(
  terminal: Terminal,
  id: string,
  { json = false }: { readonly json?: boolean },
): Promise<ExitStatus> {
  const found = await withCustomer(terminal, id, async (_, rulesets, customer) => ({ rulesets, customer }));
  const { customer, rulesets } = found;
  if (customer.state === null || isTombstone(customer.state)) {
    terminal.err.line(`the engine remembers nothing of ${id}`);
    return EXIT.findings;
  }
  const { customerId, partition, bytes, state } = customer;
  const row: { readonly [name: string]: Words } = {
    customer: customer.id,
    customerId,
    partition,
    bytes,
    ...inWords(state, rulesets),
  };
  if (json) terminal.out.line(JSON.stringify(row, null, 2));
  else
    for (const [name, value] of Object.entries(row))
      for (const [index, line] of linesOf(value).entries())
        terminal.out.line(`${(index === 0 ? name : '').padEnd(14)} ${line}`.trimEnd());
  return EXIT.fine;
}

type Words = string | number | boolean | null | readonly string[];

function linesOf(value: Words): readonly string[] {
  if (value === null) return ['-'];
  if (typeof value !== 'object') return [String(value)];
  return value.length === 0 ? ['-'] : value;
}

export function inWords(state: CustomerState, rulesets: Rulesets): { readonly [name: string]: Words } {
  const { identity, silences, counters, calendar, computed } = state;
  const fire = nextFire(state);
  return {
    ruleset: state.ruleset,
    nextTimer: fire === Infinity ? null : instant(fire),
    alsoKnownAs: identity.merged,
    askedFor: identity.asked,
    isUser: identity.named,
    traits: state.traits.names().map((name) => `${name}, of ${instant(state.traits.timeOf(name))!}`),
    setByRules: state.written.map(({ name, time }) => `${name}, of ${instant(time)!}`),
    runs: state.runs.map((run) => runInWords(run, rulesets)),
    endedRuns: state.ended.map(({ rule, messages }) => `${rule}${open(messages)}`),
    accepted: state.accepted.map(({ rule, time }) => `${rule}, latest start ${instant(time)!}`),
    counters: [...counters].map(
      ([fingerprint, { total, times, events }]) =>
        `${hex(fingerprint)}: ${total} in all, ${times.length} times and ${events.length} events kept`,
    ),
    silences: [...silences].map(
      ([fingerprint, { last, over, fireAt }]) =>
        `${hex(fingerprint)}: since ${instant(last.time)!}${over ? ', over' : timer(fireAt)}`,
    ),
    dates: [...calendar.timers].map(([fingerprint, { fireAt }]) => `${hex(fingerprint)}${timer(fireAt)}`),
    computed: [...computed.kept].map(
      ([fingerprint, { count, entries, buckets }]) =>
        `${hex(fingerprint)}: ${count} in all, ${entries.length} entries and ${buckets.length} buckets kept`,
    ),
    segments: [...computed.memberships].map(
      ([fingerprint, { inside, flipsAt }]) => `${hex(fingerprint)}: ${inside ? 'in' : 'out'}${timer(flipsAt)}`,
    ),
    pauses: state.pauses.map(({ category, until }) => `${category} until ${instant(until)!}`),
    seenIds: state.seen.size,
    ring: identity.ring.map(({ name, time }) => `${name ?? '?'}, ${instant(time)!}`),
  };
}

function runInWords({ rule, version, key, startedAt, node, fireAt, messages }: Run, rulesets: Rulesets): string {
  const step = rulesets.rule(rule, version)?.steps[node]?.path ?? `${node} of a version that is not loaded`;
  const of = key === null ? '' : ` (${[key].flat().join(', ')})`;
  return `${rule}${of}, version ${version}, since ${instant(startedAt)!}, at step ${step}${timer(fireAt)}${open(messages)}`;
}

function open({ length }: Run['messages']): string {
  return length === 0 ? '' : `, ${length === 1 ? '1 message' : `${length} messages`} that may not have left`;
}

function timer(fireAt: number): string {
  return fireAt === Infinity ? '' : `, timer ${instant(fireAt)!}`;
}

/** What counters and the like are kept by: it stands for their definition, wherever that is written. */
function hex(fingerprint: number): string {
  return fingerprint.toString(16).padStart(13, '0');
}
