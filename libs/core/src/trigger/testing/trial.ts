import { newCustomerState, nextFire, type CustomerState } from '../../customer/customer-state.js';
import { decodeState, encodeState } from '../../customer/state-codec.js';
import type { ConsentPreferences, CustomerEvent, JsonObject } from '../../event/event.js';
import { formatInstant, parseInstant } from '../../event/instant.js';
import { readEvent, readItemEvent } from '../../event/read-event.js';
import type { Workspace, WorkspaceFile } from '../../rules/index.js';
import { readWorkspace } from '../../rules/index.js';
import { applyEvent } from '../apply-event.js';
import { applyItemEvent } from '../apply-item-event.js';
import { compileRuleset, rulesetsOf } from '../compile-ruleset.js';
import { customerValues } from '../computed/customer-values.js';
import { watchedItems } from '../computed/watched-items.js';
import { noEffects, type Effects } from '../effects.js';
import type { TraceEntry } from '../effects.js';
import type { EvaluateOptions } from '../evaluation.js';
import { fireTimers } from '../fire-timers.js';
import type { Rulesets } from '../ruleset.js';

const EPOCH = parseInstant('2026-03-02T09:00:00Z')!;
const encoder = new TextEncoder();

/**
 * A workspace of these rules (YAML), with an empty mail for each template they send. A text that begins with `segments:`
 * or `computed:` is segments.yaml, one that begins with `events:` or `items:` events.yaml.
 */
export function workspaceOf(rules: readonly string[], settings = 'grace: 0 seconds'): Workspace {
  const files: WorkspaceFile[] = [
    file(
      'kairos.yaml',
      `time zone: Europe/Berlin\nlocale: en\nchannels: [email, push]\ncategories:\n  promotional: { consent: opt-out }\n${settings}\n`,
    ),
  ];
  for (const rule of rules) {
    const other = /^(?:(segments|computed)|events|items):/.exec(rule);
    if (other !== null) {
      files.push(file(other[1] === undefined ? 'events.yaml' : 'segments.yaml', rule));
      continue;
    }
    const name = /^rule: (\S+)/m.exec(rule)?.[1] ?? 'unnamed';
    files.push(file(`rules/${name}.yaml`, rule));
    for (const [, template] of rule.matchAll(/(?:send|template): ([a-z][a-z0-9-]*)/g)) {
      files.push(
        file(`templates/${template}/email.hbs`, '<p>Hello</p>'),
        file(`templates/${template}/subject.hbs`, 'Hello'),
      );
    }
  }
  const unique = [...new Map(files.map((each) => [each.path, each])).values()];
  const { workspace, diagnostics } = readWorkspace(unique);
  if (workspace === null)
    throw new Error(diagnostics.map(({ file: path, line, message }) => `${path}:${line} ${message}`).join('\n'));
  return workspace;
}

/** `+1h30m` from the beginning of all trials. */
export function at(offset: string): number {
  let ms = 0;
  const units: Record<string, number> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 };
  for (const [, amount, unit] of offset.matchAll(/(\d+)(ms|[dhms])/g)) ms += Number(amount) * units[unit!]!;
  return EPOCH + (offset.startsWith('-') ? -ms : ms);
}

export interface TrialEvent {
  /** Event time. */
  readonly at: string;
  /** When it reaches the stream; default: at its time. */
  readonly received?: string;
  readonly event?: string;
  readonly type?: string;
  readonly id?: string;
  readonly traits?: JsonObject;
  readonly consent?: ConsentPreferences;
  readonly historical?: boolean;
  readonly [property: string]: unknown;
}

/**
 * One customer, one partition: events are applied in the order given, and what is due before one acts first. The state
 * goes through its stored form after every step, as it does in the engine.
 */
export class Trial {
  state: CustomerState = newCustomerState('ann');
  readonly effects: Effects = noEffects();
  rulesets: Rulesets;
  clock = -Infinity;
  #count = 0;

  constructor(
    rules: readonly string[] | Rulesets,
    settings?: string,
    private readonly options: EvaluateOptions = { explain: true },
  ) {
    this.rulesets = 'current' in rules ? rules : rulesetsOf(compileRuleset(workspaceOf(rules, settings), 1, {}));
  }

  /** Applies events; returns whether the last one changed the state. */
  apply(...events: readonly TrialEvent[]): boolean {
    let changed = false;
    for (const event of events) changed = this.applyRead(this.read(event), at(event.received ?? event.at));
    return changed;
  }

  applyRead(event: CustomerEvent, append: number): boolean {
    this.advance(append);
    const before = encodeState(this.state);
    const changed = applyEvent(this.rulesets, this.state, event, this.clock, this.effects, this.options);
    const after = encodeState(this.state);
    if (!changed && !sameBytes(before, after)) throw new Error('the state has changed, and nobody said so');
    this.state = decodeState(after);
    return changed;
  }

  /** An event about a thing reaches this customer if she watches it; returns whether it changed the state. */
  applyItem(event: TrialEvent): boolean {
    const append = at(event.received ?? event.at);
    const { items } = this.rulesets.current;
    const position = { append, fallbackId: '', historical: event.historical ?? false };
    const reading = readItemEvent(this.json(event), position, items);
    if (reading?.ok !== true) throw new Error(`${event.event} cannot be read as an item event`);
    this.advance(append);
    if (!watchedItems(this.rulesets, this.state).has(reading.event.item)) return false;
    const changed = applyItemEvent(this.rulesets, this.state, reading.event, this.clock, this.effects, this.options);
    this.state = decodeState(encodeState(this.state));
    return changed;
  }

  read(event: TrialEvent): CustomerEvent {
    const reading = readEvent(this.json(event), {
      append: at(event.received ?? event.at),
      fallbackId: '',
      historical: event.historical ?? false,
    });
    if (!reading.ok) throw new Error(`${reading.field} ${reading.reason}`);
    return reading.event;
  }

  private json(event: TrialEvent): unknown {
    const { at: time, event: name, type, id, traits, consent, ...rest } = event;
    const properties = Object.fromEntries(
      Object.entries(rest).filter(([key]) => key !== 'received' && key !== 'historical'),
    );
    const json = {
      type: type ?? (name === undefined ? 'identify' : 'track'),
      event: name,
      userId: 'ann',
      messageId: id ?? `event-${++this.#count}`,
      timestamp: formatInstant(at(time)),
      properties,
      traits,
      context: consent === undefined ? undefined : { consent: { categoryPreferences: consent } },
    };
    return JSON.parse(JSON.stringify(json)) as unknown;
  }

  /** `customer.NAME` as a template sees it at an instant. */
  valueAt(offset: string, name: string): unknown {
    return customerValues(this.rulesets, this.state, at(offset))[name];
  }

  /** Lets the stream's clock pass this instant: what is due by then acts. */
  until(offset: string): this {
    this.advance(at(offset) + 1);
    return this;
  }

  /** `+1h cart-reminder`, in the order of planning; the place on the stream's clock. */
  get sent(): string[] {
    return this.effects.planned.map((message) => `${offsetOf(message.plannedAt)} ${message.template}`);
  }

  get outcomes(): string[] {
    return this.effects.traces.filter((trace) => trace.kind === 'ended').map((trace) => trace.outcome);
  }

  get refusals(): Extract<TraceEntry, { kind: 'not_started' }>[] {
    return this.effects.traces.filter((trace) => trace.kind === 'not_started');
  }

  private advance(append: number): void {
    const before = Math.max(this.clock, append);
    if (nextFire(this.state) < before) {
      fireTimers(this.rulesets, this.state, before, this.effects, this.options);
      this.state = decodeState(encodeState(this.state));
    }
    this.clock = before;
  }
}

export function offsetOf(time: number): string {
  let rest = Math.abs(time - EPOCH);
  let text = time < EPOCH ? '-' : '+';
  for (const [unit, ms] of [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1000],
    ['ms', 1],
  ] as const) {
    if (rest >= ms) text += `${Math.floor(rest / ms)}${unit}`;
    rest %= ms;
  }
  return text.length === 1 ? '+0m' : text;
}

function file(path: string, text: string): WorkspaceFile {
  return { path, bytes: encoder.encode(text) };
}

function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}
