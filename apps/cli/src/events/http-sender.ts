import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Config } from '#config';
import type { CollectOutcome, RefusedCall } from '#engine';
import { CommandError } from '../terminal/command-error.js';
import type { EventSender, SenderOptions } from './event-sender.js';

/** A collector that answers and knows the key. */
export interface Collector {
  /** Without a slash at its end. */
  readonly url: string;
  readonly writeKey: string;
}

const LOOK_MS = 2_000;
const ANSWER_MS = 60_000;
const PAUSE_S = 2;

/** The collector of this installation where one is running, else null. Throws CommandError where it refuses the key. */
export async function findCollector(config: Config): Promise<Collector | null> {
  const writeKey = config.writeKey ?? keptWriteKey(config);
  if (writeKey === null) return null;
  for (const url of [localAddress(config), config.publicUrl]) {
    const status = await ask({ url, writeKey }, LOOK_MS);
    if (status === 200) return { url, writeKey };
    if (status === 401) {
      throw new CommandError(
        `the collector at ${url} does not know this write key; set KAIROS_WRITE_KEY to its key, or KAIROS_DATA to its data folder`,
      );
    }
  }
  return null;
}

function keptWriteKey({ data }: Config): string | null {
  const file = join(data, 'write-key');
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : null;
}

/** A server that listens on every address is reached on this machine's own. */
function localAddress({ http: { host, port } }: Config): string {
  const reached = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host.includes(':') ? `[${host}]` : host;
  return `http://${reached}:${port}`;
}

/** An empty batch changes nothing and says whether this is a collector; null: nobody answers, or something else does. */
async function ask(collector: Collector, timeoutMs: number): Promise<number | null> {
  try {
    const response = await post(collector, 'batch', [], timeoutMs);
    const body = (await response.json()) as { success?: unknown };
    return typeof body.success === 'boolean' ? response.status : null;
  } catch {
    return null;
  }
}

function post(
  { url, writeKey }: Collector,
  path: string,
  batch: readonly unknown[],
  timeoutMs: number,
): Promise<Response> {
  return fetch(`${url}/v1/${path}`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      Authorization: `Basic ${Buffer.from(`${writeKey}:`).toString('base64')}`,
    },
    body: JSON.stringify({ batch }),
    signal: AbortSignal.timeout(timeoutMs),
  });
}

/** Sends through a running collector; waits for it where it says that it is busy. */
export class HttpSender implements EventSender {
  readonly running = true;

  constructor(
    private readonly collector: Collector,
    private readonly options: SenderOptions,
    /** One line for the person at the terminal. */
    private readonly say: (line: string) => void,
  ) {}

  get way(): string {
    return this.collector.url;
  }

  async send(calls: readonly unknown[]): Promise<CollectOutcome> {
    let trouble = '';
    for (let attempt = 0; attempt < this.options.tries; attempt++) {
      const answer = await post(this.collector, this.options.historical ? 'import' : 'batch', calls, ANSWER_MS).catch(
        (error: unknown) => error as Error,
      );
      if (answer instanceof Error) trouble = causeOf(answer);
      else if (answer.status === 200) return { accepted: calls.length, refused: [] };
      else if (answer.status === 400) return this.refusals(answer);
      else if (answer.status !== 429 && answer.status !== 503)
        throw new CommandError(`the collector at ${this.way} answers ${answer.status}: ${await messageOf(answer)}`);
      else trouble = await messageOf(answer);
      const seconds = answer instanceof Error ? PAUSE_S : Number(answer.headers.get('Retry-After')) || PAUSE_S;
      if (attempt === 0) this.say(`the collector is busy (${trouble}); waiting for it ...`);
      if (attempt + 1 < this.options.tries) await pause(seconds * 1000);
    }
    throw new CommandError(
      `the collector at ${this.way} takes no events (${trouble}); what was acknowledged before is safe, and what is sent again is recognised by its messageId`,
    );
  }

  private async refusals(answer: Response): Promise<CollectOutcome> {
    const body = (await answer.json()) as { accepted?: number; errors?: RefusedCall[]; message?: string };
    if (body.errors === undefined)
      throw new CommandError(`the collector at ${this.way} refuses the request: ${body.message ?? 'no reason given'}`);
    return { accepted: body.accepted ?? 0, refused: body.errors };
  }
}

async function messageOf(answer: Response): Promise<string> {
  const body = (await answer.json().catch(() => ({}))) as { message?: string };
  return body.message ?? answer.statusText;
}

function causeOf({ cause, message }: Error): string {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : message;
}
