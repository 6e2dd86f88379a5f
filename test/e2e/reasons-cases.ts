import { setTimeout as pause } from 'node:timers/promises';
import { drawChance, type Reason } from '#core';
import { twilioError } from '../integration/provider-servers.js';
import { addressOf, type ReasonsShop } from './reasons-shop.js';

export interface ReasonCase {
  /** The rest of a rule whose `start` is the event `Wanted REASON`, and whose templates are `first` and `second`. */
  readonly rule: string;
  /** Her name; that of the reason where nothing else is said. */
  readonly customer?: string;
  /** What happens; where nothing is said, the event that starts the rule, to a customer with a mail address. */
  readonly play?: (shop: ReasonsShop, customer: string, start: string) => Promise<void>;
  readonly outcome: 'suppressed' | 'failed' | 'unknown';
  /** What `kairos messages why` says, besides the outcome and the reason. */
  readonly says: readonly string[];
}

const CONTROL_SHARE = 0.5;
const FIRST = 'Hello: {{start.event}}. <a href="{{preferences}}">What you may write to me</a>';

/** Every category has what one reason needs: nothing else of it can refuse a message. */
export const SETTINGS = `
time zone: UTC
locale: en
grace: 0 seconds
channels: [email, sms]
control group: ${CONTROL_SHARE * 100}%
same content: off
categories:
  plain: { consent: opt-out }
  asked: { consent: opt-in }
  promotional: { consent: opt-out }
  unique: { consent: opt-out, same content: 18 hours }
  paced: { consent: opt-out }
  capped: { consent: opt-out }
  quiet: { consent: opt-out }
caps:
  - { at most: 1, per: 10 seconds, category: paced }
  - { at most: 1, per: 1 day, category: capped }
quiet hours:
  - { from: "00:00", to: "12:00", categories: [quiet], on quiet: skip }
  - { from: "12:00", to: "00:00", categories: [quiet], on quiet: skip }
providers:
  email: { kind: smtp, url: SMTP_URL, from: "The Shop <hello@shop.test>" }
  sms: { kind: twilio, account: TWILIO_ACCOUNT, token: TWILIO_TOKEN, from: "+4930123456", url: TEXTS }
`;

export const TEMPLATES = {
  'templates/first/subject.hbs': 'Hello',
  'templates/first/email.hbs': `<p>${FIRST}</p>`,
  'templates/second/subject.hbs': 'Hello again',
  'templates/second/email.hbs': '<p>Hello again.</p>',
  'templates/text/sms.hbs': 'Hello.',
  'templates/broken/subject.hbs': 'Your order {{start.order_id}}',
  'templates/broken/email.hbs': '<p>It is on its way.</p>',
};

const WITH_ADDRESS = (customer: string) => ({ traits: { email: addressOf(customer) } });

/** Its second message waits for room until ten seconds after the first was accepted; `then` follows while it waits. */
const whileItWaits =
  (then: (shop: ReasonsShop, customer: string) => Promise<void>) =>
  async (shop: ReasonsShop, customer: string, start: string): Promise<void> => {
    await shop.happens(customer, start, WITH_ADDRESS(customer));
    await shop.decided(customer, 'second', 'held');
    await then(shop, customer);
  };
const PACED_STEPS = `
steps:
  - send: first
  - wait: { for: { sent: first }, up to: 1 hour }
  - send: second
  - wait: 1 hour
`;

async function inControlGroup(shop: ReasonsShop, customer: string, start: string): Promise<void> {
  expect(drawChance('', 'control group', '', customer)).toBeLessThan(CONTROL_SHARE);
  await shop.happens(customer, start, WITH_ADDRESS(customer));
}

/** No process delivers until it is too late. */
async function whileDeliveryStands(shop: ReasonsShop, customer: string, start: string): Promise<void> {
  shop.delivery.freeze();
  try {
    await shop.happens(customer, start, WITH_ADDRESS(customer));
    await shop.decided(customer, 'first', 'planned');
    const planned = await shop.now();
    while ((await shop.now()) < planned + 3_000) await pause(200);
  } finally {
    shop.delivery.thaw();
  }
}

async function withoutTheChannel(shop: ReasonsShop, customer: string, start: string): Promise<void> {
  await shop.happens(customer, start, WITH_ADDRESS(customer));
  await shop.decided(customer, 'first', 'sent');
  const link = /href="([^"]+\/u\/p\/[^"]+)"/.exec(await shop.mailTo(customer))![1]!;
  const form = new URLSearchParams({ first: '', often: '', from: '21:00', to: '09:00' });
  for (const box of ['*|email', '*|sms']) form.append('shown', box);
  form.append('want', '*|sms');
  expect((await fetch(link, { method: 'POST', body: form, redirect: 'manual' })).status).toBe(303);
  await shop.happens(customer, 'Wanted More');
}

async function afterTheAddressDied(shop: ReasonsShop, customer: string, start: string): Promise<void> {
  shop.mailServer.misbehave({ refuse: 'recipient', number: 1, code: 550, text: '5.1.1 no such user' }, 1);
  await shop.happens(customer, start, WITH_ADDRESS(customer));
  await shop.decided(customer, 'first', 'failed');
  await shop.happens(customer, 'Wanted More');
}

const someoneOfTheControlGroup = Array.from({ length: 64 }, (_, n) => `control-${n}`).find(
  (customer) => drawChance('', 'control group', '', customer) < CONTROL_SHARE,
)!;

/** One case for each reason of the closed list: what is missing here does not compile. */
export const CASES: { readonly [reason in Reason]: ReasonCase } = {
  run_stopped: {
    rule: `category: paced\nstop: { event: Order Completed }${PACED_STEPS}`,
    play: whileItWaits((shop, customer) => shop.happens(customer, 'Order Completed')),
    outcome: 'suppressed',
    says: ['second is not sent: what the rule calls its end (stop) has happened.', '✗ still wanted'],
  },
  goal_reached: {
    rule: `category: paced\ngoal: { event: Paid, within: 1 day }${PACED_STEPS}`,
    play: whileItWaits((shop, customer) => shop.happens(customer, 'Paid')),
    outcome: 'suppressed',
    says: ['second is not sent: the goal of the rule was reached.', '✗ still wanted'],
  },
  expired: {
    rule: `category: paced${PACED_STEPS.replace('send: second', 'send: { template: second, expires: 2 seconds }')}`,
    play: whileItWaits(() => Promise.resolve()),
    outcome: 'suppressed',
    says: ['second is not sent: it was of use only until it expired.', 'It expired ', '(frequency_cap)'],
  },
  too_late: {
    rule: 'category: plain\ntoo late after: 2 seconds\nsteps: [{ send: first }]',
    play: whileDeliveryStands,
    outcome: 'suppressed',
    says: ['first is not sent: it was due too long ago.', 'It was too late after '],
  },
  holdout: {
    rule: 'category: plain\nholdout: 100%\nsteps: [{ send: first }]',
    outcome: 'suppressed',
    says: ['this customer is in the holdout of the rule', 'The customer was drawn into the holdout.'],
  },
  control_group: {
    rule: 'category: promotional\nsteps: [{ send: first }]',
    customer: someoneOfTheControlGroup,
    play: inControlGroup,
    outcome: 'suppressed',
    says: ['first is not sent: this customer is in the control group.', '✗ still wanted'],
  },
  paused: {
    rule: 'category: plain\nsteps: [{ pause: { category: plain, up to: 1 day } }, { send: first }]',
    outcome: 'suppressed',
    says: ['first is not sent: this category is paused for the customer.', 'The category is paused until '],
  },
  condition_false: {
    rule: 'category: plain\nwho: { customer.member: true }\nsteps: [{ set: { customer.member: false } }, { send: first }]',
    play: (shop, customer, start) =>
      shop.happens(customer, start, { traits: { email: addressOf(customer), member: true } }),
    outcome: 'suppressed',
    says: ['first is not sent: the condition `who` of the rule no longer holds.', '`who` does not hold any more.'],
  },
  same_content: {
    rule: 'category: unique\nsteps: [{ send: first }, { send: first }]',
    outcome: 'suppressed',
    says: ['the same content was sent to this customer', '✗ same content', 'with the same template and key was sent'],
  },
  no_consent: {
    rule: 'category: asked\nsteps: [{ send: first }]',
    outcome: 'suppressed',
    says: ['✗ channel', 'email: no consent for this category (no_consent).'],
  },
  no_address: {
    rule: 'category: plain\nsteps: [{ send: first }]',
    play: (shop, customer, start) => shop.happens(customer, start),
    outcome: 'suppressed',
    says: ['first is not sent: there is no address to send it to.', 'email: no usable address (no_address).'],
  },
  address_suppressed: {
    rule: 'category: plain\nstart: [{ event: Wanted address_suppressed }, { event: Wanted More }]\nsteps: [{ send: first }]',
    play: afterTheAddressDied,
    outcome: 'suppressed',
    says: ['email: the address bounced, complained or unsubscribed (address_suppressed).', '✗ channel'],
  },
  channel_off: {
    rule: 'category: plain\nstart: [{ event: Wanted channel_off }, { event: Wanted More }]\nsteps: [{ send: { template: first, channels: [email] } }]',
    play: withoutTheChannel,
    outcome: 'suppressed',
    says: ['email: the customer has switched it off (channel_off).', '✗ channel'],
  },
  no_channel: {
    rule: 'category: plain\nsteps: [{ send: { template: first, channels: [start.channel] } }]',
    play: (shop, customer, start) =>
      shop.happens(customer, start, { ...WITH_ADDRESS(customer), properties: { channel: 'sms' } }),
    outcome: 'suppressed',
    says: ['there is no channel on which this template could leave', 'sms: the template has no file for it.'],
  },
  frequency_cap: {
    rule: 'category: capped\nsteps: [{ send: first }, { send: second }]',
    outcome: 'suppressed',
    says: ['the customer has had as many messages as the caps allow', '✗ caps', '(email): 1 of 1 used after '],
  },
  outranked: {
    rule: 'category: capped\nsteps: [{ send: { template: first, priority: 10 } }, { send: { template: second, priority: 90 } }]',
    outcome: 'suppressed',
    says: ['first is not sent: a more important message takes the place', 'of priority 90 took the place', '✗ caps'],
  },
  quiet_hours: {
    rule: 'category: quiet\nsteps: [{ send: first }]',
    outcome: 'suppressed',
    says: ['first is not sent: it is in the quiet hours of the customer.', '✗ quiet hours', 'is in the quiet hours'],
  },
  template_error: {
    rule: 'category: plain\nsteps: [{ send: broken }]',
    outcome: 'failed',
    says: ['broken did not leave: the template could not be rendered.', 'order_id'],
  },
  provider_rejected: {
    rule: 'category: plain\nsteps: [{ send: text }]',
    play: (shop, customer, start) => {
      shop.textServer.answerWith(twilioError(400, 21617, 'The message body is too long.'), 1);
      return shop.happens(customer, start, { traits: { phone: '+491701234567' } });
    },
    outcome: 'failed',
    says: ['text did not leave: the provider refused it.', 'HTTP 400, 21617: The message body is too long.'],
  },
  unknown_outcome: {
    rule: 'category: plain\nsteps: [{ send: first }]',
    play: (shop, customer, start) => {
      shop.mailServer.misbehave({ hangUp: 'after the dot' }, 1);
      return shop.happens(customer, start, WITH_ADDRESS(customer));
    },
    outcome: 'unknown',
    says: ['It is not known whether first was accepted by email'],
  },
};
