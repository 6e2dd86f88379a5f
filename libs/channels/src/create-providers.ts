import type { Channel, Settings } from '#core';
import type { ChannelProvider, WebhookCaller } from '#engine';
import { FileProvider } from './file/file-provider.js';
import { limitedCaller, limitedProvider } from './limits/limited-provider.js';
import { ProviderMaker } from './provider-maker.js';
import type { ProviderOptions, Secrets } from './provider-options.js';
import { ProviderSettingsError } from './provider-settings-error.js';
import { WebhookProvider } from './webhook/webhook-provider.js';

/**
 * A provider for every channel of the workspace: that of kairos.yaml; for mails without one the server in `SMTP_URL`;
 * else what `fallback` says; the inbox needs none. Opens no connection. Throws ProviderSettingsError with everything that
 * is missing or wrong.
 */
export function createProviders(
  settings: Pick<Settings, 'channels' | 'providers' | 'shop'>,
  secrets: Secrets,
  options: ProviderOptions,
): Map<Channel, ChannelProvider> {
  const problems: string[] = [];
  const made = new Map<Channel, ChannelProvider>();
  const { gate, observer } = options;
  for (const channel of settings.channels) {
    const chosen = settings.providers[channel];
    const provider = new ProviderMaker(channel, settings, secrets, options, problems).make(chosen);
    if (provider === null) continue;
    const ratePerSecond = chosen !== undefined && 'ratePerSecond' in chosen ? chosen.ratePerSecond : null;
    const isLimited = gate !== null && leavesThisMachine(provider);
    made.set(
      channel,
      isLimited ? limitedProvider(provider, { provider: channel, ratePerSecond, gate, observer }) : provider,
    );
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
  { outbox, clock, fallback, gate, observer }: ProviderOptions,
): Map<string, WebhookCaller> {
  const problems: string[] = [];
  const made = new Map<string, WebhookCaller>();
  for (const [name, { url, secret, allowPrivate }] of Object.entries(webhooks)) {
    const value = secret === null || !Object.hasOwn(secrets, secret) ? null : secrets[secret]?.trim() || null;
    if (secret === null || value !== null) {
      const caller = new WebhookProvider({ url, secret: value, allowPrivate, clock });
      const limits = { provider: `webhook:${name}`, ratePerSecond: null, observer };
      made.set(name, gate === null ? caller : limitedCaller(caller, { ...limits, gate }));
    } else if (fallback === 'outbox')
      made.set(
        name,
        new FileProvider({ folder: outbox, from: { name: 'Kairos', address: 'kairos@localhost' }, clock }),
      );
    else problems.push(`webhook ${name}: the environment variable ${secret} is not set`);
  }
  if (problems.length > 0) throw new ProviderSettingsError(problems);
  return made;
}

/** Files and the inbox have neither a rate nor anybody who might not answer. */
function leavesThisMachine({ kind }: ChannelProvider): boolean {
  return kind !== 'file' && kind !== 'inbox';
}
