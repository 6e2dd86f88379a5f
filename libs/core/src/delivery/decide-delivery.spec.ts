import {
  DAY,
  HOUR,
  NOW,
  at,
  customer,
  decide,
  decideAll,
  open,
  policyOf,
  quiet,
  said,
  sentAt,
} from './fixtures/world.js';

describe('a message that passes', () => {
  it('leaves at once on the first channel, and takes a slot', () => {
    const message = open();
    const decision = decide(message, { leaseMs: 60_000 });
    expect(decision.verdict).toMatchObject({ kind: 'send', channel: 'email', address: 'ann@shop.test' });
    expect(decision.verdict).toMatchObject({
      slot: {
        messageId: message.plan.id,
        from: NOW,
        to: NOW + 60_000,
        channel: 'email',
        category: 'promotional',
        priority: 50,
        counts: true,
      },
    });
  });

  it('is not judged before its not-before', () => {
    const later = open({}, { notBefore: NOW + 1 });
    expect(decideAll([later]).decisions).toEqual([]);
    expect(decideAll([later]).open).toEqual([later]);
  });
});

describe('still wanted', () => {
  it.each(['run_stopped', 'goal_reached'] as const)('refuses what was withdrawn: %s', (cancelled) => {
    expect(said(decide(open({}, { cancelled })))).toBe(`suppress ${cancelled}`);
  });

  it('refuses from the instant of expiry on', () => {
    expect(said(decide(open({ expiresAt: NOW + 1 })))).toBe('send email');
    expect(said(decide(open({ expiresAt: NOW })))).toBe('suppress expired');
  });

  it('refuses what came due longer ago than `too late after`, exactly that long is allowed', () => {
    expect(said(decide(open({ due: NOW - DAY })))).toBe('send email');
    expect(said(decide(open({ due: NOW - DAY - 1 })))).toBe('suppress too_late');
  });

  it('does not take time in quiet hours or caps for lateness', () => {
    expect(said(decide(open({ due: NOW - 2 * DAY }, { firstJudgedAt: NOW - 2 * DAY, heldFor: 'quiet_hours' })))).toBe(
      'send email',
    );
  });

  it('sends nothing to the holdout and takes no slot', () => {
    const all = decideAll([open({ heldOut: true })]);
    expect(all.decisions.map(said)).toEqual(['suppress holdout']);
    expect(all.added).toEqual([]);
  });

  it('asks `who` again, for this message and instant', () => {
    const asked: unknown[] = [];
    const message = open();
    const ann = customer({ whoHolds: (plan, now) => asked.push([plan.id, now]) === 0 });
    expect(said(decide(message, { customer: ann }))).toBe('suppress condition_false');
    expect(asked).toEqual([[message.plan.id, NOW]]);
  });

  it('gives the first reason in the order of the manual', () => {
    const nobody = customer({ whoHolds: () => false });
    const all = { expiresAt: NOW, due: NOW - 2 * DAY, heldOut: true };
    expect(said(decide(open(all, { cancelled: 'run_stopped' }), { customer: nobody }))).toBe('suppress run_stopped');
    expect(said(decide(open(all), { customer: nobody }))).toBe('suppress expired');
    expect(said(decide(open({ ...all, expiresAt: null }), { customer: nobody }))).toBe('suppress too_late');
    expect(said(decide(open({ heldOut: true }), { customer: nobody }))).toBe('suppress holdout');
    const repeated = sentAt(NOW - HOUR, { key: 'c1' });
    expect(said(decide(open({ key: 'c1' }), { customer: nobody, slots: [repeated] }))).toBe('suppress condition_false');
    expect(said(decide(open({ key: 'c1' }), { customer: customer({ consents: {} }), slots: [repeated] }))).toBe(
      'suppress same_content',
    );
  });
});

describe('same content', () => {
  const before = (ms: number, of = {}) => sentAt(NOW - ms, { key: 'c1', ...of });

  it('is refused less than 18 hours later, on any channel; exactly 18 hours later it is allowed', () => {
    expect(said(decide(open({ key: 'c1' }), { slots: [before(18 * HOUR - 1, { channel: 'sms' })] }))).toBe(
      'suppress same_content',
    );
    expect(said(decide(open({ key: 'c1' }), { slots: [before(18 * HOUR)] }))).toBe('send email');
  });

  it('is the template and the key, whatever the rule', () => {
    const slots = [before(HOUR)];
    expect(said(decide(open({ key: 'c1', rule: 'other', step: '9' }), { slots }))).toBe('suppress same_content');
    expect(said(decide(open({ key: 'c2' }), { slots }))).toBe('send email');
    expect(said(decide(open({ key: ['c1'] }), { slots }))).toBe('send email');
    expect(said(decide(open({ key: 'c1', template: 'letter' }), { slots }))).toBe('send email');
    const keyless = decideAll([open({ key: null, rule: 'a' }), open({ key: null, rule: 'b' })]);
    expect(keyless.decisions.map(said)).toEqual(['send email', 'suppress same_content']);
  });

  it('exempts retries of the same message', () => {
    const message = open({ key: 'c1' });
    expect(said(decide(message, { slots: [before(HOUR, { messageId: message.plan.id })] }))).toBe('send email');
  });

  it('does not count planned and held ones', () => {
    const held = open({ key: 'c1', priority: 10 }, { notBefore: NOW + HOUR, heldFor: 'quiet_hours' });
    expect(said(decide([open({ key: 'c1' }), held]))).toBe('send email');
  });

  it('is as long as the category says, and may be off', () => {
    const promotional = { ...policyOf().settings.categories['promotional']!, sameContentMs: HOUR };
    const policy = policyOf({ categories: { ...policyOf().settings.categories, promotional } });
    expect(said(decide(open({ key: 'c1' }), { policy, slots: [before(HOUR)] }))).toBe('send email');
    expect(said(decide(open({ key: 'c1' }), { policy, slots: [before(HOUR - 1)] }))).toBe('suppress same_content');
    expect(said(decide(open({ key: 'c1', category: 'transactional' }), { slots: [before(1)] }))).toBe('send email');
  });

  it('counts what was sent in a category that does not count toward caps', () => {
    const slots = [before(HOUR, { category: 'transactional', counts: false })];
    expect(said(decide(open({ key: 'c1' }), { slots }))).toBe('suppress same_content');
  });
});

describe('quiet hours', () => {
  const night = { policy: policyOf({ quietHours: [quiet('21:00', '09:00')] }) };
  const late = at('2026-03-02T20:30:00Z');
  const message = (of = {}) => open({ due: late, plannedAt: late, ...of });

  it('hold until their end on the customer’s wall clock, and take no slot', () => {
    const all = decideAll([message()], { ...night, now: late });
    expect(all.decisions.map(said)).toEqual(['defer quiet_hours +690m email']);
    expect(all.added).toEqual([]);
    expect(all.open).toMatchObject([
      { notBefore: at('2026-03-03T08:00:00Z'), heldFor: 'quiet_hours', firstJudgedAt: late },
    ]);
    const tokyo = customer({ traits: { email: 'ann@shop.test', timezone: 'Asia/Tokyo' } });
    expect(said(decide(message(), { ...night, customer: tokyo, now: late }))).toBe('defer quiet_hours +210m email');
    const newYork = customer({ traits: { email: 'ann@shop.test', timezone: 'America/New_York' } });
    expect(said(decide(message(), { ...night, customer: newYork, now: late }))).toBe('send email');
  });

  it.each(['Mars/Olympus', '', 7, null, '+02:00'])(
    'protect a customer whose zone is %j by the workspace’s',
    (timezone) => {
      const lost = customer({ traits: { email: 'ann@shop.test', timezone } });
      expect(said(decide(message(), { ...night, customer: lost, now: late }))).toBe('defer quiet_hours +690m email');
    },
  );

  it('may skip instead', () => {
    const policy = policyOf({ quietHours: [quiet('21:00', '09:00', { onQuiet: 'skip' })] });
    expect(said(decide(message(), { policy, now: late }))).toBe('suppress quiet_hours email');
  });

  it('hold only the channels, categories and days they name', () => {
    const only = (of: Parameters<typeof quiet>[2]) => ({
      policy: policyOf({ quietHours: [quiet('21:00', '09:00', of)] }),
      now: late,
    });
    expect(said(decide(message(), only({ channels: ['sms', 'push'] })))).toBe('send email');
    expect(said(decide(message({ channels: ['push'] }), only({ channels: ['sms', 'push'] })))).toBe(
      'defer quiet_hours +690m push',
    );
    expect(said(decide(message(), only({ categories: ['care'] })))).toBe('send email');
    expect(said(decide(message({ category: 'care' }), only({ categories: ['care'] })))).toBe(
      'defer quiet_hours +690m email',
    );
    expect(said(decide(message(), only({ days: ['tuesday'] })))).toBe('send email');
    expect(said(decide(message(), only({ days: ['monday'] })))).toBe('defer quiet_hours +690m email');
  });

  it('leave alone a category that ignores them', () => {
    expect(said(decide(message({ category: 'transactional' }), { ...night, now: late }))).toBe('send email');
  });

  it('of several that hold, the first in the list decides; at its end all are asked again', () => {
    const both = policyOf({ quietHours: [quiet('21:00', '09:00'), quiet('21:15', '11:00', { onQuiet: 'skip' })] });
    const first = decideAll([message()], { policy: both, now: late });
    expect(first.decisions.map(said)).toEqual(['defer quiet_hours +690m email']);
    const morning = at('2026-03-03T08:00:00Z');
    expect(decideAll(first.open, { policy: both, now: morning }).decisions.map(said)).toEqual([
      'suppress quiet_hours email',
    ]);
  });

  it('run a held message through all checks again: the order of the night withdraws it', () => {
    const held = decideAll([message()], { ...night, now: late }).open[0]!;
    const morning = held.notBefore;
    expect(said(decide(held, { ...night, now: morning }))).toBe('send email');
    expect(said(decide({ ...held, cancelled: 'goal_reached' }, { ...night, now: morning }))).toBe(
      'suppress goal_reached email',
    );
    expect(said(decide(held, { ...night, now: morning, customer: customer({ consents: {} }) }))).toBe(
      'suppress no_consent email',
    );
    expect(said(decide({ ...held, plan: { ...held.plan, expiresAt: morning } }, { ...night, now: morning }))).toBe(
      'suppress expired email',
    );
    // Meanwhile she moved to New York: it is four in the morning there.
    const moved = customer({ traits: { email: 'ann@shop.test', timezone: 'America/New_York' } });
    expect(said(decide(held, { ...night, now: morning, customer: moved }))).toBe('defer quiet_hours +6h email');
  });
});

describe('a category that kairos.yaml no longer has', () => {
  it('is read in the strictest way', () => {
    expect(said(decide(open({ category: 'gone' })))).toBe('suppress no_consent');
    const agreed = customer({ consents: { gone: { email: true } } });
    expect(said(decide(open({ category: 'gone' }), { customer: agreed }))).toBe('send email');
  });
});
