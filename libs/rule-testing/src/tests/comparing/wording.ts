import type { Json } from '#core';
import { formatMoment } from '../moment.js';
import type { Expectation } from '../test-file.js';
import { traitPath, type Happening } from './happening.js';

const VERBS = { send: '', webhook: 'webhook ', emit: 'emit ', set: 'set ' } as const;

/** An expectation in the words of a test file: `+1h30m cart-reminder to ann by email`. */
export function expectedWords({ at, what, to, with: values }: Expectation, clock: number): string {
  const named = what.kind === 'set' ? what.names.map(traitPath).join(', ') : what.name;
  const isMessage = what.kind === 'send' || what.kind === 'webhook';
  return words([
    formatMoment(at, clock),
    `${VERBS[what.kind]}${named}`,
    to && `to ${to}`,
    isMessage && what.channel && `by ${what.channel}`,
    isMessage && what.suppressed && `suppressed: ${what.suppressed}`,
    values && `with ${shownValues(values)}`,
  ]);
}

/** What happened in the same words; values only of the names that were asked for. */
export function actualWords(
  { kind, at, name, customer, channel, suppressed, values }: Happening,
  asked: Expectation['with'],
  clock: number,
): string {
  const shown = Object.keys(kind === 'set' && asked === null ? {} : (asked ?? {}));
  return words([
    formatMoment(at, clock),
    `${VERBS[kind]}${name}`,
    `to ${customer}`,
    kind === 'send' && channel && `by ${channel}`,
    suppressed && `suppressed: ${suppressed}`,
    shown.length > 0 && `with ${shownValues(Object.fromEntries(shown.map((each) => [each, valueOf(values, each)])))}`,
  ]);
}

function words(parts: readonly (string | false | null)[]): string {
  return parts.filter((part) => part !== null && part !== false && part !== '').join(' ');
}

function valueOf(values: { readonly [name: string]: Json }, name: string): Json {
  return Object.hasOwn(values, name) ? values[name]! : null;
}

const MOST_CHARACTERS = 80;

/** `{ discount: 10, code: "A" }`, cut where it gets long. */
export function shownValues(values: { readonly [name: string]: Json }): string {
  const text = `{ ${Object.entries(values)
    .map(([name, value]) => `${name}: ${shownValue(value)}`)
    .join(', ')} }`;
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS - 1)}…` : text;
}

export function shownValue(value: Json | undefined): string {
  return value === undefined ? 'missing' : JSON.stringify(value);
}
