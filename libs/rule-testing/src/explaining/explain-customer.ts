import {
  decisionRecord,
  describeDecision,
  findZone,
  formatInstant,
  localTime,
  stepsOf,
  WEEKDAYS,
  type CustomerEvent,
  type DeliveryDecision,
  type ItemEvent,
  type TraceEntry,
  type Workspace,
  type Zone,
} from '#core';
import { startWords, stepWords } from '../coverage/part-words.js';
import { Simulation, type LineProblem } from '../simulation/simulate.js';
import type { CustomerNow } from '../simulation/simulated-shop.js';
import { shownValues } from '../tests/comparing/wording.js';
import { traceSentence } from './trace-sentence.js';

export interface ExplainOptions {
  readonly workspace: Workspace;
  readonly customer: string;
  /** null: all rules. */
  readonly rule: string | null;
  /** ms; null: at the last event. */
  readonly at: number | null;
  readonly assumeConsent: boolean;
}

/** One thing that happened to a customer. */
export interface StoryLine {
  /** ISO. */
  readonly at: string;
  /** On her wall clock: `Mon 2 Mar 2026 10:00:00`. */
  readonly clock: string;
  readonly kind: 'event' | 'run' | 'decision';
  /** null: an event, which is nobody's. */
  readonly rule: string | null;
  readonly sentence: string;
  /** What every check of a decision saw. */
  readonly details: readonly string[];
}

export interface Explanation {
  readonly customer: string;
  readonly timeZone: string;
  /** Where the story ends, ISO; null: the recording is empty. */
  readonly until: string | null;
  readonly story: readonly StoryLine[];
  /** Runs that are open, messages that wait, in sentences. */
  readonly open: readonly string[];
  /** Traits and computed attributes by name. */
  readonly values: CustomerNow['values'];
  readonly segments: CustomerNow['segments'];
  /** Rules that never had anything to do with her, and what they would have needed. */
  readonly untouched: readonly string[];
}

/** Follows one customer through a recording, to say why something was or was not sent to her. */
export class CustomerExplainer {
  private readonly simulation: Simulation;
  private readonly story: { readonly at: number; readonly line: (zone: Zone) => Omit<StoryLine, 'at' | 'clock'> }[] =
    [];
  private readonly names = new Map<string, string>();
  private readonly touched = new Set<string>();
  private readonly whoFalse = new Map<string, string>();
  private readonly own = new Map<string, number>();
  /** What time alone would have started, by rule and reason. */
  private readonly refusals = new Map<string, { times: number; last: number }>();

  constructor(private readonly options: ExplainOptions) {
    const { workspace, customer, at, assumeConsent } = options;
    this.simulation = new Simulation({
      workspace,
      assumeConsent,
      from: null,
      to: at,
      isLookedAt: (id) => id === customer,
      onEvent: (event) => this.heardEvent(event),
      onOwnEvent: (event) => void this.names.set(event.id, event.name ?? event.type),
      onTrace: (_, trace) => this.traced(trace),
      onWhoFalse: (id, why) => void this.whoFalse.set(id, why),
      onDecision: (decision) => this.decided(decision),
    });
  }

  get hasEnded(): boolean {
    return this.simulation.hasEnded;
  }

  /** Her own events are all looked at, whether a rule asks or not: what she did stands in the story. */
  passBy(bytes: Buffer, start: number, end: number): boolean {
    if (bytes.subarray(start, end).includes(this.options.customer)) return false;
    return this.simulation.passBy(bytes, start, end);
  }

  customerLine(json: unknown, fallbackId: string): LineProblem | null {
    return this.simulation.customer(json, fallbackId);
  }

  line(json: unknown, fallbackId: string, historical = false): LineProblem | null {
    return this.simulation.line(json, fallbackId, historical);
  }

  /** null: nobody of this id is in the recording. */
  finish(): Explanation | null {
    this.simulation.finish();
    const { customer, workspace } = this.options;
    const now = this.simulation.describe(customer);
    if (now === null) return null;
    const zone = zoneOf(now, workspace);
    const { end } = this.simulation;
    return {
      customer,
      timeZone: zone.name,
      until: end === null ? null : formatInstant(end),
      story: [...this.story]
        .sort((a, b) => a.at - b.at)
        .map(({ at, line }) => ({ at: formatInstant(at), clock: wallClock(at, zone), ...line(zone) })),
      open: this.openSentences(now, zone),
      values: now.values,
      segments: now.segments,
      untouched: this.untouchedSentences(),
    };
  }

  private heardEvent(event: CustomerEvent | ItemEvent): void {
    const name = 'item' in event ? event.name : (event.name ?? event.type);
    this.names.set(event.id, name);
    this.own.set(name, (this.own.get(name) ?? 0) + 1);
    // What happened to things stands in the story where it came to anything.
    // So do customers of a file, who are known before anything happens.
    if ('item' in event || event.historical) return;
    const said = event.type === 'identify' ? (event.traits ?? {}) : event.properties;
    const values = Object.keys(said).length === 0 ? '' : ` ${shownValues(said)}`;
    const sentence = `${event.name ?? `${event.type} call`}${values}`;
    this.story.push({ at: event.time, line: () => ({ kind: 'event', rule: null, sentence, details: [] }) });
  }

  private traced(trace: TraceEntry): void {
    if (!this.concerns(trace.rule)) return;
    this.touched.add(trace.rule);
    const repeats = this.repeatsOf(trace);
    if (repeats === null) return;
    this.story.push({
      at: trace.at,
      line: (zone) => ({
        kind: 'run',
        rule: trace.rule,
        sentence: `${traceSentence(trace, {
          whom: '',
          nameOf: (id) => this.names.get(id) ?? null,
          instant: (at) => wallClock(at, zone),
        })}${repeats.times === 0 ? '' : ` (and ${repeats.times} times more, at last ${wallClock(repeats.last, zone)})`}`,
        details: [],
      }),
    });
  }

  /** A calendar says no each week for the same reason, which is told once; null: it was told. */
  private repeatsOf(trace: TraceEntry): { readonly times: number; readonly last: number } | null {
    if (trace.kind !== 'not_started' || trace.event !== null) return { times: 0, last: trace.at };
    const key = [trace.rule, trace.reason, trace.detail].join('\0');
    const told = this.refusals.get(key);
    if (told === undefined) {
      const first = { times: 0, last: trace.at };
      this.refusals.set(key, first);
      return first;
    }
    told.times++;
    told.last = trace.at;
    return null;
  }

  private decided(decision: DeliveryDecision): void {
    const { plan } = decision.message;
    if (!this.concerns(plan.rule)) return;
    const { verdict, checks } = describeDecision(decisionRecord(decision), 'en');
    const who = this.whoFalse.get(plan.id);
    const refused = checks.filter(({ outcome }) => outcome === 'refused').flatMap(({ sentences }) => sentences);
    const details = who === undefined ? refused : [`who: ${who}`];
    const reason = decision.verdict.kind === 'send' ? '' : ` (${decision.verdict.reason})`;
    const sentence = `${verdict.replace(/\.$/, '')}${reason}`;
    this.story.push({ at: decision.at, line: () => ({ kind: 'decision', rule: plan.rule, sentence, details }) });
  }

  private concerns(rule: string): boolean {
    return this.options.rule === null || this.options.rule === rule;
  }

  private openSentences({ runs, messages }: CustomerNow, zone: Zone): readonly string[] {
    const waiting = runs
      .filter(({ rule }) => this.concerns(rule))
      .map(({ rule, key, startedAt, step, until, heldOut }) => {
        const of = key === null ? '' : ` (key ${[key].flat().join(', ')})`;
        const end = until === null ? '' : ` until ${wallClock(until, zone)}`;
        const what = this.stepOf(rule, step);
        return `${rule}${of} has been running since ${wallClock(startedAt, zone)} and is at step ${step} (${what})${end}${heldOut ? ', in the holdout' : ''}`;
      });
    const held = messages
      .filter(({ plan, sentOn }) => this.concerns(plan.rule) && sentOn === undefined)
      .map(({ plan, notBefore, heldFor }) => {
        const why = heldFor === null ? '' : ` (${heldFor})`;
        return `${plan.template} of ${plan.rule} waits until ${wallClock(notBefore, zone)}${why}`;
      });
    return [...waiting, ...held];
  }

  private stepOf(name: string, path: string): string {
    const rule = this.options.workspace.rules.find((each) => each.name === name);
    const found = rule && [...stepsOf(rule.steps)].find((each) => each.path === path);
    return found === undefined ? '' : stepWords(found.step);
  }

  private untouchedSentences(): readonly string[] {
    const heard = [...this.own].sort(([, a], [, b]) => b - a).slice(0, 8);
    const hers = heard.length === 0 ? 'nothing' : heard.map(([name, count]) => `${name} (${count})`).join(', ');
    return this.options.workspace.rules
      .filter(({ name }) => this.concerns(name) && !this.touched.has(name))
      .map(
        ({ name, starts }) =>
          `${name} never met her: it starts with ${starts.map(startWords).join(' or ')}; she did ${hers}`,
      );
  }
}

function zoneOf({ values }: CustomerNow, { settings }: Workspace): Zone {
  const own = values['timezone'];
  return (typeof own === 'string' ? findZone(own) : null) ?? findZone(settings.timeZone)!;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Mon 2 Mar 2026 10:00:00` */
function wallClock(at: number, zone: Zone): string {
  const { year, month, day, weekday, minute, second } = localTime(zone, at);
  const name = (WEEKDAYS[weekday] ?? '').slice(0, 3);
  const clock = [Math.floor(minute / 60), minute % 60, second].map((part) => String(part).padStart(2, '0')).join(':');
  return `${name.charAt(0).toUpperCase()}${name.slice(1)} ${day} ${MONTHS[month - 1]} ${year} ${clock}`;
}
