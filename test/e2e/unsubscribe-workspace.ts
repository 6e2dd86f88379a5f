import type { WorkspaceFile } from '#core';

const FILES = {
  'kairos.yaml': `time zone: UTC
locale: en
channels: [email]
categories:
  promotional: { consent: opt-out }
  care: { consent: opt-out }
same content: off
`,
  'rules/offer.yaml': `rule: offer
category: promotional
start: { event: Offer Wanted }
steps:
  - send: { template: offer, expires: 1 day }
`,
  'rules/goodbye.yaml': `rule: goodbye
category: care
start: { event: Consent Changed, where: { event.category: promotional, event.given: false } }
steps:
  - send: { template: goodbye, expires: 1 day }
`,
  'templates/offer/subject.hbs': 'An offer',
  'templates/offer/email.hbs': '<p>Here it is.</p>',
  'templates/goodbye/subject.hbs': 'We heard you',
  'templates/goodbye/email.hbs': '<p>No more offers by {{start.channel}}.</p>',
};

/** Sends an offer to whoever wants one, and a word of goodbye to whoever wants none any more. */
export const UNSUBSCRIBE_WORKSPACE: readonly WorkspaceFile[] = Object.entries(FILES).map(([path, text]) => ({
  path,
  bytes: Buffer.from(text),
}));
