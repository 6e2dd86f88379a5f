import type { CustomerEvent, JsonObject } from '../event/event.js';
import { contentHash } from './content-hash.js';
import type { OpenMessage } from './decision.js';
import { awaitFallback, isAnswered } from './fallback.js';
import {
  HOUR,
  NOW,
  customer,
  decide,
  decideAll,
  open,
  plan,
  policyOf,
  rolling,
  said,
  sentAt,
} from './fixtures/world.js';

const afterTwoHours = { afterMs: 2 * HOUR, unless: 'opened' as const };

const told = (name: string, properties: JsonObject): CustomerEvent => ({
  id: 'm1',
  type: 'track',
  name,
  customer: 'ann',
  time: NOW,
  properties,
  traits: null,
  consent: null,
  pushToken: null,
  historical: false,
});

describe('a message with a fallback', () => {
  const message = open({ fallback: afterTwoHours });
  const waiting = awaitFallback(message, 'email', NOW)!;

  it('stays open until its time is over', () => {
    expect(waiting).toMatchObject({ notBefore: NOW + 2 * HOUR, sentOn: ['email'], heldOn: null });
    expect(awaitFallback(open(), 'email', NOW)).toBeNull();
  });

  it('goes to the next channel then, although the same content was just sent', () => {
    const slots = [sentAt(NOW, { messageId: message.plan.id, content: contentHash(message.plan), channel: 'email' })];
    const now = NOW + 2 * HOUR;
    expect(said(decide(waiting, { now, slots }))).toBe('send push');
    expect(said(decide(awaitFallback(waiting, 'push', now)!, { now: now + 2 * HOUR, slots }))).toBe('send sms');
  });

  it('is withdrawn by its run like everything that has not left', () => {
    expect(said(decide({ ...waiting, cancelled: 'run_stopped' }, { now: NOW + 2 * HOUR }))).toBe(
      'suppress run_stopped email',
    );
  });

  it('counts once for each channel it leaves on', () => {
    const policy = policyOf({ caps: [rolling(1, 24 * HOUR)] });
    const slots = [sentAt(NOW, { messageId: message.plan.id, channel: 'email' })];
    expect(said(decide(waiting, { now: NOW + 2 * HOUR, slots, policy }))).toBe('suppress frequency_cap push');
  });

  it('comes to nothing without a word where no other channel can be used', () => {
    const now = NOW + 2 * HOUR;
    const onlyMail = awaitFallback(open({ template: 'letter', fallback: afterTwoHours }), 'email', NOW)!;
    expect(decideAll([onlyMail], { now })).toMatchObject({ decisions: [], open: [] });
  });

  it('is planned like others once it is held, and then needs a slot', () => {
    const policy = policyOf({ caps: [rolling(1, 24 * HOUR)] });
    const held = {
      ...waiting,
      awaitsFallback: false,
      heldOn: 'push' as const,
      plan: { ...waiting.plan, priority: 90 },
    };
    expect(said(decide([open({ priority: 10 }), held], { policy }))).toBe('suppress outranked email');
  });

  it('goes to another channel where it failed for good', () => {
    const failed = { ...message, failedOn: ['email'] as const };
    const decision = decide(failed);
    expect(said(decision)).toBe('send push');
    expect(decision.inputs.candidates).toContainEqual({ channel: 'email', outcome: 'failed_before' });
    expect(decideAll([open({ template: 'letter', fallback: afterTwoHours }, { failedOn: ['email'] })])).toMatchObject({
      decisions: [],
      ended: [{ failedOn: ['email'] }],
      open: [],
    });
  });

  it('needs no slot of others while it waits', () => {
    const policy = policyOf({ caps: [rolling(1, 24 * HOUR)] });
    const other = { ...waiting, plan: { ...waiting.plan, priority: 90 } };
    expect(said(decide([open({ priority: 10 }), other], { policy }))).toBe('send email');
  });
});

describe('an answer to a message', () => {
  const sent = (unless: 'delivered' | 'opened' | 'clicked') =>
    awaitFallback(
      open({ template: 'hello', rule: 'r', occurrence: 'o1', fallback: { afterMs: HOUR, unless } }),
      'email',
      NOW,
    )!;
  const about = (message: OpenMessage) => ({ message_id: message.plan.id, template: 'hello' });

  it.each([
    ['delivered', 'Message Delivered', ['Message Sent', 'Message Opened']],
    ['opened', 'Message Opened', ['Message Delivered', 'Message Clicked', 'Message Replied']],
    ['clicked', 'Message Clicked', ['Message Opened', 'Message Replied']],
  ] as const)('"unless: %s" is %s', (unless, answer, others) => {
    const message = sent(unless);
    expect(isAnswered(message, told(answer, about(message)))).toBe(true);
    for (const name of others) expect(isAnswered(message, told(name, about(message)))).toBe(false);
  });

  it('names the message by its id', () => {
    const message = sent('opened');
    expect(isAnswered(message, told('Message Opened', { ...about(message), message_id: 'another' }))).toBe(false);
    expect(isAnswered(message, told('Message Opened', { template: 'hello', rule: 'r', run: 'o1' }))).toBe(false);
  });

  it('is never that of a machine', () => {
    const message = sent('opened');
    expect(isAnswered(message, told('Message Opened', { ...about(message), machine: true }))).toBe(false);
    expect(isAnswered(message, told('Message Opened', { ...about(message), bot: true }))).toBe(false);
  });
});

describe('content', () => {
  it('is the template, the key and the values of `with`, in whatever order they are written', () => {
    const hash = (values: JsonObject | null) => contentHash(plan({ key: 'c1', with: values }));
    expect(hash({ a: 1, b: { c: 2, d: 3 } })).toBe(hash({ b: { d: 3, c: 2 }, a: 1 }));
    expect(hash({ a: 1 })).not.toBe(hash({ a: 2 }));
    expect(hash({ a: 1 })).not.toBe(hash(null));
  });
});

describe('who is never sent anything', () => {
  it('in the control group nothing promotional, everything else as usual', () => {
    const policy = policyOf({ controlGroup: 1 });
    expect(said(decide(open(), { policy }))).toBe('suppress control_group');
    expect(said(decide(open({ category: 'transactional' }), { policy }))).toBe('send email');
    expect(said(decide(open({ heldOut: true }), { policy }))).toBe('suppress holdout');
  });

  it('a control group that grows keeps its members', () => {
    const inside = (share: number) =>
      Array.from({ length: 300 }, (_, i) => `customer-${i}`).filter(
        (id) => said(decide(open({ customer: id }), { policy: policyOf({ controlGroup: share }) })) !== 'send email',
      );
    const [few, many] = [inside(0.1), inside(0.3)];
    expect(few.every((id) => many.includes(id))).toBe(true);
    expect(few.length).toBeGreaterThan(10);
    expect(many.length).toBeGreaterThan(few.length);
  });

  it('while a category is paused nothing of it', () => {
    const paused = customer({ pausedUntil: (category) => (category === 'promotional' ? NOW + HOUR : null) });
    const decision = decide(open(), { customer: paused });
    expect(said(decision)).toBe('suppress paused');
    expect(decision.inputs.wanted.pausedUntil).toBe(NOW + HOUR);
    expect(said(decide(open({ category: 'care' }), { customer: paused }))).toBe('send email');
  });
});

describe('the call of a webhook step', () => {
  const call = { webhook: { to: 'helpdesk', body: {} }, template: 'webhook:helpdesk', channels: null };

  it('asks for no consent, cap, quiet hours or channel, and takes no slot', () => {
    const policy = policyOf({
      caps: [rolling(1, 24 * HOUR)],
      quietHours: [{ from: 0, to: 1439, channels: null, categories: null, days: null, onQuiet: 'skip' }],
      controlGroup: 1,
    });
    const nobody = customer({ consents: {}, traits: {}, pausedUntil: () => NOW + HOUR, whoHolds: () => false });
    const world = { policy, customer: nobody, slots: [sentAt(NOW - HOUR)] };
    expect(said(decide(open({ ...call, heldOut: true }), world))).toBe('send webhook');
    expect(decideAll([open(call), open(call)], world).added).toEqual([]);
  });

  it('is withdrawn by its run, and not made when it comes too late', () => {
    expect(said(decide(open(call, { cancelled: 'goal_reached' })))).toBe('suppress goal_reached webhook');
    expect(said(decide(open({ ...call, due: NOW - 25 * HOUR })))).toBe('suppress too_late webhook');
  });
});

it('a step may ignore the quiet hours', () => {
  const policy = policyOf({
    quietHours: [{ from: 0, to: 1439, channels: null, categories: null, days: null, onQuiet: 'skip' }],
  });
  expect(said(decide(open(), { policy }))).toBe('suppress quiet_hours email');
  expect(said(decide(open({ ignoresQuietHours: true }), { policy }))).toBe('send email');
});
