import type { Condition, DatedMoment, Duration, Moment, Occasion, Start, Step } from '#core';

/** A step in a few words of the rule: `send cart-reminder`, `wait 1 hour`, `if customer.orders …`. */
export function stepWords(step: Step): string {
  switch (step.kind) {
    case 'wait':
      return `wait ${durationWords(step.duration)}`;
    case 'wait until':
      return `wait until ${momentWords(step)}`;
    case 'wait for':
      return `wait for ${step.occasions.map(occasionWords).join(' or ')}`;
    case 'if':
      return `if ${conditionWords(step.condition)}`;
    case 'split':
      return `split into ${step.branches.map(({ name }) => name).join(', ')}`;
    case 'repeat':
      return `repeat at most ${step.atMost} times`;
    case 'set':
      return `set ${Object.keys(step.traits)
        .map((name) => `customer.${name}`)
        .join(', ')}`;
    case 'emit':
      return `emit ${step.event}`;
    case 'webhook':
      return `webhook ${step.to}`;
    case 'pause':
    case 'resume':
    case 'unsubscribe':
      return `${step.kind} ${step.category}`;
    case 'send':
      return `send ${step.variants.map(({ template }) => template ?? 'nothing').join(' or ')}`;
    case 'stop':
      return 'stop';
  }
}

export function startWords(start: Start): string {
  switch (start.kind) {
    case 'inactive': {
      const since = start.since === 'any event' ? 'any event' : start.since.join(' or ');
      return `${durationWords(start.duration)} without ${since}`;
    }
    case 'date':
      return `date ${momentWords(start)}`;
    case 'every':
      return `every ${typeof start.days === 'string' ? start.days : start.days.join(', ')}`;
    case 'item event':
      return `${start.events.join(' or ')} of something in ${start.list.text}`;
    default:
      return occasionWords(start);
  }
}

export function occasionWords(occasion: Occasion): string {
  switch (occasion.kind) {
    case 'event':
      return occasion.events.join(' or ');
    case 'enters':
    case 'leaves':
      return `${occasion.kind} ${occasion.segment}`;
    default:
      return `${occasion.template} ${occasion.kind}`;
  }
}

const UNITS = [
  ['week', 604_800_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const;

/** `1 hour 30 minutes`, as the language writes it; weeks only where there is nothing else. */
export function milliseconds(ms: number): string {
  if (ms > 0 && ms % UNITS[0][1] === 0 && ms / UNITS[0][1] > 1) return counted(ms / UNITS[0][1], 'week');
  const parts: string[] = [];
  let rest = ms;
  for (const [unit, length] of UNITS.slice(1)) {
    const count = Math.floor(rest / length);
    rest -= count * length;
    if (count > 0) parts.push(counted(count, unit));
  }
  return parts.join(' ') || '0 seconds';
}

function counted(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

export function durationWords(duration: Duration): string {
  if (duration.kind === 'fixed') return milliseconds(duration.ms);
  const factor = duration.factor === 1 ? '' : `${duration.factor} x `;
  return `${factor}${duration.path.text}${duration.orMs === null ? '' : ` or ${milliseconds(duration.orMs)}`}`;
}

function momentWords({ moment, at }: DatedMoment): string {
  return `${plainMoment(moment)}${at === null ? '' : ` at ${timeOfDay(at)}`}`;
}

function plainMoment(moment: Moment): string {
  switch (moment.kind) {
    case 'time of day':
      return timeOfDay(moment.minute);
    case 'weekdays':
      return moment.days.join(', ');
    case 'day':
      return new Date(moment.day * 86_400_000).toISOString().slice(0, 10);
    case 'instant':
      return new Date(moment.time).toISOString();
    case 'path':
      return moment.path.text;
    case 'beside':
      return `${milliseconds(moment.duration.ms)} ${moment.side} ${moment.path.text}`;
    case 'later':
      return `${milliseconds(moment.duration.ms)} later`;
  }
}

function timeOfDay(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
}

const MOST_ASKED = 3;

/** What a condition asks about, not how: enough to find it again. */
function conditionWords(condition: Condition): string {
  const asked = [...new Set(subjectsOf(condition))];
  const shown = asked.slice(0, MOST_ASKED).join(', ');
  return asked.length > MOST_ASKED ? `${shown}, …` : shown;
}

function subjectsOf(condition: Condition): readonly string[] {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return condition.conditions.flatMap(subjectsOf);
    case 'not':
      return subjectsOf(condition.condition);
    case 'compare':
      return [condition.path.text];
    case 'segment':
      return condition.segments.map((segment) => `segment ${segment}`);
    case 'has done':
      return condition.events.map((event) => `${condition.negated ? 'has not done' : 'has done'} ${event}`);
    default:
      return [
        `${condition.negated ? condition.kind.replace('has', 'has not') : condition.kind} ${condition.template ?? 'any message'}`,
      ];
  }
}
