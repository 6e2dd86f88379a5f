import { parseInstant, reasonInWords } from '#core';
import type { Fate, MessageDifference, Side } from './comparison.js';

/** Why a customer gets something else, in a sentence: `here` is the workspace, `there` the one it is compared with. */
export function whyOf(change: MessageDifference['change'], fates: { readonly [side in Side]: Fate }): string {
  switch (change) {
    case 'only_workspace':
      return missing(fates.other, 'there');
    case 'only_other':
      return missing(fates.workspace, 'here');
    case 'moved':
      return moved(fates.workspace, fates.other);
  }
}

function missing({ outcome, reason, detail }: Fate, where: 'here' | 'there'): string {
  switch (outcome) {
    case 'suppressed':
      return `suppressed ${where} as ${reason}: ${reasonInWords(reason!, 'en')}`;
    case 'open':
      return `still waiting ${where} when simulated time ended (${reason}: ${reasonInWords(reason!, 'en')})`;
    case 'no_rule':
      return `there is no such rule ${where}`;
    case 'not_planned':
      return `${where}, ${detail ?? 'no run came to send it'}`;
    case 'sent':
      return `sent ${where} too`;
  }
}

function moved(here: Fate, there: Fate): string {
  const byMs = parseInstant(here.at!)! - parseInstant(there.at!)!;
  const time = byMs === 0 ? [] : [`${inWords(Math.abs(byMs))} ${byMs > 0 ? 'later' : 'earlier'} than there`];
  const channel = here.channel === there.channel ? [] : [`by ${here.channel} instead of ${there.channel}`];
  return [...time, ...channel].join(', ');
}

const UNITS = [
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
  [1_000, 'second'],
] as const;

/** `1 day 3 hours`: the two largest units; `less than a second`. */
function inWords(ms: number): string {
  const parts: string[] = [];
  let rest = ms;
  for (const [unit, name] of UNITS) {
    const count = Math.floor(rest / unit);
    rest -= count * unit;
    if (count > 0) parts.push(`${count} ${name}${count === 1 ? '' : 's'}`);
  }
  return parts.slice(0, 2).join(' ') || 'less than a second';
}
