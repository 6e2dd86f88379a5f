import { customer, decide, open, policyOf, said } from './fixtures/world.js';

const EVERYWHERE = { email: 'ann@shop.test', phone: '+4915112345678', $push_tokens: ['t1'], telegram: 4711 };

describe('the order of channels', () => {
  it('is the workspace’s, not that of the step', () => {
    expect(said(decide(open({ channels: ['sms', 'push'] })))).toBe('send push');
    expect(said(decide(open(), { policy: policyOf({ channels: ['sms', 'email'] }) }))).toBe('send sms');
  });

  it('puts the customer’s preferred channel first, where it can be used', () => {
    const prefers = (channel: unknown) => customer({ traits: { ...EVERYWHERE, preferred_channel: channel } });
    expect(said(decide(open(), { customer: prefers('sms') }))).toBe('send sms');
    expect(said(decide(open({ channels: ['email', 'push'] }), { customer: prefers('sms') }))).toBe('send email');
    expect(said(decide(open(), { customer: prefers('telegram') }))).toBe('send email');
    expect(said(decide(open(), { customer: prefers(7) }))).toBe('send email');
    const noPhone = customer({ traits: { email: 'ann@shop.test', preferred_channel: 'sms' } });
    expect(said(decide(open(), { customer: noPhone }))).toBe('send email');
  });

  it('falls to the next where there is no consent, no address, or a suppressed one', () => {
    const consents = { promotional: { email: false, '*': true } };
    expect(said(decide(open(), { customer: customer({ consents }) }))).toBe('send push');
    expect(said(decide(open(), { customer: customer({ traits: { phone: '+4915112345678' } }) }))).toBe('send sms');
    const suppressed = [{ channel: 'email' as const, address: 'Ann@Shop.test' }];
    expect(said(decide(open(), { customer: customer({ suppressed }) }))).toBe('send push');
  });

  it('tells of every channel what became of it', () => {
    const ann = customer({ consents: { promotional: { push: true, sms: true } } });
    expect(decide(open(), { customer: ann }).inputs.candidates).toEqual([
      { channel: 'email', outcome: 'no_consent' },
      { channel: 'push', outcome: 'chosen' },
      { channel: 'sms', outcome: 'possible' },
    ]);
    expect(decide(open({ template: 'letter', channels: ['telegram', 'email', 'sms'] })).inputs.candidates).toEqual([
      { channel: 'email', outcome: 'chosen' },
      { channel: 'sms', outcome: 'template_lacks_it' },
      { channel: 'telegram', outcome: 'not_in_workspace' },
    ]);
  });
});

describe('consent', () => {
  const asked = (category: string, consents: Parameters<typeof customer>[0]) =>
    said(decide(open({ category, channels: ['email'] }), { customer: customer(consents) }));

  it('opt-in needs a yes for the category and channel', () => {
    expect(asked('promotional', { consents: {} })).toBe('suppress no_consent');
    expect(asked('promotional', { consents: { care: { '*': true } } })).toBe('suppress no_consent');
    expect(asked('promotional', { consents: { promotional: { sms: true } } })).toBe('suppress no_consent');
    expect(asked('promotional', { consents: { promotional: { '*': true, email: false } } })).toBe(
      'suppress no_consent',
    );
    expect(asked('promotional', { consents: { promotional: { email: true } } })).toBe('send email');
    expect(asked('promotional', { consents: { promotional: { '*': false, email: true } } })).toBe('send email');
  });

  it('opt-out needs the absence of a no', () => {
    expect(asked('care', { consents: {} })).toBe('send email');
    expect(asked('care', { consents: { care: { sms: false } } })).toBe('send email');
    expect(asked('care', { consents: { care: { '*': false } } })).toBe('suppress no_consent');
  });

  it('none asks nobody', () => {
    expect(asked('transactional', { consents: { transactional: { '*': false } } })).toBe('send email');
  });

  it('is not read from names that every object has', () => {
    expect(asked('constructor', { consents: {} })).toBe('suppress no_consent');
  });
});

describe('when no channel remains, what took the last one is the reason', () => {
  it.each([
    ['no_channel', open({ channels: ['telegram'] }), {}],
    ['no_channel', open({ template: 'unknown' }), {}],
    ['no_channel', open({ template: 'letter', channels: ['sms'] }), {}],
    ['no_consent', open(), { consents: {} }],
    ['no_address', open(), { traits: {} }],
    ['no_consent', open(), { traits: {}, consents: {} }],
    [
      'no_address',
      open({ channels: ['email', 'sms'] }),
      { traits: { email: 'ann@shop.test' }, consents: { promotional: { sms: true } } },
    ],
    [
      'address_suppressed',
      open({ channels: ['email'] }),
      { suppressed: [{ channel: 'email' as const, address: 'ann@shop.test' }] },
    ],
  ])('%s', (reason, message, ann) => {
    expect(said(decide(message, { customer: customer(ann) }))).toBe(`suppress ${reason}`);
  });
});

describe('addresses', () => {
  it.each([
    '',
    ' ',
    'ann',
    '@shop.test',
    'ann@',
    'a@b@c',
    'ann@shop.test\r\nBcc: bob@shop.test',
    'a@x, b@y',
    'Ann <a@x>',
    42,
    null,
    ['a@x'],
  ])('the trait email %j is not usable', (email) => {
    expect(said(decide(open({ channels: ['email'] }), { customer: customer({ traits: { email } }) }))).toBe(
      'suppress no_address',
    );
  });

  it('are read from the trait of the channel', () => {
    const policy = policyOf({ channels: ['email', 'sms', 'push', 'telegram'] });
    const of = (channel: 'sms' | 'push' | 'telegram') =>
      decide(open({ channels: [channel] }), { policy, customer: customer({ traits: EVERYWHERE }) }).verdict;
    expect(of('sms')).toMatchObject({ address: '+4915112345678' });
    expect(of('push')).toMatchObject({ address: 't1' });
    expect(of('telegram')).toMatchObject({ address: '4711' });
  });
});

describe('assumed consent', () => {
  const policy = policyOf({}, { assumeConsent: true });

  it('gives consent and addresses where nothing is recorded', () => {
    expect(said(decide(open(), { policy, customer: customer({ traits: {}, consents: {} }) }))).toBe('send email');
  });

  it('lets recorded refusals hold', () => {
    const refused = customer({ traits: {}, consents: { promotional: { '*': false } } });
    expect(said(decide(open(), { policy, customer: refused }))).toBe('suppress no_consent');
    const mailOnly = customer({ traits: {}, consents: { promotional: { email: false } } });
    expect(said(decide(open(), { policy, customer: mailOnly }))).toBe('send push');
  });
});
