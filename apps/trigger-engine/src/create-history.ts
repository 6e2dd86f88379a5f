import { DeclaredItems, HistoryRecorder } from '#engine';
import type { Backbone } from '#hosting';

/** The recorder of this process; null where no history is kept (`KAIROS_HISTORY_DAYS=0`). */
export function createHistory(backbone: Backbone): HistoryRecorder | null {
  const { config, history, log, clock, rulesets } = backbone;
  if (config.historyDays === 0) return null;
  const stream = backbone.historyStream();
  const items = new DeclaredItems(rulesets, log);
  return new HistoryRecorder({ stream, history, items, log, clock, keptDays: config.historyDays });
}
