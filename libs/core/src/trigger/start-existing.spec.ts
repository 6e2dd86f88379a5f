import { readWorkspace } from '../rules/index.js';
import { newCustomerState, type CustomerState } from '../customer/customer-state.js';
import { readEvent } from '../event/read-event.js';
import { applyEvent } from './apply-event.js';
import { compileRuleset } from './compile-ruleset.js';
import { noEffects } from './effects.js';
import { fireTimers } from './fire-timers.js';
import { rulesetsOf } from './compile-ruleset.js';
import type { Rulesets } from './ruleset.js';
import { findInside, startExisting, whyNobodyIsInside } from './start-existing.js';

const NOW = Date.UTC(2026, 2, 2, 9);
const HOUR = 3_600_000;

function workspaceOf(rule: string) {
  const files = {
    'kairos.yaml':
      'time zone: UTC\nlocale: en\ngrace: 0 seconds\nchannels: [email]\ncategories: { care: { consent: none } }\n',
    'segments.yaml':
      'segments: { gold: { customer.tier: gold } }\ncomputed: { customer.wishes: { list: event.thing, of: Wished } }\n',
    'events.yaml': 'items: { Repriced: thing }\n',
    'rules/care.yaml': `rule: care\ncategory: care\n${rule}\nsteps: [{ wait: 1 hour }, { send: hello }]\n`,
    'templates/hello/email.hbs': 'hello',
    'templates/hello/subject.hbs': 'hello',
  };
  const { workspace, diagnostics } = readWorkspace(
    Object.entries(files).map(([path, text]) => ({ path, bytes: new TextEncoder().encode(text) })),
  );
  if (workspace === null) throw new Error(JSON.stringify(diagnostics));
  return workspace;
}
const rulesetsFor = (rule: string): Rulesets => rulesetsOf(compileRuleset(workspaceOf(rule), 1, {}));

function after(rulesets: Rulesets, ...calls: readonly [time: number, call: object][]): CustomerState {
  const state = newCustomerState('ann');
  for (const [place, [time, call]] of calls.entries()) {
    const json = { userId: 'ann', messageId: `m${place}`, timestamp: new Date(time).toISOString(), ...call };
    const reading = readEvent(json, { append: time, fallbackId: '', historical: true });
    if (!reading.ok) throw new Error(reading.reason);
    applyEvent(rulesets, state, reading.event, time, noEffects());
  }
  fireTimers(rulesets, state, NOW, noEffects());
  return state;
}
const gold = { type: 'identify', traits: { tier: 'gold' } };
const viewed = { type: 'track', event: 'Viewed', properties: { thing: 'mug' } };

function start(rulesets: Rulesets, state: CustomerState) {
  const effects = noEffects();
  const outcome = startExisting(rulesets, state, 'care', NOW, effects, { explain: true });
  return { outcome, reasons: effects.traces.flatMap((trace) => (trace.kind === 'not_started' ? trace.reason : [])) };
}

describe('a customer who is inside a start already', () => {
  it('is a member of its segment, and begins now, without an event', () => {
    const rulesets = rulesetsFor('start: { enters: gold }');
    const state = after(rulesets, [NOW - HOUR, gold]);
    expect(findInside(rulesets, state, 'care', NOW).inside).toBe(true);
    expect(start(rulesets, state).outcome).toBe('started');
    expect(state.runs).toMatchObject([{ startedAt: NOW, occurrence: String(NOW), due: NOW + HOUR }]);
    expect(start(rulesets, state)).toEqual({ outcome: 'refused', reasons: ['already_running'] });
  });

  it('has been silent for longer, and `start` is what she did last, however long ago', () => {
    const rulesets = rulesetsFor('start: { inactive: 2 hours, since: Viewed }');
    const state = after(rulesets, [NOW - 900 * HOUR, viewed]);
    expect(start(rulesets, state).outcome).toBe('started');
    expect(state.runs[0]!.start.properties).toEqual({ thing: 'mug' });
    expect(state.runs[0]!.startedAt).toBe(NOW);
  });

  it('is not one whose silence still lasts, who never did it, or who is in another segment', () => {
    const silence = rulesetsFor('start: { inactive: 2 hours, since: Viewed }');
    expect(start(silence, after(silence, [NOW - HOUR, viewed])).outcome).toBe('outside');
    expect(start(silence, after(silence, [NOW - HOUR, gold])).outcome).toBe('outside');
    const segment = rulesetsFor('start: { enters: gold }');
    expect(start(segment, after(segment, [NOW - HOUR, viewed])).outcome).toBe('outside');
  });

  it.each([
    ['who: { customer.name: ann }', 'who_false'],
    ['active: never', 'not_active'],
    ['active: { from: 2026-04-01 }', 'not_active'],
  ])('is judged as at any start: %s', (more, reason) => {
    const rulesets = rulesetsFor(`start: { enters: gold }\n${more}`);
    expect(start(rulesets, after(rulesets, [NOW - HOUR, gold]))).toEqual({ outcome: 'refused', reasons: [reason] });
  });

  it('counts for `again`, and is held out like others', () => {
    const rulesets = rulesetsFor('start: { enters: gold }\nagain: never\nholdout: 100%');
    const state = after(rulesets, [NOW - HOUR, gold]);
    expect(start(rulesets, state).outcome).toBe('started');
    expect(state.runs[0]!.heldOut).toBe(true);
    fireTimers(rulesets, state, NOW + 2 * HOUR, noEffects());
    expect(start(rulesets, state)).toEqual({ outcome: 'refused', reasons: ['again'] });
  });
});

it.each([
  ['{ event: Viewed }', 'an event is over as soon as it has happened'],
  ['{ leaves: gold }', 'make a segment of those you mean'],
  ['{ date: customer.birthday, every: year }', '`date` is a moment'],
  ['{ every: day }', '`every` is a moment'],
  ['{ opened: hello }', 'an event is over'],
  ['{ item event: Repriced, in: customer.wishes }', 'send the event about the thing once more'],
])('nobody can be inside a moment: start %s', (of, sentence) => {
  expect(whyNobodyIsInside(workspaceOf(`start: ${of}`).rules[0]!)).toContain(sentence);
});

it('a rule with several starts has people inside where one of them lasts', () => {
  expect(whyNobodyIsInside(workspaceOf('start: [{ event: Viewed }, { enters: gold }]').rules[0]!)).toBeNull();
});
