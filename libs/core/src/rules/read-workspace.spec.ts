import { type WorkspaceFile } from './diagnostic.js';
import { readWorkspace } from './read-workspace.js';
import { renderDiagnostic } from './render-diagnostic.js';

const file = (path: string, text: string): WorkspaceFile => ({ path, bytes: new TextEncoder().encode(text) });

const KAIROS = `time zone: Europe/Berlin
locale: en
default time: "10:00"
grace: 10 seconds
salt: summer
shop: { name: The Shop, url: "https://shop.test" }
channels: [email, push, sms, telegram]
categories:
  promotional:   { consent: opt-in }
  care:          { consent: opt-out }
  transactional: { consent: none, ignores caps: true, counts toward caps: false, ignores quiet hours: true, when unknown: resend, same content: off }
caps:
  - { at most: 1, per: 1 day, category: promotional }
  - { at most: 4, per: calendar week, category: promotional, channel: email }
  - { at most: 10, per: 30 days }
on capped: drop
quiet hours: { from: "21:00", to: "09:00", channels: [sms, push, telegram], on quiet: hold }
same content: 18 hours
providers:
  email: { kind: smtp, url: SMTP_URL, from: "The Shop <hello@shop.test>", rate: 50 per second }
`;
const RULE = `rule: abandoned-cart
description: Remind customers who left something in the cart
category: promotional            # decides consent, caps, quiet hours (kairos.yaml)
priority: 60
start:
  event: Product Added
  where: { event.price: { at least: 20 } }
  key: event.cart_id             # one run per cart
who: { customer.cart_count: { at least: 1 } }
stop:
  event: Cart Cleared
  where: { event.cart_id: start.cart_id }
again: after 3 days per customer
while running: restart wait
steps:
  - wait: 1 hour
  - send: cart-reminder
  - wait: { for: { event: Product Added }, up to: 24 hours }
    then:
      - stop
  - if: { customer.orders: 0 }
    then:
      - send: { template: cart-offer, channels: [email, push], priority: 70 }
    else:
      - send: cart-last-call
goal: { event: Order Completed, where: { event.cart_id: start.cart_id }, within: 3 days }
holdout: 5%
too late after: 12 hours
`;
const template = (name: string) => ['email', 'subject', 'email.de', 'subject.de', 'push'].map((part) => file(`templates/${name}/${part}.hbs`, 'x'));

test('the whole', () => {
  const r = readWorkspace([file('kairos.yaml', KAIROS), file('rules/abandoned-cart.yaml', RULE), ...['cart-reminder', 'cart-offer', 'cart-last-call'].flatMap(template)]);
  for (const d of r.diagnostics) console.log(renderDiagnostic(d, d.file === 'kairos.yaml' ? KAIROS : RULE));
  console.log(JSON.stringify(r.workspace, null, 1));
});
