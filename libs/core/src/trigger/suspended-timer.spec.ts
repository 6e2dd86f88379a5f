import { newCustomerState, nextFire, type CustomerState } from '../customer/customer-state.js';
import { readEvent } from '../event/read-event.js';
import { formatInstant } from '../event/instant.js';
import { applyEvent } from './apply-event.js';
import { compileRuleset, rulesetsOf } from './compile-ruleset.js';
import { noEffects } from './effects.js';
import { fireTimers, fireTimersApart } from './fire-timers.js';
import type { Rulesets } from './ruleset.js';
import { resumeTimer, ruleOfTimer } from './suspended-timer.js';
import { MissingRuleVersionError } from './missing-rule-version-error.js';
import { at, workspaceOf } from './testing/trial.js';

const MISSED = `
rule: missed
category: promotional
start: { inactive: 1 day, since: Order Completed }
steps: [{ send: we-miss-you }]
`;
const BIRTHDAY = `
rule: birthday
category: promotional
start: { every: day, at: '09:30' }
steps: [{ send: good-morning }]
`;
const REGULARS = `segments:
  regular: { has done: { event: Order Completed, within: 1 day } }
`;
const LAPSED = `
rule: lapsed
category: promotional
start: { leaves: regular }
steps: [{ send: come-back }]
`;
const THANKS = `
rule: thanks
category: promotional
start: { event: Order Completed }
steps: [{ wait: 1 day }, { send: thank-you }]
`;

const good = rulesetsOf(compileRuleset(workspaceOf([MISSED, BIRTHDAY, THANKS, REGULARS, LAPSED]), 1, {}));

/** Starting a run of this rule throws. */
function faulty(rule: string): Rulesets {
  const current = Object.create(good.current, {
    rule: {
      value: (name: string) => {
        if (name === rule) throw new TypeError('a fault of the core');
        return good.current.rule(name);
      },
    },
  }) as Rulesets['current'];
  return { ...good, current };
}

function customer(): CustomerState {
  const state = newCustomerState('ann');
  const json = { type: 'track', event: 'Order Completed', userId: 'ann', timestamp: formatInstant(at('+0m')) };
  const read = readEvent(json, { append: at('+0m'), fallbackId: 'e1', historical: false });
  if (!read.ok) throw new Error(read.reason);
  applyEvent(good, state, read.event, at('+0m'), noEffects());
  return state;
}

const sent = (effects: ReturnType<typeof noEffects>): string[] => effects.planned.map(({ template }) => template);

describe('a timer that throws', () => {
  const before = at('+1d1h');

  it.each([
    ['missed', 'silence', ['come-back', 'good-morning', 'thank-you']],
    ['birthday', 'calendar', ['come-back', 'thank-you', 'we-miss-you']],
  ])('of %s is suspended alone (%s)', (rule, kind, rest) => {
    const effects = noEffects();
    const { state, changed, suspended } = fireTimersApart(faulty(rule), customer(), before, effects);
    expect(changed).toBe(true);
    expect(suspended.map(({ timer }) => timer)).toMatchObject([{ kind, rule }]);
    expect(sent(effects).sort()).toEqual([...rest].sort());
    expect(nextFire(state)).toBeGreaterThanOrEqual(before);
  });

  it('of a segment is suspended without a rule to blame, and what time brings about otherwise goes on', () => {
    const current = Object.create(good.current, {
      segment: {
        value: () => {
          throw new TypeError('a fault of the core');
        },
      },
    }) as Rulesets['current'];
    const effects = noEffects();
    const { suspended } = fireTimersApart({ ...good, current }, customer(), before, effects);
    expect(suspended.map(({ timer }) => [timer.kind, ruleOfTimer(timer)])).toEqual([['flip', null]]);
    expect(sent(effects).sort()).toEqual(['good-morning', 'thank-you', 'we-miss-you']);
  });

  it('whose fault may pass is tried again as it is, and nothing is put aside', () => {
    const current = Object.create(good.current, {
      rule: {
        value: (name: string) => {
          if (name === 'missed') throw new MissingRuleVersionError(name, 7);
          return good.current.rule(name);
        },
      },
    }) as Rulesets['current'];
    const fire = () => fireTimersApart({ ...good, current }, customer(), before, noEffects());
    expect(fire).toThrow(MissingRuleVersionError);
  });

  it('is the only one that an id has which is somebody else’s: that she was erased is forgotten, and nothing begins', () => {
    const state = newCustomerState('phone');
    state.identity.redirect = 'bob';
    state.identity.erased = at('+0m');
    const effects = noEffects();
    expect(fireTimers(good, state, at('+31d'), effects)).toBe(true);
    expect([state.identity.erased, nextFire(state), state.calendar.timers.size]).toEqual([null, Infinity, 0]);
    expect(effects).toEqual(noEffects());
  });

  it('decides the same as without faults where nothing throws', () => {
    const [plain, apart] = [customer(), noEffects()];
    const effects = noEffects();
    fireTimers(good, plain, before, effects);
    fireTimersApart(good, customer(), before, apart);
    expect(apart).toEqual(effects);
  });

  it('goes on as of when it was due, once', () => {
    const { state, suspended } = fireTimersApart(faulty('missed'), customer(), before, noEffects());
    const { timer } = suspended[0]!;
    expect(resumeTimer(state, timer)).toBe(true);
    expect(resumeTimer(state, timer)).toBe(false);
    const effects = noEffects();
    fireTimers(good, state, before, effects);
    expect(effects.planned).toMatchObject([{ template: 'we-miss-you', due: at('+1d') }]);
    expect(resumeTimer(state, timer)).toBe(false);
  });

  it('of a date is followed by the next date', () => {
    const { state, suspended } = fireTimersApart(faulty('birthday'), customer(), before, noEffects());
    const effects = noEffects();
    expect(resumeTimer(state, suspended[0]!.timer)).toBe(true);
    fireTimers(good, state, before, effects);
    expect(effects.planned.filter(({ rule }) => rule === 'birthday').map(({ due }) => due)).toEqual([
      suspended[0]!.timer.due,
    ]);
    expect(nextFire(state)).toBe(suspended[0]!.timer.due + 86_400_000);
  });
});
