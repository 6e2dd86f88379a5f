import { Buffer } from 'node:buffer';

/** Rules with short waits whose mails say in their subject what they are about. `checker.mjs` knows them by heart. */
const FILES: { readonly [path: string]: string } = {
  'kairos.yaml': `
time zone: UTC
locale: en
shop: { name: The Shop, url: "https://shop.test", support: hello@shop.test }
channels: [email]
categories:
  service: { consent: none, counts toward caps: false, same content: off }
  promotional: { consent: none, same content: off }
caps:
  - { at most: 1, per: 1 day, category: promotional }
`,
  'rules/cart-reminder.yaml': `
rule: cart-reminder
category: service
start: { event: Product Added, key: event.cart_id }
while running: restart wait
stop: { event: Order Completed, where: { event.cart_id: start.cart_id } }
steps:
  - wait: 2 seconds
  - send: cart-reminder
`,
  'rules/welcome.yaml': `
rule: welcome
category: service
start: { event: Signed Up }
steps:
  - send: welcome
`,
  'rules/nudge.yaml': `
rule: nudge
category: promotional
start: { event: Coupon Shown }
steps:
  - send: nudge
`,
};

const TEMPLATES = ['cart-reminder', 'welcome', 'nudge'];

/** Of cart-reminder: a tenth of the wait, since nothing else is said. */
export const CART_RULES = { waitMs: 2_000, graceMs: 200 };

export function chaosWorkspace(
  changes: { readonly [path: string]: string } = {},
): { path: string; bytes: Uint8Array }[] {
  const files: Record<string, string> = { ...FILES };
  for (const name of TEMPLATES) {
    files[`templates/${name}/subject.hbs`] = '{{message.rule}} {{start.id}}';
    files[`templates/${name}/email.hbs`] = `<p>${name} of {{message.planned_at}}</p>`;
    files[`templates/${name}/email.txt.hbs`] = `${name} of {{message.planned_at}}`;
  }
  return Object.entries({ ...files, ...changes }).map(([path, text]) => ({ path, bytes: Buffer.from(text) }));
}
