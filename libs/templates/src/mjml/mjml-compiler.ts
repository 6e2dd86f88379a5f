import { Worker } from 'node:worker_threads';
import { placeOfOffset, TemplateSyntaxError } from '../parse-template.js';
import {
  LostExpressionError,
  protectExpressions,
  restoreExpressions,
  type ProtectedMjml,
} from './protect-expressions.js';

/** MJML of a workspace compiles in milliseconds; loading it takes a second. */
const TIME_MS = 15_000;
const MEMORY_MB = 256;

export interface CompiledMjml {
  /** HTML with Handlebars in it. */
  readonly html: string;
  /** What MJML does not like, by line from 1. */
  readonly problems: readonly { readonly line: number; readonly message: string }[];
}

type Reply = { readonly number: number } & (CompiledMjml | { readonly error: string });

interface Waiting {
  readonly resolve: (compiled: CompiledMjml) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/**
 * MJML to HTML, in a thread that is started for the first file and ended after the last: loaded it holds 58 MB, and a
 * workspace without MJML never loads it. Files are not read: mj-include is ignored.
 */
export class MjmlCompiler {
  private worker: Worker | null = null;
  private readonly waiting = new Map<number, Waiting>();
  private count = 0;

  /** Throws TemplateSyntaxError for what the file holds. */
  async compile(source: string): Promise<CompiledMjml> {
    const hidden = atItsPlace(source, () => protectExpressions(source));
    const { html, problems } = await this.ask(hidden).catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      throw new TemplateSyntaxError(`this is not MJML: ${message}`, placeOfOffset(0, source), 'template/mjml', {
        cause: error,
      });
    });
    return { html: atItsPlace(source, () => restoreExpressions(html, hidden, source)), problems };
  }

  async close(): Promise<void> {
    const { worker } = this;
    // Whoever asks from here on gets a new one.
    this.worker = null;
    await worker?.terminate();
  }

  private ask({ source }: ProtectedMjml): Promise<CompiledMjml> {
    const worker = (this.worker ??= this.start());
    const number = this.count++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.lost(new Error(`it took longer than ${TIME_MS} ms`)), TIME_MS);
      this.waiting.set(number, { resolve, reject, timer });
      worker.postMessage({ number, source });
    });
  }

  private start(): Worker {
    const worker = new Worker(new URL('./mjml-worker.mjs', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
      env: {},
      execArgv: [],
    });
    worker.on('message', (reply: Reply) => this.hear(reply));
    worker.on('error', (error) => (this.worker === worker ? this.lost(error) : undefined));
    return worker;
  }

  private hear(reply: Reply): void {
    const asked = this.waiting.get(reply.number);
    if (asked === undefined) return;
    this.waiting.delete(reply.number);
    clearTimeout(asked.timer);
    if ('error' in reply) asked.reject(new Error(reply.error));
    else asked.resolve(reply);
    if (this.waiting.size === 0) void this.close();
  }

  private lost(error: Error): void {
    for (const { reject, timer } of this.waiting.values()) {
      clearTimeout(timer);
      reject(error);
    }
    this.waiting.clear();
    void this.close();
  }
}

function atItsPlace<T>(source: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof LostExpressionError)) throw error;
    throw new TemplateSyntaxError(error.message, placeOfOffset(Math.max(0, error.offset), source), 'template/mjml', {
      cause: error,
    });
  }
}
