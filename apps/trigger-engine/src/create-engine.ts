import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { RulesetCatalog, TriggerEngine, type LoadedRulesets } from '#engine';
import type { Backbone } from '#hosting';

/** Encoded states kept in memory by one process. */
const CACHE_BYTES = 256 * 1024 * 1024;

export function createEngine(backbone: Backbone, loaded: LoadedRulesets): TriggerEngine {
  const { partitions: store, stream, deadLetters, clock, metrics, log } = backbone;
  const catalog = new RulesetCatalog(backbone.rulesets, loaded);
  return new TriggerEngine({
    store,
    stream,
    deadLetters,
    history: backbone.config.historyDays === 0 ? null : backbone.history,
    rulesets: loaded.rulesets,
    rulesetsAt: async (number) => (await catalog.at(number)).rulesets,
    clock,
    observer: metrics.engine,
    log,
    owner: `${hostname()}/${process.pid}/${randomUUID().slice(0, 8)}`,
    cacheBytes: CACHE_BYTES,
    stateVersion: backbone.stateVersion,
  });
}
