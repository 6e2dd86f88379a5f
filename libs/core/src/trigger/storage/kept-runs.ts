import type { Run } from '../../customer/customer-state.js';
import { StoredEvent } from '../../customer/stored-event.js';
import type { Rule, Step, TrackingPlan } from '../../rules/model.js';
import type { CompiledRule } from '../compiled-rule.js';
import { nestedSteps } from '../../rules/nested-steps.js';
import { KEPT_STARTS } from '../start-run.js';
import type { Sizes } from './kept-attributes.js';
import { bytesOf } from './measure.js';
import { SAMPLE_TIME, sampleEvent, sampleText } from './sample-event.js';

const MESSAGE_ID = '00004e20-7bd1-4c8e-9f5a-2b6d8c1e0f3a';

/** Of one run: as it begins, and with every message, start and named event that it can remember. */
export function sizesOfRun(rule: CompiledRule, tracked: TrackingPlan | null): Sizes {
  return {
    first: bytesOf(({ runs }) => void runs.push(runOf(rule, tracked, false))),
    full: bytesOf(({ runs }) => void runs.push(runOf(rule, tracked, true))),
  };
}

function runOf(rule: CompiledRule, tracked: TrackingPlan | null, isFull: boolean): Run {
  const start = StoredEvent.of(sampleEvent(startName(rule.source), tracked, SAMPLE_TIME));
  const keys = Math.max(...rule.eventStarts.map(({ key }) => key.length), 0);
  const named = isFull ? namedEvents(rule.source.steps, tracked) : [];
  const sends = rule.steps.flatMap((step) => (step.kind === 'send' || step.kind === 'webhook' ? [step] : []));
  const most = sends.reduce((sum, { roundsOf }) => sum + roundsOf.reduce((product, rounds) => product * rounds, 1), 0);
  return {
    rule: rule.name,
    version: rule.version,
    key: keys === 0 ? null : keys === 1 ? sampleText(0) : Array.from({ length: keys }, (_, part) => sampleText(part)),
    occurrence: isFull ? start.id : null,
    start,
    startedAt: SAMPLE_TIME,
    starts: rule.keepsStarts ? Array.from({ length: isFull ? KEPT_STARTS : 1 }, () => start) : null,
    heldOut: false,
    node: rule.first,
    held: false,
    due: SAMPLE_TIME,
    fireAt: SAMPLE_TIME,
    actsAt: SAMPLE_TIME,
    messages:
      isFull && rule.withdraws ? Array.from({ length: most }, () => ({ id: MESSAGE_ID, until: SAMPLE_TIME })) : [],
    latest: isFull ? [...rule.followed].map((template) => ({ template, id: MESSAGE_ID, gone: false })) : [],
    named: named.length === 0 ? null : new Map(named),
    draws: rule.draws.map(() => 0),
    rounds: isFull ? Array.from({ length: Math.max(...sends.map(({ roundsOf }) => roundsOf.length), 0) }, () => 1) : [],
    hops: 0,
    customer: null,
    until: isFull && rule.steps.some(({ kind }) => kind === 'wait until') ? waiting : null,
  };
}

const waiting = { reachedAt: SAMPLE_TIME, moment: SAMPLE_TIME };

/** The first event by which it starts; null: no event does. */
export function startName({ starts }: Rule): string | null {
  for (const start of starts) {
    if (start.kind === 'event' || start.kind === 'item event') return start.events[0] ?? null;
    if (start.kind === 'inactive' && start.since !== 'any event') return start.since[0] ?? null;
  }
  return null;
}

function namedEvents(steps: readonly Step[], tracked: TrackingPlan | null): (readonly [string, StoredEvent])[] {
  return steps.flatMap((step) => {
    const below = namedEvents(nestedSteps(step), tracked);
    if (step.kind !== 'wait for' || step.as === null) return below;
    const event = step.occasions.find((occasion) => occasion.kind === 'event');
    const stored = StoredEvent.of(sampleEvent(event?.events[0] ?? null, tracked, SAMPLE_TIME));
    return [[step.as, stored] as const, ...below];
  });
}
