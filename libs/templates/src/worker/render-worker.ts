import { Worker } from 'node:worker_threads';

export interface RenderLimits {
  /** For one message, ms of the wall. */
  readonly timeMs: number;
  /** Of one part of a message. */
  readonly maxCharacters: number;
  /** Heap of a worker, MB. */
  readonly memoryMb: number;
}

interface Code {
  readonly key: number;
  readonly code: string;
}

export interface CompiledPart extends Code {
  /** The pieces it uses, by name. */
  readonly partials: { readonly [name: string]: Code };
}

/** One output of a job: a template (`code` only if this worker does not have it yet), or an earlier output without its HTML. */
export type RenderPart = CompiledPart | { readonly textOf: number };

export interface RenderJob {
  readonly parts: readonly RenderPart[];
  readonly context: object;
  readonly format: { readonly locale: string; readonly timeZone: string; readonly currency: string | null };
}

/** A part failed; `part` is its index. */
export class RenderFailure extends Error {
  constructor(
    message: string,
    readonly part: number,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.name = 'RenderFailure';
  }
}

type Reply = 'ready' | { readonly outputs: readonly string[] } | { readonly error: string; readonly part: number };

/**
 * One thread that renders, one job at a time. What exceeds its time or memory ends the thread, not the process; the next
 * job gets a new one.
 */
export class RenderWorker {
  private worker: Worker | null = null;
  private readonly known = new Set<number>();
  private readonly progress = new Int32Array(new SharedArrayBuffer(4));
  private hear: (reply: Reply) => void = () => undefined;
  private fail: (error: Error) => void = () => undefined;

  constructor(private readonly limits: RenderLimits) {}

  /** Throws RenderFailure for what the template does; anything else is a fault of this program. */
  async run(job: RenderJob): Promise<readonly string[]> {
    const worker = this.worker ?? (await this.start());
    worker.ref();
    try {
      const reply = await this.ask(worker, { ...job, parts: job.parts.map((part) => this.withoutKnownCode(part)) });
      if (reply === 'ready') throw new Error('a render worker began twice');
      if ('error' in reply) throw new RenderFailure(reply.error, reply.part);
      for (const part of job.parts)
        if ('key' in part) for (const { key } of [part, ...Object.values(part.partials)]) this.known.add(key);
      return reply.outputs;
    } finally {
      worker.unref();
    }
  }

  async close(): Promise<void> {
    await this.worker?.terminate();
    this.worker = null;
  }

  private async start(): Promise<Worker> {
    const { maxCharacters, memoryMb } = this.limits;
    const worker = new Worker(new URL('./template-worker.mjs', import.meta.url), {
      workerData: { maxCharacters, progress: this.progress.buffer },
      resourceLimits: { maxOldGenerationSizeMb: memoryMb, maxYoungGenerationSizeMb: 16, stackSizeMb: 4 },
      env: {},
      execArgv: [],
    });
    this.known.clear();
    this.worker = worker;
    // What an ended thread still has to say must not be taken for the word of the next one.
    const present = (act: () => void) => (this.worker === worker ? act() : undefined);
    worker.on('message', (reply: Reply) => present(() => this.hear(reply)));
    worker.on('error', (error) => present(() => this.lost(error)));
    worker.on('exit', (status) => present(() => this.lost(new Error(`a render worker ended with status ${status}`))));
    await new Promise<void>((resolve, reject) => {
      [this.hear, this.fail] = [() => resolve(), reject];
    });
    return worker;
  }

  private lost(error: Error): void {
    this.worker = null;
    this.fail(error);
  }

  private async ask(worker: Worker, job: object): Promise<Reply> {
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<Reply>((resolve, reject) => {
        this.hear = resolve;
        this.fail = (error) => reject(this.ranOut(error));
        // A reply that lies there unread while this thread was busy must win over the timer: look once more.
        timer = setTimeout(() => setImmediate(() => reject(this.tooSlow())), this.limits.timeMs);
        worker.postMessage(job);
      });
    } catch (error) {
      this.worker = null;
      void worker.terminate();
      throw error;
    } finally {
      clearTimeout(timer);
      [this.hear, this.fail] = [() => undefined, () => undefined];
    }
  }

  private tooSlow(): RenderFailure {
    return new RenderFailure(
      `rendering took longer than ${this.limits.timeMs} ms and was ended`,
      this.progress[0] ?? 0,
    );
  }

  private ranOut(error: Error): Error {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ERR_WORKER_OUT_OF_MEMORY') return error;
    return new RenderFailure(
      `rendering needed more than ${this.limits.memoryMb} MB and was ended`,
      this.progress[0] ?? 0,
      { cause: error },
    );
  }

  private withoutKnownCode(part: RenderPart): object {
    if (!('key' in part)) return part;
    const code = (of: Code): object => (this.known.has(of.key) ? { key: of.key } : { key: of.key, code: of.code });
    const partials = Object.entries(part.partials).map(([name, of]) => [name, code(of)] as const);
    return { ...code(part), partials: Object.fromEntries(partials) };
  }
}
