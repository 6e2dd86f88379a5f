import { loadRulesets, type DeliveryWorker, type LoadedRulesets } from '#engine';
import type { Backbone } from '#hosting';
import { createDelivery, type Delivery, type DeliveryOptions } from './create-delivery.js';

/** How often it is asked whether something new was published, real ms. */
const LOOK_MS = 1_000;

/**
 * Delivery by the ruleset that was published last: where another one comes, what is in flight is finished by the old
 * one, and everything else is claimed by the new one, with its caps, templates and providers. One that cannot be used
 * here (a secret that is not set) leaves the old one at work and is a trouble that readiness shows.
 */
export class CurrentDelivery {
  private delivery: Delivery;
  private number: number;
  private unusable: string | null = null;
  private timer: NodeJS.Timeout | null = null;
  private changing: Promise<void> = Promise.resolve();
  private stopping = false;

  constructor(
    private readonly backbone: Backbone,
    loaded: LoadedRulesets,
    private readonly options: DeliveryOptions,
  ) {
    this.delivery = createDelivery(backbone, loaded, options);
    this.number = loaded.rulesets.current.number;
  }

  get worker(): DeliveryWorker {
    return this.delivery.worker;
  }

  /** Where mails lie that no provider takes; null where every channel has one. */
  get outbox(): string | null {
    return this.delivery.outbox;
  }

  /** Why nothing, or not what was published last, is delivered; null when all is well. For readiness. */
  get trouble(): string | null {
    return this.unusable ?? this.worker.trouble;
  }

  start(): void {
    this.worker.start();
    this.backbone.oldMessages.start();
    this.timer = setInterval(() => {
      this.changing = this.changing.then(() => this.look());
    }, LOOK_MS);
  }

  /** Claims nothing more and ends what is in flight. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.backbone.oldMessages.stop();
    if (this.timer !== null) clearInterval(this.timer);
    await this.changing;
    await this.worker.stop();
  }

  /** After `stop`: ends renderer and providers. */
  async close(): Promise<void> {
    await this.delivery.close();
  }

  private async look(): Promise<void> {
    const { rulesets, log } = this.backbone;
    if (this.stopping) return;
    try {
      const latest = await rulesets.latestNumber();
      if (latest === null || latest === this.number) return;
      const loaded = await loadRulesets(rulesets);
      if (loaded !== null) await this.changeTo(loaded);
      log.info('delivery goes by another ruleset', { ruleset: this.number });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (this.unusable !== reason) log.error('the ruleset published last is not used', { error: reason });
      this.unusable = reason;
    }
  }

  private async changeTo(loaded: LoadedRulesets): Promise<void> {
    // First: where this throws, the old one has never stopped.
    const next = createDelivery(this.backbone, loaded, this.options);
    const old = this.delivery;
    await old.worker.stop();
    this.delivery = next;
    this.number = loaded.rulesets.current.number;
    this.unusable = null;
    next.worker.start();
    await old.close();
  }
}
