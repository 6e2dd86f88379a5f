import { HistoryRecorder } from '#engine';
import type { Backbone } from '#hosting';

/** The recorder of this process; null where no history is kept (`KAIROS_HISTORY_DAYS=0`). */
export function createHistory(backbone: Backbone): HistoryRecorder | null {
  const { config, history, log, clock } = backbone;
  if (config.historyDays === 0) return null;
  return new HistoryRecorder({ stream: backbone.historyStream(), history, log, clock, keptDays: config.historyDays });
}
