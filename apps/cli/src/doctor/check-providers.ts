import type { GateView } from '#engine';
import { ok, warn, type Check } from './check.js';

/** Providers that were used so far: whether they are asked now, and if not, why and until when. */
export function checkProviders(views: readonly GateView[]): readonly Check[] {
  return views.map(({ provider, failures, openForMs, pausedForMs }) => {
    const name = `provider ${provider}`;
    if (openForMs !== null)
      return warn(
        name,
        `its circuit is open: ${failures} attempts in a row were not answered; the next is made in ${seconds(openForMs)}`,
        'look whether it can be reached from here; what is due waits and loses no retry',
      );
    if (pausedForMs !== null)
      return warn(
        name,
        `it asked everybody to wait, for ${seconds(pausedForMs)} more`,
        'give it a lower `rate` in kairos.yaml if this happens often',
      );
    return ok(name, failures === 0 ? 'answers' : `the last ${failures} attempts were not answered`);
  });
}

function seconds(ms: number): string {
  return `${Math.max(0, Math.ceil(ms / 1000))} s`;
}
