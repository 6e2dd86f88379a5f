import type { ChannelEngagement, ContactPreferences } from './decision.js';
import { NO_PREFERENCES } from './preferences.js';
import { HOUR, NOW, customer, decide, open, policyOf, said } from './fixtures/world.js';

const seen = (channel: ChannelEngagement['channel'], interacted: number, received: number, latest = NOW - HOUR) => ({
  channel,
  interacted,
  received,
  latest,
});
const order = (world: Parameters<typeof decide>[1], of: Parameters<typeof open>[0] = {}) => {
  const { inputs } = decide(open(of), world);
  return [inputs.channelOrder, ...inputs.candidates.map(({ channel }) => channel)];
};

describe('measured engagement', () => {
  it('puts the channel first on which the customer answers most, as a share of what she received', () => {
    const engagement = [seen('email', 2, 10), seen('sms', 1, 2)];
    expect(order({ customer: customer({ engagement }) })).toEqual(['engagement', 'sms', 'email', 'push']);
  });

  it('says nothing below three messages, or when they came on one channel only', () => {
    expect(order({ customer: customer({ engagement: [seen('sms', 1, 1), seen('push', 0, 1)] }) })[0]).toBe('workspace');
    expect(order({ customer: customer({ engagement: [seen('sms', 9, 9)] }) })[0]).toBe('workspace');
    expect(order({ customer: customer({ engagement: [seen('sms', 1, 2), seen('push', 0, 1)] }) })[0]).toBe(
      'engagement',
    );
  });

  it('gives ties to the channel of the latest', () => {
    const engagement = [seen('email', 1, 2, NOW - 2 * HOUR), seen('sms', 1, 2, NOW - HOUR)];
    expect(order({ customer: customer({ engagement }) })).toEqual(['engagement', 'sms', 'email', 'push']);
  });

  it('comes after the explicit choice and before the order of the segment', () => {
    const policy = policyOf({ channelsBySegment: [{ segment: 'young', channels: ['push', 'sms'] }] });
    const engagement = [seen('email', 1, 9), seen('sms', 1, 2)];
    const young = { engagement, inSegment: (segment: string) => segment === 'young' };
    expect(order({ policy, customer: customer(young) })).toEqual(['engagement', 'sms', 'email', 'push']);
    const traits = { email: 'ann@shop.test', phone: '+4915112345678', $push_tokens: ['t'], preferred_channel: 'push' };
    expect(order({ policy, customer: customer({ ...young, traits }) })).toEqual(['choice', 'push', 'sms', 'email']);
    expect(order({ policy, customer: customer({ ...young, engagement: [] }) })).toEqual([
      'segment',
      'push',
      'sms',
      'email',
    ]);
  });
});

describe('the order of a segment', () => {
  it('is that of the first segment that holds, the channels it does not name come last', () => {
    const policy = policyOf({
      channelsBySegment: [
        { segment: 'old', channels: ['sms'] },
        { segment: 'young', channels: ['push'] },
      ],
    });
    expect(order({ policy, customer: customer({ inSegment: (segment) => segment === 'young' }) })).toEqual([
      'segment',
      'push',
      'email',
      'sms',
    ]);
    expect(order({ policy, customer: customer({ inSegment: () => true }) })).toEqual([
      'segment',
      'sms',
      'email',
      'push',
    ]);
    expect(order({ policy })).toEqual(['workspace', 'email', 'push', 'sms']);
  });
});

describe('what the customer has chosen in the preference centre', () => {
  const prefers = (preferences: Partial<ContactPreferences>) =>
    customer({
      preferences: { ...NO_PREFERENCES, ...preferences },
      traits: { email: 'ann@shop.test', phone: '+4915112345678', preferred_channel: 'email' },
    });

  it('overrules the trait', () => {
    expect(said(decide(open(), { customer: prefers({ channel: 'sms', only: false, off: [] }) }))).toBe('send sms');
  });

  it('"only this one" is respected: where it cannot be used nothing is sent, for its reason', () => {
    expect(said(decide(open(), { customer: prefers({ channel: 'push', only: true, off: [] }) }))).toBe(
      'suppress no_address',
    );
    const onlyMail = prefers({ channel: 'email', only: true, off: [] });
    const bySms = decide(open({ channels: ['sms'] }), { customer: onlyMail });
    expect(said(bySms)).toBe('suppress channel_off');
    expect(bySms.inputs.candidates).toEqual([{ channel: 'sms', outcome: 'channel_off' }]);
    expect(said(decide(open(), { customer: prefers({ channel: 'sms', only: true, off: [] }) }))).toBe('send sms');
  });

  it('channels she switched off are passed over, and are the reason when nothing else is left', () => {
    expect(said(decide(open(), { customer: prefers({ channel: null, only: false, off: ['email'] }) }))).toBe(
      'send sms',
    );
    expect(said(decide(open(), { customer: prefers({ channel: null, only: false, off: ['email', 'sms'] }) }))).toBe(
      'suppress channel_off',
    );
  });
});
