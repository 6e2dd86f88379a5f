import { RenderWorker, type RenderJob, type RenderLimits } from './render-worker.js';

/** A few workers and a queue before them. */
export class RenderPool {
  private readonly idle: RenderWorker[];
  private readonly all: readonly RenderWorker[];
  private readonly waiting: ((worker: RenderWorker) => void)[] = [];

  constructor(size: number, limits: RenderLimits) {
    this.all = Array.from({ length: size }, () => new RenderWorker(limits));
    this.idle = [...this.all].reverse();
  }

  /** Throws RenderFailure for what the template does. */
  async run(job: RenderJob): Promise<readonly string[]> {
    const worker = this.idle.pop() ?? (await new Promise<RenderWorker>((resolve) => this.waiting.push(resolve)));
    try {
      return await worker.run(job);
    } finally {
      const next = this.waiting.shift();
      if (next) next(worker);
      else this.idle.push(worker);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.all.map((worker) => worker.close()));
  }
}
