import { compileRuleset, readWorkspace, type Ruleset, type Workspace } from '#core';
import type { RulesetStore } from '../ports/ruleset-store.js';
import { realNow } from '../real-time.js';

const LOOK_MS = 2_000;

export interface PublishedNow {
  readonly workspace: Workspace;
  readonly ruleset: Ruleset;
}

/**
 * What was published last, for whoever asks now and then: asked for anew when the answer is older than two seconds. What
 * was known last holds where the database cannot be asked.
 */
export class LatestWorkspace {
  private number: number | null = null;
  private known: PublishedNow | null = null;
  private askedAt = -Infinity;
  private asking: Promise<void> | null = null;

  constructor(private readonly store: RulesetStore) {}

  /** null: nothing was published yet. Throws `StoreError` only where nothing is known. */
  async get(): Promise<PublishedNow | null> {
    if (realNow() - this.askedAt < LOOK_MS) return this.known;
    this.asking ??= this.look().finally(() => (this.asking = null));
    try {
      await this.asking;
    } catch (error) {
      if (this.known === null) throw error;
    }
    return this.known;
  }

  private async look(): Promise<void> {
    const number = await this.store.latestNumber();
    if (number !== null && number !== this.number) {
      const published = await this.store.at(number);
      const workspace = published === null ? null : readWorkspace(published.files).workspace;
      // Published by a newer version of Kairos, which this process cannot read: the one before holds.
      if (published !== null && workspace !== null)
        this.known = {
          workspace,
          ruleset: compileRuleset(workspace, number, published.versions, { stopped: published.stopped }),
        };
      this.number = number;
    }
    this.askedAt = realNow();
  }
}
