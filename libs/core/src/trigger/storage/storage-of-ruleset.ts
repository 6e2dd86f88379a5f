import type { Computed, TrackingPlan, Workspace } from '../../rules/model.js';
import { KEPT_HOURS } from '../../customer/seen-ids.js';
import { StoredEvent } from '../../customer/stored-event.js';
import type { CompiledRule, SilencePlan } from '../compiled-rule.js';
import { bucketMs } from '../computed/buckets.js';
import { LATE_MS } from '../computed/keeper.js';
import { computedFingerprint } from '../computed/read-computed.js';
import { count, KEPT_EVENTS, type CounterPlan } from '../conditions/history.js';
import { durationText } from '../explaining/duration-text.js';
import type { Ruleset } from '../ruleset.js';
import { sizesOfAttribute, type Sizes } from './kept-attributes.js';
import { sizesOfRun, startName } from './kept-runs.js';
import { bytesOf, emptyStateBytes } from './measure.js';
import { SAMPLE_TEXT, SAMPLE_TIME, sampleEvent, sampleText } from './sample-event.js';

/** What is kept of each customer. */
export interface StorageReport {
  /** In the order: always, computed attributes, counts, segments, then rule by rule. */
  readonly kept: readonly KeptThing[];
  /** The sum of `first` and of `full`, one run of each rule at a time, bytes. */
  readonly total: Sizes;
  /** Characters that a text is taken to have. */
  readonly textLength: number;
}

export interface KeptThing extends Sizes {
  readonly kind: 'customer' | 'attribute' | 'count' | 'segment' | 'run' | 'again' | 'silence' | 'calendar' | 'pause';
  /** Whom it is kept for: `customer.spent`, `rule abandoned-cart`, `segment vip`; empty: it is always kept. */
  readonly for: readonly string[];
  readonly what: string;
  /** How long. */
  readonly until: string;
  /** So many times: `cart_id`; null: once. */
  readonly each: string | null;
}

const HOUR_MS = 3_600_000;
/** Publishing a ruleset that asks for it no longer ends it. */
const FOR_EVER = 'as long as something asks for it';

type Facts = Pick<KeptThing, 'kind' | 'for' | 'what' | 'until'>;

/**
 * What this ruleset lets a state hold, for whom and how long. Sizes are measured: a sample of each is taken in as the
 * engine does, and encoded as states are.
 */
export function storageOf(ruleset: Ruleset, workspace: Workspace): StorageReport {
  const { events } = workspace;
  const owners = (fingerprint: number): readonly string[] => ownersOf(fingerprint, ruleset, workspace);
  const computed = Object.values(workspace.computed);
  const attributes = [...ruleset.history].flatMap((fingerprint): KeptThing[] => {
    const plan = ruleset.computed(fingerprint);
    const definition = computed.find((each) => computedFingerprint(each, workspace) === fingerprint);
    if (plan === undefined || definition === undefined) return [];
    const until = untilOf(definition);
    const what = `${definition.kind} of ${[...plan.of].join(', ')}`;
    return [
      once({ kind: 'attribute', for: owners(fingerprint), what, until }, sizesOfAttribute(plan, definition, events)),
    ];
  });
  const counts = [...ruleset.history].flatMap((fingerprint): KeptThing[] => {
    const plan = ruleset.counter(fingerprint);
    return plan === undefined ? [] : [once(countFacts(plan, owners(fingerprint)), sizesOfCounter(plan, events))];
  });
  const kept = [
    ...always(),
    ...attributes,
    ...counts,
    ...segmentsOf(ruleset),
    ...ruleset.rules.flatMap((rule) => keptFor(rule, events)),
  ];
  const sum = (of: keyof Sizes): number => kept.reduce((total, each) => total + each[of], 0);
  return { kept, total: { first: sum('first'), full: sum('full') }, textLength: SAMPLE_TEXT };
}

function once(facts: Facts, sizes: Sizes): KeptThing {
  return { ...facts, each: null, ...sizes };
}

function always(): KeptThing[] {
  const bytes = emptyStateBytes();
  const seen = bytesOf(({ seen: ids }) => ids.add({ low: 1, high: 1 }, SAMPLE_TIME));
  const trait = bytesOf(({ traits }) => traits.set(sampleText(0), sampleText(1), SAMPLE_TIME));
  const base = { kind: 'customer', for: [] } as const;
  return [
    once({ ...base, what: 'the id', until: 'as long as anything is kept' }, { first: bytes, full: bytes }),
    {
      ...once(
        { ...base, what: 'that an event was taken in', until: `${KEPT_HOURS + 1} hours` },
        { first: seen, full: seen },
      ),
      each: 'event that changed something',
    },
    {
      ...once(
        { ...base, what: 'a trait', until: 'until it is unset or the customer erased' },
        { first: trait, full: trait },
      ),
      each: 'trait',
    },
  ];
}

/** What of the workspace asks for this counter or raw material. */
function ownersOf(fingerprint: number, ruleset: Ruleset, workspace: Workspace): readonly string[] {
  const named = Object.entries(workspace.computed).filter(
    ([, definition]) => computedFingerprint(definition, workspace) === fingerprint,
  );
  const segments = ruleset.segments.filter((segment) =>
    [...segment.counters, ...segment.computed].some((part) => part.fingerprint === fingerprint),
  );
  const rules = ruleset.rules.filter(({ needs }) => needs.includes(fingerprint));
  return [
    ...named.map(([name]) => `customer.${name}`),
    ...segments.map(({ name }) => `segment ${name}`),
    ...rules.map(({ name }) => `rule ${name}`),
  ];
}

function untilOf({ kind, withinMs }: Computed): string {
  if (kind === 'last') return 'until a newer one comes';
  if (withinMs === null) return kind === 'list' ? 'until it is taken out, or newer ones push it out' : FOR_EVER;
  const late = kind === 'list' || isOfValues(kind) ? LATE_MS : LATE_MS + bucketMs(withinMs);
  return `counts for ${durationText(withinMs)}; goes with the next such event when it is ${durationText(withinMs + late)} old`;
}

function isOfValues(kind: Computed['kind']): boolean {
  return kind === 'min' || kind === 'max' || kind === 'first';
}

function countFacts({ names, keptTimes, keeps }: CounterPlan, owners: readonly string[]): Facts {
  const times = keptTimes > 0 ? `, the times of the newest ${keptTimes}` : '';
  const events = keeps === null ? '' : `, of the newest ${KEPT_EVENTS} ${keeps.join(', ')}`;
  return {
    kind: 'count',
    for: owners,
    what: `how many ${names.join(', ')}${times}${events}`,
    until: keptTimes > 0 || keeps !== null ? `${FOR_EVER}; the newest until newer ones come` : FOR_EVER,
  };
}

function sizesOfCounter(plan: CounterPlan, tracked: TrackingPlan | null): Sizes {
  const filled = (events: number): number => {
    const counter = { total: 0, times: [], events: [] };
    for (let number = 0; number < events; number++) {
      const values = (plan.keeps ?? []).map((name) => [[name], sampleText(number)] as const);
      count(plan, counter, sampleEvent(plan.names[0] ?? null, tracked, SAMPLE_TIME + number * HOUR_MS, values));
    }
    return bytesOf(({ counters }) => void counters.set(plan.fingerprint, counter));
  };
  return { first: filled(1), full: filled(Math.max(plan.keptTimes, plan.keeps === null ? 1 : KEPT_EVENTS)) };
}

function segmentsOf({ segments }: Ruleset): KeptThing[] {
  return segments.map(({ name, fingerprint, flips }) => {
    const sizeOf = (flipsAt: number): number =>
      bytesOf(({ computed }) => void computed.memberships.set(fingerprint, { inside: true, flipsAt }));
    const facts = { kind: 'segment', for: [`segment ${name}`] } as const;
    const sizes = { first: sizeOf(Infinity), full: sizeOf(flips === null ? Infinity : SAMPLE_TIME) };
    return once({ ...facts, what: 'whether the customer is in it', until: FOR_EVER }, sizes);
  });
}

function keptFor(rule: CompiledRule, tracked: TrackingPlan | null): KeptThing[] {
  const owner = { for: [`rule ${rule.name}`] } as const;
  const { again, source } = rule;
  const each = keyText(rule);
  const timers = [
    ...rule.silences.map((silence) =>
      once({ kind: 'silence', ...owner, ...SILENCE }, sizesOfSilence(silence, rule, tracked)),
    ),
    ...rule.calendar.map(({ fingerprint }) => {
      const timer = {
        value: fingerprint,
        next: 20_000,
        done: false,
        due: SAMPLE_TIME,
        fireAt: SAMPLE_TIME,
        actsAt: SAMPLE_TIME,
      };
      const bytes = bytesOf(({ calendar }) => void calendar.timers.set(fingerprint, timer));
      return once({ kind: 'calendar', ...owner, ...CALENDAR }, { first: bytes, full: bytes });
    }),
  ];
  const run = {
    ...once({ kind: 'run', ...owner, what: 'a run', until: untilOfRun(rule) }, sizesOfRun(rule, tracked)),
    each,
  };
  if (again.kind === 'always') return [...timers, run, ...pausesOf(rule)];
  const bytes = bytesOf(({ accepted }) => void accepted.push({ rule: rule.name, key: 1e14, time: SAMPLE_TIME }));
  const until = again.kind === 'never' ? FOR_EVER : durationText(again.durationMs + source.tooLateAfterMs);
  const start = { kind: 'again', ...owner, what: 'the latest start (`again`)', until } as const;
  const isPerCustomer = again.kind === 'after' && again.perCustomer;
  return [
    ...timers,
    run,
    { ...once(start, { first: bytes, full: bytes }), each: isPerCustomer ? null : each },
    ...pausesOf(rule),
  ];
}

const SILENCE = { what: 'the latest event and a timer (`inactive`)', until: FOR_EVER } as const;
const CALENDAR = { what: 'a timer (`date`, `every`)', until: FOR_EVER } as const;

function sizesOfSilence({ fingerprint }: SilencePlan, rule: CompiledRule, tracked: TrackingPlan | null): Sizes {
  const last = StoredEvent.of(sampleEvent(startName(rule.source), tracked, SAMPLE_TIME));
  const silence = { last, over: false, due: SAMPLE_TIME, fireAt: SAMPLE_TIME, actsAt: SAMPLE_TIME };
  const bytes = bytesOf(({ silences }) => void silences.set(fingerprint, silence));
  return { first: bytes, full: bytes };
}

function pausesOf(rule: CompiledRule): KeptThing[] {
  const categories = new Set(rule.steps.flatMap((step) => (step.kind === 'pause' ? [step.category] : [])));
  return [...categories].map((category) => {
    const bytes = bytesOf(({ pauses }) => void pauses.push({ category, until: SAMPLE_TIME, run: 1e14 }));
    const facts = {
      kind: 'pause',
      for: [`rule ${rule.name}`],
      what: `a pause of ${category}`,
      until: 'until it ends',
    } as const;
    return once(facts, { first: bytes, full: bytes });
  });
}

function keyText({ eventStarts, itemStarts }: CompiledRule): string | null {
  const key = eventStarts.find((start) => start.key.length > 0)?.key;
  if (key !== undefined) return key.map(({ text }) => text).join(' and ');
  return itemStarts.length > 0 ? 'thing in the list' : null;
}

function untilOfRun({ steps, withdraws }: CompiledRule): string {
  const open = steps.map((step) => (step.kind === 'send' || step.kind === 'webhook' ? step.openForMs : 0));
  const longest = Math.max(...open, 0);
  const after = `, and up to ${durationText(longest)} after its last message, which \`stop\` and \`goal\` may withdraw`;
  return `until its last step${withdraws && longest > 0 ? after : ''}`;
}
