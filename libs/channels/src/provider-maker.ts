import webPush from 'web-push';
import type { Channel, DkimSettings, ProviderSettings, ProviderUrl, Settings } from '#core';
import type { ChannelProvider } from '#engine';
import { readDkimKey, type DkimKey } from './dkim/dkim-key.js';
import { FcmProvider } from './fcm/fcm-provider.js';
import { readServiceAccount } from './fcm/service-account.js';
import { FileProvider } from './file/file-provider.js';
import { HttpProvider, type Wire } from './http/http-provider.js';
import { phoneNumber } from './http/phone-number.js';
import { InboxProvider } from './inbox/inbox-provider.js';
import { domainOf, parseAddress, parseMailbox, type Mailbox } from './mail/mailbox.js';
import type { ProviderOptions, Secrets } from './provider-options.js';
import { SmtpProvider } from './smtp/smtp-provider.js';
import { parseSmtpUrl } from './smtp/smtp-url.js';
import { telegramWire } from './telegram/telegram-wire.js';
import { twilioStatusUrl } from './twilio/twilio-status-url.js';
import { twilioWire } from './twilio/twilio-wire.js';
import { viberWire } from './viber/viber-wire.js';
import { WebPushProvider } from './web-push/web-push-provider.js';
import { WebhookProvider } from './webhook/webhook-provider.js';
import { whatsappWire } from './whatsapp/whatsapp-wire.js';

type Chosen<Kind extends ProviderSettings['kind']> = Extract<ProviderSettings, { kind: Kind }>;

/** Makes the provider of one channel, or notes everything that is missing or wrong. Opens no connection. */
export class ProviderMaker {
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
        return this.smtp(chosen.url, chosen.from, chosen);
      case 'webhook':
        return this.webhook(chosen);
      case 'twilio':
        return this.twilio(chosen);
      case 'telegram':
        return this.http(chosen, this.wanted(chosen.token), (token) =>
          telegramWire({ token, now: () => this.options.clock.now() }),
        );
      case 'whatsapp':
        return this.whatsapp(chosen);
      case 'viber':
        return this.http(chosen, this.wanted(chosen.token), (token) => viberWire({ token, from: chosen.from }));
      case 'fcm':
        return this.fcm(chosen);
      case 'web-push':
        return this.webPush(chosen);
      case 'inbox':
        return new InboxProvider(this.options.inbox);
      case 'file':
        return this.file(chosen.from);
      case undefined:
        return this.fallback();
    }
  }

  private fallback(): ChannelProvider | null {
    if (this.channel === 'inbox') return new InboxProvider(this.options.inbox);
    if (this.channel === 'email' && this.secret('SMTP_URL') !== null) return this.smtp('SMTP_URL', null, null);
    if (this.options.fallback === 'outbox') return this.file(null);
    const cure =
      this.channel === 'email'
        ? 'name one under `providers` in kairos.yaml, or set SMTP_URL'
        : 'name one under `providers` in kairos.yaml';
    return this.problem(`has no provider: ${cure}`);
  }

  private smtp(variable: string, from: string | null, chosen: Chosen<'smtp'> | null): ChannelProvider | null {
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
    const signing = chosen?.dkim ?? null;
    const dkim = signing === null ? null : this.dkim(signing, sender);
    if (signing !== null && dkim === null) return null;
    return new SmtpProvider({
      server,
      from: sender,
      dkim,
      clock: this.options.clock,
      connections: chosen?.concurrency ?? null,
      answerWithinMs: chosen?.timeoutMs ?? null,
    });
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

  private webhook(chosen: Chosen<'webhook'>): ChannelProvider | null {
    const url = this.address(chosen.url, chosen.allowPrivate, '`allow private: true`');
    const secret = this.wanted(chosen.secret);
    if (url === null || secret === null) return null;
    return new WebhookProvider({
      url,
      secret,
      allowPrivate: chosen.allowPrivate,
      clock: this.options.clock,
      connections: chosen.concurrency,
      answerWithinMs: chosen.timeoutMs,
    });
  }

  private twilio(chosen: Chosen<'twilio'>): ChannelProvider | null {
    const [account, token] = [this.wanted(chosen.account), this.wanted(chosen.token)];
    const from = phoneNumber(chosen.from, chosen.country) ?? chosen.from;
    const both = account === null || token === null ? null : { account, token };
    const statusUrl = twilioStatusUrl(this.options.publicUrl);
    return this.http(chosen, both, (found) => twilioWire({ ...found, from, country: chosen.country, statusUrl }));
  }

  private whatsapp(chosen: Chosen<'whatsapp'>): ChannelProvider | null {
    const [token, phone] = [this.wanted(chosen.token), this.wanted(chosen.phone)];
    const both = token === null || phone === null ? null : { token, phone };
    const { template, country } = chosen;
    return this.http(chosen, both, (found) => whatsappWire({ ...found, template, country }));
  }

  private fcm(chosen: Chosen<'fcm'>): ChannelProvider | null {
    const json = this.wanted(chosen.account);
    const account = json === null ? null : readServiceAccount(json);
    if (json !== null && account === null)
      return this.problem(
        `${chosen.account} does not hold the JSON of a service account (with project_id, client_email and private_key)`,
      );
    const url = chosen.url === null ? null : this.address(chosen.url, true, 'http:// for a gateway of your own');
    if (account === null || (chosen.url !== null && url === null)) return null;
    const { concurrency, timeoutMs } = chosen;
    return new FcmProvider({
      account,
      url,
      title: this.shopName(),
      clock: this.options.clock,
      concurrency,
      timeoutMs,
    });
  }

  private webPush(chosen: Chosen<'web-push'>): ChannelProvider | null {
    const [publicKey, privateKey] = [this.wanted(chosen.publicKey), this.wanted(chosen.privateKey)];
    if (publicKey === null || privateKey === null) return null;
    const { contact, allowPrivate, concurrency, timeoutMs } = chosen;
    try {
      // As the library judges it, without a word of the keys themselves.
      webPush.getVapidHeaders('https://push.test', contact, publicKey, privateKey, 'aes128gcm');
    } catch {
      return this.problem(
        `${chosen.publicKey}, ${chosen.privateKey} and the contact "${contact}" are no VAPID keys with a mailto: or https: contact; make a pair with \`npx web-push generate-vapid-keys\``,
      );
    }
    const { clock } = this.options;
    const keys = { publicKey, privateKey };
    return new WebPushProvider({ keys, contact, title: this.shopName(), allowPrivate, clock, concurrency, timeoutMs });
  }

  private http<T>(
    chosen: Chosen<'twilio' | 'telegram' | 'whatsapp' | 'viber'>,
    found: T | null,
    wire: (found: T) => Wire,
  ): ChannelProvider | null {
    const url = chosen.url === null ? null : this.address(chosen.url, true, 'http:// for a gateway of your own');
    if (found === null || (chosen.url !== null && url === null)) return null;
    const { concurrency, timeoutMs } = chosen;
    return new HttpProvider(wire(found), { url, clock: this.options.clock, concurrency, timeoutMs });
  }

  /** null after the problem was noted. @param plain when http:// is fine, for the sentence. */
  private address({ kind, value }: ProviderUrl, allowPlain: boolean, plain: string): string | null {
    const url = kind === 'address' ? value : this.wanted(value);
    const schemes = allowPlain ? ['https:', 'http:'] : ['https:'];
    if (url === null || (URL.canParse(url) && schemes.includes(new URL(url).protocol))) return url;
    const where = kind === 'address' ? 'its url' : value;
    return this.problem(
      allowPlain
        ? `${where} is not an address that begins with https:// (${plain})`
        : `${where} is not an address that begins with https:// (http:// only with ${plain})`,
    );
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
    return address === undefined ? null : { name: this.shopName() ?? '', address };
  }

  private shopName(): string | null {
    const name = this.settings.shop['name'];
    return typeof name === 'string' ? name : null;
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
