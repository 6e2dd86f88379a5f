import type { Channel, DkimSettings, ProviderSettings, Settings } from '#core';
import type { ChannelProvider, WebhookCaller } from '#engine';
import { readDkimKey, type DkimKey } from './dkim/dkim-key.js';
import { FileProvider } from './file/file-provider.js';
import { domainOf, parseAddress, parseMailbox, type Mailbox } from './mail/mailbox.js';
import { ProviderSettingsError } from './provider-settings-error.js';
import { SmtpProvider } from './smtp/smtp-provider.js';
import { parseSmtpUrl } from './smtp/smtp-url.js';
import { WebhookProvider } from './webhook/webhook-provider.js';

export interface ProviderOptions {
  /** Folder of the file outbox, made at the first message. */
  readonly outbox: string;
  readonly clock: { now(): number };
  /** Channels without a provider: into the outbox (development), or an error (production). */
  readonly fallback: 'outbox' | 'refuse';
}

/** Values of environment variables by their names. */
export type Secrets = { readonly [name: string]: string | undefined };

/**
 * A provider for every channel of the workspace: that of kairos.yaml; for mails without one the server in `SMTP_URL`;
 * else what `fallback` says. Opens no connection. Throws ProviderSettingsError with everything that is missing or wrong.
 */
export function createProviders(
  settings: Pick<Settings, 'channels' | 'providers' | 'shop'>,
  secrets: Secrets,
  options: ProviderOptions,
): Map<Channel, ChannelProvider> {
  const problems: string[] = [];
  const made = new Map<Channel, ChannelProvider>();
  for (const channel of settings.channels) {
    const maker = new Maker(channel, settings, secrets, options, problems);
    const provider = maker.make(settings.providers[channel]);
    if (provider !== null) made.set(channel, provider);
  }
  if (problems.length === 0) return made;
  // Nothing was connected yet: closing settles at once.
  for (const provider of made.values()) void provider.close();
  throw new ProviderSettingsError(problems);
}

/**
 * A caller for every address that `webhook` steps may name. In development (`fallback: outbox`) calls whose secret is
 * not set become files. Throws ProviderSettingsError with all secrets that are missing.
 */
export function createCallers(
  { webhooks }: Pick<Settings, 'webhooks'>,
  secrets: Secrets,
  { outbox, clock, fallback }: ProviderOptions,
): Map<string, WebhookCaller> {
  const problems: string[] = [];
  const made = new Map<string, WebhookCaller>();
  for (const [name, { url, secret, allowPrivate }] of Object.entries(webhooks)) {
    const value = secret === null || !Object.hasOwn(secrets, secret) ? null : secrets[secret]?.trim() || null;
    if (secret === null || value !== null)
      made.set(name, new WebhookProvider({ url, secret: value, allowPrivate, clock }));
    else if (fallback === 'outbox')
      made.set(
        name,
        new FileProvider({ folder: outbox, from: { name: 'Kairos', address: 'kairos@localhost' }, clock }),
      );
    else problems.push(`webhook ${name}: the environment variable ${secret} is not set`);
  }
  if (problems.length > 0) throw new ProviderSettingsError(problems);
  return made;
}

class Maker {
  constructor(
    private readonly channel: Channel,
    private readonly settings: Pick<Settings, 'shop'>,
    private readonly secrets: Secrets,
    private readonly options: ProviderOptions,
    private readonly problems: string[],
  ) {}

  make(chosen: ProviderSettings | undefined): ChannelProvider | null {
    switch (chosen?.kind) {
      case 'smtp':
        return this.smtp(chosen.url, chosen.from, chosen.ratePerSecond, chosen.dkim);
      case 'webhook':
        return this.webhook(chosen);
      case 'file':
        return this.file(chosen.from);
      case undefined:
        return this.fallback();
    }
  }

  private fallback(): ChannelProvider | null {
    if (this.channel === 'email' && this.secret('SMTP_URL') !== null) return this.smtp('SMTP_URL', null, null, null);
    if (this.options.fallback === 'outbox') return this.file(null);
    const cure =
      this.channel === 'email'
        ? 'name one under `providers` in kairos.yaml, or set SMTP_URL'
        : 'name one under `providers` in kairos.yaml';
    return this.problem(`has no provider: ${cure}`);
  }

  private smtp(
    variable: string,
    from: string | null,
    ratePerSecond: number | null,
    signing: DkimSettings | null,
  ): ChannelProvider | null {
    const url = this.wanted(variable);
    const server = url === null ? null : parseSmtpUrl(url);
    if (url !== null && server === null)
      this.problem(
        `${variable} is not like smtp://user:password@host:587 or smtps://… (signs such as @ or / in a password are written %40, %2F)`,
      );
    const sender = from === null ? this.shopMailbox() : this.mailbox(from);
    if (from === null && sender === null)
      this.problem(
        'nobody is named as the sender: write `providers: { email: { kind: smtp, url: SMTP_URL, from: "The Shop <hello@shop.test>" } }` into kairos.yaml',
      );
    if (server === null || sender === null) return null;
    const dkim = signing === null ? null : this.dkim(signing, sender);
    if (signing !== null && dkim === null) return null;
    return new SmtpProvider({ server, from: sender, ratePerSecond, dkim, clock: this.options.clock });
  }

  private dkim({ selector, domain, key: variable }: DkimSettings, sender: Mailbox): DkimKey | null {
    const secret = this.wanted(variable);
    if (secret === null) return null;
    const key = readDkimKey(secret);
    if (key === null)
      return this.problem(
        `${variable} holds no private key for DKIM: RSA from 1024 bits on or Ed25519, as PEM or the path of a file with it`,
      );
    return { key, selector, domain: domain ?? domainOf(sender.address) };
  }

  private webhook(chosen: Extract<ProviderSettings, { kind: 'webhook' }>): ChannelProvider | null {
    const { kind, value } = chosen.url;
    const url = kind === 'address' ? value : this.wanted(value);
    const secret = this.wanted(chosen.secret);
    const schemes = chosen.allowPrivate ? ['https:', 'http:'] : ['https:'];
    if (url !== null && !(URL.canParse(url) && schemes.includes(new URL(url).protocol))) {
      return this.problem(
        `${kind === 'address' ? 'its url' : value} is not an address that begins with https:// (http:// only with \`allow private: true\`)`,
      );
    }
    if (url === null || secret === null) return null;
    return new WebhookProvider({ url, secret, allowPrivate: chosen.allowPrivate, clock: this.options.clock });
  }

  private file(from: string | null): ChannelProvider | null {
    const sender =
      from === null ? (this.shopMailbox() ?? { name: 'Kairos', address: 'kairos@localhost' }) : this.mailbox(from);
    const { outbox, clock } = this.options;
    return sender === null ? null : new FileProvider({ folder: outbox, from: sender, clock });
  }

  private mailbox(written: string): Mailbox | null {
    return parseMailbox(written) ?? this.problem(`the sender "${written}" is not like "The Shop <hello@shop.test>"`);
  }

  /** The shop as it names itself in kairos.yaml. */
  private shopMailbox(): Mailbox | null {
    const { shop } = this.settings;
    const address = [shop['email'], shop['support']]
      .map((value) => (typeof value === 'string' ? parseAddress(value) : null))
      .find((found) => found !== null);
    return address === undefined ? null : { name: typeof shop['name'] === 'string' ? shop['name'] : '', address };
  }

  private wanted(variable: string): string | null {
    return this.secret(variable) ?? this.problem(`the environment variable ${variable} is not set`);
  }

  private secret(variable: string): string | null {
    return (Object.hasOwn(this.secrets, variable) ? this.secrets[variable]?.trim() : undefined) || null;
  }

  private problem(sentence: string): null {
    this.problems.push(`channel ${this.channel}: ${sentence}`);
    return null;
  }
}
