import cliProgress from 'cli-progress';
import type { Output } from './terminal.js';

/** A progress bar on standard error; silent where that is not a terminal. */
export interface Progress {
  /** @param detail a few words behind the bar: `12,000 events` */
  update(done: number, detail: string): void;
  /** Takes the bar away, so that what follows begins on a clean line. */
  end(): void;
}

const SILENT: Progress = { update: () => undefined, end: () => undefined };

/** @param total null: not known, only the words are shown */
export function startProgress(err: Output, what: string, total: number | null): Progress {
  if (!err.isTerminal) return SILENT;
  const bar = new cliProgress.SingleBar(
    {
      format: total === null ? `${what} {detail}` : `${what} {bar} {percentage}% {detail}`,
      barsize: 30,
      hideCursor: true,
      clearOnComplete: true,
      linewrap: false,
      stream: process.stderr,
    },
    cliProgress.Presets.shades_classic,
  );
  bar.start(total ?? 1, 0, { detail: '' });
  return { update: (done, detail) => bar.update(total === null ? 0 : done, { detail }), end: () => bar.stop() };
}
