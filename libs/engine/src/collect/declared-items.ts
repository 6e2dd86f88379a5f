import { readWorkspace, type ItemProperties } from '#core';
import type { Log } from '../ports/observer.js';
import type { RulesetStore } from '../ports/ruleset-store.js';

const LOOK_MS = 2_000;

/**
 * Events about things, as the latest published ruleset declares them (`items` in events.yaml). What was known last holds
 * where the database cannot be asked: events are taken as long as the stream takes them.
 */
export class DeclaredItems {
  private number: number | null = null;
  private items: ItemProperties = {};
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> = Promise.resolve();

  constructor(
    private readonly store: RulesetStore,
    private readonly log: Log,
  ) {}

  get current(): ItemProperties {
    return this.items;
  }

  /** Asks once. */
  async read(): Promise<ItemProperties> {
    await this.look();
    return this.items;
  }

  async start(): Promise<void> {
    await this.look();
    this.timer = setInterval(() => (this.looking = this.look()), LOOK_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.looking;
  }

  private async look(): Promise<void> {
    try {
      const number = await this.store.latestNumber();
      if (number === null || number === this.number) return;
      const published = await this.store.at(number);
      if (published === null) return;
      this.items = readWorkspace(published.files).workspace?.events?.items ?? {};
      this.number = number;
    } catch (error) {
      this.log.warn('which events are about things could not be asked, it will be tried again', {
        error: String(error),
      });
    }
  }
}
