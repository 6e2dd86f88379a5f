import { randomUUID } from 'node:crypto';
import type { JsonObject } from '#core';
import { commandSettings } from '../installation/command-settings.js';
import { CommandError, EXIT, type ExitStatus } from '../terminal/command-error.js';
import type { Terminal } from '../terminal/terminal.js';
import { withEventSender } from './with-event-sender.js';
import { readValues } from './read-values.js';

export const TYPES = ['track', 'identify', 'page', 'screen', 'alias', 'group'] as const;
export type SentType = (typeof TYPES)[number];

export interface SendOptions {
  readonly user?: string;
  readonly anonymous?: string;
  readonly event?: string;
  readonly values?: string;
  readonly consent?: readonly string[];
  readonly timestamp?: number;
  readonly messageId?: string;
}

/** `kairos events send`: one call, as a client would send it. */
export async function send(
  terminal: Terminal,
  type: SentType,
  words: readonly string[],
  options: SendOptions,
): Promise<ExitStatus> {
  const messageId = options.messageId ?? randomUUID();
  const call = { messageId, ...callOf(type, words, options) };
  const config = commandSettings(terminal);
  const { outcome, way, running } = await withEventSender(
    terminal,
    config,
    { historical: false, tries: 3 },
    async (sender) => ({
      outcome: await sender.send([call]),
      way: sender.way,
      running: sender.running,
    }),
  );
  const [refused] = outcome.refused;
  if (refused !== undefined) {
    terminal.err.line(`kairos: the event was refused: ${refused.field} ${refused.reason}`);
    return EXIT.findings;
  }
  const name = options.event === undefined ? '' : ` "${options.event}"`;
  const whose = options.user ?? options.anonymous;
  const of = whose === undefined ? '' : ` of ${whose}`;
  terminal.out.line(`sent ${type}${name}${of} to ${way} (messageId ${messageId})`);
  if (!running) terminal.err.line('Kairos is not running: the event waits in the stream until it is started');
  return EXIT.fine;
}

function callOf(type: SentType, words: readonly string[], options: SendOptions): JsonObject {
  const { user, anonymous, event, timestamp } = options;
  // Whether a track call may be about a thing says the collector, who knows events.yaml.
  if (user === undefined && anonymous === undefined && type !== 'track')
    throw new CommandError('say whose event it is, with --user ID or --anonymous ID');
  if (type === 'track' && event === undefined)
    throw new CommandError('a track call names its event, with --event "Product Added"');
  if (type !== 'track' && event !== undefined)
    throw new CommandError(`only track calls have an --event; this is ${type}`);
  const values = readValues(words, options.values);
  const consent = readConsent(options.consent ?? []);
  return {
    type,
    ...(user === undefined ? {} : { userId: user }),
    ...(anonymous === undefined ? {} : { anonymousId: anonymous }),
    ...(event === undefined ? {} : { event }),
    ...(timestamp === undefined ? {} : { timestamp: new Date(timestamp).toISOString() }),
    [type === 'identify' || type === 'group' ? 'traits' : 'properties']: values,
    ...(consent === null ? {} : { context: { consent: { categoryPreferences: consent } } }),
  };
}

/** `promotional=email,push`, `care=true` */
function readConsent(written: readonly string[]): JsonObject | null {
  if (written.length === 0) return null;
  const entries = written.map((text) => {
    const [, category, value] = /^([^=]+)=(.+)$/.exec(text) ?? [];
    if (category === undefined || value === undefined)
      throw new CommandError(`--consent ${text}: write CATEGORY=true, CATEGORY=false or CATEGORY=email,push`);
    return [category, value === 'true' ? true : value === 'false' ? false : value.split(',')] as const;
  });
  return Object.fromEntries(entries);
}
