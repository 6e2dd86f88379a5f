// Quiet hours on the customer's wall clock.
import { DAY, instantOf, timeOfDay, wallDay, WEEKDAYS } from './wall-clock.mjs';

function isOnDay(days, wallMidnight) {
  if (days === undefined) return true;
  const date = new Date(wallMidnight);
  return days.includes(WEEKDAYS[date.getUTCDay()]) || days.includes(date.toISOString().slice(0, 10));
}

/** The end of the quiet time that holds an instant, or undefined. A night belongs to the day on which it begins. */
function endOf(quiet, now, zone) {
  const from = timeOfDay(quiet.from),
    to = timeOfDay(quiet.to);
  const today = wallDay(now, zone);
  for (const day of [today - DAY, today]) {
    if (!isOnDay(quiet.days, day)) continue;
    const begins = instantOf(day + from, zone);
    const ends = instantOf(day + to + (to < from ? DAY : 0), zone);
    if (now >= begins && now < ends) return ends;
  }
  return undefined;
}

/** undefined outside quiet hours, else { onQuiet, until } of the first entry that applies. */
export function quietHoursAt(workspace, message, channel, now, zone) {
  if (message.ignoresQuietHours || workspace.categories[message.category].ignoresQuietHours) return undefined;
  for (const quiet of workspace.quietHours) {
    if (quiet.channels && !quiet.channels.includes(channel)) continue;
    if (quiet.categories && !quiet.categories.includes(message.category)) continue;
    const until = endOf(quiet, now, zone);
    if (until !== undefined) return { onQuiet: quiet.onQuiet, until };
  }
  return undefined;
}
