import type { RulesetStore } from '../ports/ruleset-store.js';
import { loadRulesetsAt, type LoadedRulesets } from './load-rulesets.js';

/** Partitions change over within seconds of each other: more than a few are never in force at once. */
const MAX_KEPT = 8;

/** The published rulesets of one process, each read and compiled once for all of its partitions. */
export class RulesetCatalog {
  readonly #kept = new Map<number, Promise<LoadedRulesets>>();

  constructor(
    private readonly store: RulesetStore,
    loaded: LoadedRulesets,
  ) {
    this.#kept.set(loaded.rulesets.current.number, Promise.resolve(loaded));
  }

  /** Throws what `loadRulesetsAt` throws; what failed is asked anew the next time. */
  at(number: number): Promise<LoadedRulesets> {
    let loading = this.#kept.get(number);
    if (loading === undefined) {
      loading = loadRulesetsAt(this.store, number);
      loading.catch(() => this.#kept.delete(number));
      this.#kept.set(number, loading);
      if (this.#kept.size > MAX_KEPT) this.#kept.delete(this.#kept.keys().next().value!);
    }
    return loading;
  }
}
