import type { Channel } from '#core';

/** All channels of the product, in the order of the workspace. */
export const CHANNELS: readonly Channel[] = [
  'email',
  'sms',
  'push',
  'web push',
  'telegram',
  'whatsapp',
  'viber',
  'inbox',
];
export const PROMOTIONAL = 'promotional';
/** One a day, and what meets a full cap is dropped: a place that is not given back keeps everything out. */
export const RARE = 'rare';
/** Held while it is night. */
export const NIGHTLY = 'nightly';

/** Short windows, so that every customer meets them all the time; what is held waits, so that nothing is dropped. */
export const CAPS = [
  { atMost: 1, lengthMs: 2_000, channel: 'email' },
  { atMost: 2, lengthMs: 5_000 },
  { atMost: 1, lengthMs: 86_400_000, category: RARE },
];

const clockTime = (at: number): string => new Date(at).toISOString().slice(11, 16);

/** @param nightUntil a whole minute, ms: until then it is night for the nightly; null: it never is. */
export function stressFiles(nightUntil: number | null): { readonly [path: string]: string } {
  const night =
    nightUntil === null
      ? ''
      : `quiet hours: { from: "${clockTime(nightUntil - 12 * 3_600_000)}", to: "${clockTime(nightUntil)}", categories: [${NIGHTLY}] }`;
  return {
    'kairos.yaml': `
time zone: UTC
locale: en
channels: [${CHANNELS.join(', ')}]
categories:
  ${PROMOTIONAL}: { consent: opt-out }
  ${RARE}: { consent: opt-out }
  ${NIGHTLY}: { consent: opt-out }
caps:
  - { at most: 1, per: 2 seconds, channel: email }
  - { at most: 2, per: 5 seconds }
  - { at most: 1, per: 1 day, category: ${RARE} }
on capped: defer up to 1 day
same content: off
${night}
`,
    'rules/abandoned-cart.yaml': `
rule: abandoned-cart
category: ${PROMOTIONAL}
start: { event: Product Added }
steps: [ { send: hello } ]
`,
    'templates/hello/subject.hbs': 'Hello',
    ...Object.fromEntries(CHANNELS.map((channel) => [`templates/hello/${channel.replace(' ', '-')}.hbs`, 'Hello'])),
  };
}
