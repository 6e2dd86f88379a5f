import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { createProviders, type ProviderOptions } from '#channels';
import { addressOf } from '#core';
import type { OutgoingMessage, RenderedMessage } from '#engine';
import { systemClock } from '#hosting';
import { commandSettings, shownPath } from '../installation/command-settings.js';
import { CommandError, EXIT, type ExitStatus } from '../terminal/command-error.js';
import type { Terminal } from '../terminal/terminal.js';
import { loadTemplate } from './load-template.js';
import { readSample } from './read-sample.js';
import { renderSample, TemplateError } from './render-sample.js';

export interface SendOptions {
  readonly to: string;
  readonly customer?: string;
  readonly locale?: string;
  readonly style?: string;
}

/**
 * `kairos templates send`: one mail to oneself, by the provider of kairos.yaml, or into the outbox where there is none.
 * Not in the ledger: it is no message to a customer, and its ways out lead nowhere. Throws CommandError.
 */
export async function send(terminal: Terminal, name: string, options: SendOptions): Promise<ExitStatus> {
  const { workspace: folder, data, publicUrl } = commandSettings(terminal);
  const address = addressOf('email', '', { email: options.to });
  if (address === null) throw new CommandError(`"${options.to}" is no mail address, such as me@shop.test`);
  const { locale = null, style = null } = options;
  const workspace = await loadTemplate(terminal, folder, name, { channel: 'email', style });
  if (workspace === null) return EXIT.findings;
  const sample = await readSample(terminal.directory, folder, options.customer);
  const outbox = join(data, 'outbox');
  const providers = createProviders({ ...workspace.settings, channels: ['email'] }, terminal.environment, {
    outbox,
    clock: systemClock,
    publicUrl,
    fallback: 'outbox',
    ...ALONE,
  });
  const provider = providers.get('email')!;
  try {
    const rendered = await renderSample({
      workspace,
      template: name,
      channel: 'email',
      sample,
      locale,
      style,
      publicUrl,
    });
    const result = await provider.send(testMail(name, address, rendered), () => Promise.resolve(true));
    if (result.kind !== 'accepted') {
      terminal.err.line(`kairos: it was not accepted: ${'detail' in result ? result.detail : result.kind}`);
      return EXIT.findings;
    }
    terminal.out.line(
      provider.kind === 'file' ? `written into ${shownPath(terminal, outbox)}` : `accepted for ${address}`,
    );
    return EXIT.fine;
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    terminal.err.line(`kairos: ${error.message}`);
    return EXIT.findings;
  } finally {
    await provider.close();
  }
}

function testMail(template: string, address: string, rendered: RenderedMessage): OutgoingMessage {
  return {
    id: newId(),
    channel: 'email',
    address,
    devices: [{ address, keys: null }],
    customer: 'sample',
    rule: 'sample',
    template,
    category: 'sample',
    plannedAt: systemClock.now(),
    rendered: { ...rendered, subject: `[Test] ${rendered.subject ?? ''}` },
    unsubscribeUrl: null,
    feedbackToken: null,
  };
}

function onlyMails(): Promise<never> {
  return Promise.reject(new Error('a test send is a mail'));
}

/** Nothing is shared with other processes, and nobody is told. */
const ALONE: Pick<ProviderOptions, 'gate' | 'inbox' | 'observer'> = {
  gate: null,
  inbox: { put: onlyMails, page: onlyMails, unread: onlyMails, markRead: onlyMails },
  observer: { circuit: () => undefined, postponed: () => undefined },
};

/** Shaped as a message's: its first 4 bytes are the day. */
function newId(): string {
  const bytes = randomBytes(16);
  bytes.writeInt32BE(Math.floor(systemClock.now() / 86_400_000));
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
