import type { WorkspaceFile } from '#core';
import { publishWorkspace } from '#engine';
import type { Backbone } from '#hosting';

const FILES = {
  'kairos.yaml': `time zone: Europe/Berlin
locale: en
channels: [email, sms]
shop: { name: 'The <Lamp> Shop' }
categories:
  promotional: { consent: opt-in }
  care: { consent: opt-out }
  transactional: { consent: none }
same content: off
`,
  'rules/offer.yaml': `rule: offer
category: promotional
start: { event: Offer Wanted }
steps:
  - send: { template: offer, expires: 1 day }
`,
  'templates/offer/subject.hbs': 'An offer',
  'templates/offer/email.hbs': '<p>Here it is.</p><a href="{{preferences}}">What you may write to me</a>',
  'templates/offer/sms.hbs': 'Here it is.',
};

/** A shop with a category of every kind of consent, on two channels. */
export const PREFERENCES_WORKSPACE: readonly WorkspaceFile[] = Object.entries(FILES).map(([path, text]) => ({
  path,
  bytes: Buffer.from(text),
}));

export async function publishForTest({ rulesets }: Backbone, files: readonly WorkspaceFile[]): Promise<void> {
  const { number, diagnostics } = await publishWorkspace(rulesets, files, 'test');
  if (number === null) throw new Error(JSON.stringify(diagnostics));
}
