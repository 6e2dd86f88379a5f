import {
  Agenda,
  applyEvent,
  decodeState,
  encodeState,
  fireTimers,
  isEmpty,
  lookAtEvent,
  newCustomerState,
  nextFire,
  readEvent,
  type CustomerState,
  type Effects,
  type Rulesets,
  noEffects,
} from '#core';
import { profile } from '../measure/profile.js';
import { beSide, measure } from '../measure/side.js';
import { rulesetsFrom } from '../traffic/rulesets-from.js';
import { fiftyRules } from './fifty-rules.js';
import { nothingFound, type Found } from './found.js';
import { makeRecording, WARM_UP, type Recording, type RecordingSize } from './recording.js';

/** The core as the engine drives it, without stream and database: states stay encoded between two events of a customer. */
class CoreLoop {
  private readonly states = new Map<string, Uint8Array>();
  private readonly timers = new Agenda();
  private readonly effects: Effects = noEffects();
  private logTime = 0;
  found = nothingFound();

  constructor(private readonly rulesets: Rulesets) {}

  run({ values, appendTimes }: Recording, from: number, to: number): void {
    for (let k = from; k < to; k++) this.apply(values[k]!, appendTimes[k]!, k);
  }

  private apply(value: Buffer, appendTime: number, offset: number): void {
    if (appendTime > this.logTime) this.logTime = appendTime;
    for (let due = this.timers.firstBefore(this.logTime); due !== null; due = this.timers.firstBefore(this.logTime))
      this.fire(due);
    const look = lookAtEvent(value);
    if (look !== null && !this.rulesets.concerns(look.type, look.name)) return;
    const reading = readEvent(JSON.parse(value.toString()), {
      append: appendTime,
      fallbackId: String(offset),
      historical: false,
    });
    if (!reading.ok) throw new Error(`${reading.field} ${reading.reason}`);
    const { event } = reading;
    const bytes = this.states.get(event.customer);
    const state = bytes === undefined ? newCustomerState(event.customer) : decodeState(bytes);
    if (applyEvent(this.rulesets, state, event, this.logTime, this.effects)) this.keep(event.customer, state);
  }

  private fire(customer: string): void {
    const state = decodeState(this.states.get(customer)!);
    fireTimers(this.rulesets, state, this.logTime, this.effects);
    this.keep(customer, state);
  }

  private keep(customer: string, state: CustomerState): void {
    if (isEmpty(state)) this.states.delete(customer);
    else this.states.set(customer, encodeState(state));
    this.timers.set(customer, nextFire(state));
    this.count();
  }

  private count(): void {
    const { planned, cancelled, traces } = this.effects;
    for (const trace of traces) {
      if (trace.kind === 'started') this.found.started[groupOf(trace.rule)]++;
      else if (trace.kind === 'wait_restarted') this.found.restarted++;
      else if (trace.kind === 'ended' && trace.outcome === 'goal_reached') this.found.goals++;
    }
    this.found.planned += planned.length;
    this.found.cancelled += cancelled.length;
    planned.length = cancelled.length = traces.length = 0;
  }
}

function groupOf(rule: string): keyof Found['started'] {
  return rule.startsWith('cart') ? 'cart' : rule.startsWith('care') ? 'care' : 'win-back';
}

await beSide(async (size: RecordingSize) => {
  const rulesets = rulesetsFrom(fiftyRules());
  const before = makeRecording(WARM_UP);
  new CoreLoop(rulesets).run(before, 0, before.values.length);
  const recording = makeRecording(size);
  const core = new CoreLoop(rulesets);
  core.run(recording, 0, recording.measuredFrom);
  core.found = nothingFound();
  const profiled = await profile('core');
  const done = measure();
  core.run(recording, recording.measuredFrom, recording.values.length);
  const sample = done(size.events);
  await profiled();
  return { sample, result: core.found };
});
