import fc from 'fast-check';
import { CHANNELS } from '../rules/model.js';
import type { ContactPreferences } from './decision.js';
import {
  at,
  customer,
  DAY,
  decide,
  decideAll,
  deferUpTo,
  HOUR,
  NOW,
  open,
  policyOf,
  quiet,
  rolling,
  said,
  sentAt,
} from './fixtures/world.js';
import { NO_PREFERENCES, policyOfCustomer } from './preferences.js';
import { decodePreferences, encodePreferences } from './preferences-codec.js';

const wishes = (preferences: Partial<ContactPreferences>, of: Parameters<typeof customer>[0] = {}) => ({
  customer: customer({ preferences: { ...NO_PREFERENCES, ...preferences }, ...of }),
});

describe('a pause', () => {
  it('of the customer’s own stops everything that asks for consent until its end, and nothing else', () => {
    const paused = wishes({ pausedUntil: NOW + DAY });
    const refused = decide(open(), paused);
    expect(said(refused)).toBe('suppress paused');
    expect(refused.inputs.wanted.pausedUntil).toBe(NOW + DAY);
    expect(said(decide(open({ category: 'transactional' }), paused))).toBe('send email');
    expect(said(decide(open({ category: 'care' }), paused))).toBe('suppress paused');
    expect(said(decide(open(), wishes({ pausedUntil: NOW })))).toBe('send email');
  });

  it('is one, whoever began it: the later end holds', () => {
    const byRule = { pausedUntil: () => NOW + 2 * DAY };
    expect(decide(open(), wishes({ pausedUntil: NOW + DAY }, byRule)).inputs.wanted.pausedUntil).toBe(NOW + 2 * DAY);
    expect(decide(open(), wishes({ pausedUntil: NOW + 3 * DAY }, byRule)).inputs.wanted.pausedUntil).toBe(
      NOW + 3 * DAY,
    );
  });

  it('of a rule she may end; a longer one that begins later holds again', () => {
    const byRule = { pausedUntil: () => NOW + 2 * DAY };
    expect(said(decide(open(), wishes({ endedPauses: { promotional: NOW + 2 * DAY } }, byRule)))).toBe('send email');
    expect(said(decide(open(), wishes({ endedPauses: { news: NOW + 2 * DAY } }, byRule)))).toBe('suppress paused');
    expect(said(decide(open(), wishes({ endedPauses: { promotional: NOW + DAY } }, byRule)))).toBe('suppress paused');
  });
});

describe('fewer messages', () => {
  const seldom = (of: Partial<ContactPreferences> = {}) => wishes({ cap: { atMost: 1, days: 7 }, ...of });

  it('is a cap of her own beside those of the shop', () => {
    const slots = [sentAt(NOW - 3 * DAY)];
    const refused = decide(open(), { ...seldom(), slots });
    expect(said(refused)).toBe('suppress frequency_cap email');
    expect(refused.inputs.caps.at(-1)).toMatchObject({ seen: 1, freeAt: NOW + 4 * DAY });
    expect(refused.inputs.caps.at(-1)!.cap.label).toBe('1 per 7 days, as the customer wishes');
    expect(said(decide(open(), { ...seldom(), slots: [sentAt(NOW - 7 * DAY)] }))).toBe('send email');
    expect(said(decide(open(), { slots }))).toBe('send email');
  });

  it('is filled and asked as the shop’s: not by what ignores caps, and `on capped` holds', () => {
    expect(said(decide(open({ category: 'transactional' }), { ...seldom(), slots: [sentAt(NOW - DAY)] }))).toBe(
      'send email',
    );
    const policy = policyOf({ onCapped: deferUpTo(5 * DAY) });
    expect(said(decide(open(), { ...seldom(), policy, slots: [sentAt(NOW - 3 * DAY)] }))).toBe(
      'defer frequency_cap +4d email',
    );
  });

  it('is seen by what is planned ahead', () => {
    const held = open({ priority: 90 }, { notBefore: NOW + HOUR, heldFor: 'quiet_hours', firstJudgedAt: NOW });
    const asked = open({ priority: 10 });
    expect(decideAll([asked, held], seldom()).decisions.map(said)).toEqual(['suppress outranked email']);
    expect(decideAll([asked, held]).decisions.map(said)).toEqual(['send email']);
  });

  it('keeps slots as long as it can see them', () => {
    const policy = policyOf({ caps: [rolling(1, DAY)] });
    expect(policyOfCustomer(policy, seldom().customer.preferences).capReachMs).toBe(7 * DAY);
    expect(policyOfCustomer(policy, NO_PREFERENCES)).toBe(policy);
  });
});

describe('quiet hours of her own', () => {
  const evening = at('2026-03-02T19:30:00Z');
  const sleepsAt8 = wishes({ quiet: { from: 20 * 60, to: 8 * 60 } });

  it('hold until they end, on her own clock, beside the shop’s', () => {
    expect(said(decide(open({ due: evening }), { ...sleepsAt8, now: evening }))).toBe('defer quiet_hours +690m email');
    expect(said(decide(open({ due: evening }), { now: evening }))).toBe('send email');
    const policy = policyOf({ quietHours: [quiet('19:00', '10:00', { channels: ['email'] })] });
    const morning = at('2026-03-03T07:30:00Z');
    const held = open({ due: evening }, { notBefore: morning, firstJudgedAt: evening });
    expect(said(decide(held, { ...sleepsAt8, policy, now: morning }))).toBe('defer quiet_hours +90m email');
  });

  it('are not overridden by a step, only by categories that ignore all', () => {
    const urgent = open({ due: evening, ignoresQuietHours: true });
    expect(said(decide(urgent, { ...sleepsAt8, now: evening }))).toBe('defer quiet_hours +690m email');
    const order = open({ due: evening, category: 'transactional' });
    expect(said(decide(order, { ...sleepsAt8, now: evening }))).toBe('send email');
  });
});

describe('contact.preferences', () => {
  const minute = fc.integer({ min: 0, max: 1439 });
  const instant = fc.integer({ min: 0, max: 4_000_000_000_000 });
  const preferences: fc.Arbitrary<ContactPreferences> = fc.record({
    channel: fc.option(fc.constantFrom(...CHANNELS)),
    only: fc.boolean(),
    off: fc.subarray([...CHANNELS]),
    quiet: fc.option(fc.record({ from: minute, to: minute })),
    pausedUntil: fc.option(instant),
    cap: fc.option(fc.record({ atMost: fc.integer({ min: 0, max: 100 }), days: fc.integer({ min: 1, max: 365 }) })),
    endedPauses: fc.dictionary(fc.stringMatching(/^[a-z][a-z-]{0,20}$/), instant, { noNullPrototype: true }),
  });

  it('are read as they were written', () => {
    fc.assert(fc.property(preferences, (one) => expect(decodePreferences(encodePreferences(one))).toEqual(one)));
    expect([decodePreferences(null), decodePreferences(new Uint8Array(0))]).toEqual([null, null]);
    expect(encodePreferences(NO_PREFERENCES).length).toBe(4);
  });

  it('say which column cannot be read', () => {
    const good = encodePreferences({ ...NO_PREFERENCES, cap: { atMost: 1, days: 7 } });
    for (const bytes of [Uint8Array.of(9), good.slice(0, 3), Uint8Array.of(1, 200, 0, 0)])
      expect(() => decodePreferences(bytes)).toThrow(/contact\.preferences cannot be read/);
  });
});
