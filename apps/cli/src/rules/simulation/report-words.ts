import type { SimulationReport } from './simulation-report.js';

/** `1,234`; a half as `1.5`. */
export function n(value: number): string {
  return value.toLocaleString('en');
}

/** `1 message`, `2 messages`. */
export function counted(count: number, noun: string): string {
  return `${n(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** `57 %`; `0.3 %` where it is little. */
export function share(part: number, whole: number): string {
  if (whole === 0) return '0 %';
  const percent = (part / whole) * 100;
  return `${percent === 0 || percent >= 9.95 ? Math.round(percent) : percent.toFixed(1)} %`;
}

// The same sentences in the terminal and in the page, so that nobody has to ask which of them is right.

export function whatWasRead({ events, customers, from, to }: SimulationReport): string {
  const span = from === null ? '' : ` from ${from} to ${to}`;
  return `${counted(events, 'event')} of ${counted(customers, 'customer')}${span}`;
}

export function whatWasOpen({ openRuns, openMessages }: SimulationReport): string {
  const open = `${counted(openRuns, 'run')} and ${counted(openMessages, 'message')}`;
  return `${open} were still open when simulated time ended; what is due later is not counted.`;
}

export function whoWasReached({ reached, customers, sent, perCustomer }: SimulationReport): string {
  if (perCustomer === null) return 'Nobody was reached.';
  const { median, p99, most } = perCustomer;
  const who = `${counted(reached, 'customer')} reached (${share(reached, customers)} of all) with ${counted(sent, 'message')}`;
  return `${who}: ${n(median)} each in the median, ${n(p99)} at the 99th percentile, ${n(most)} at most.`;
}

export function whoGetsSomethingElse(
  { customers: all }: SimulationReport,
  { customers, differences }: { readonly customers: number; readonly differences: readonly unknown[] },
): string {
  if (customers === 0) return 'Every customer would get the same.';
  const who = `${n(customers)} of ${counted(all, 'customer')} (${share(customers, all)}) would get something else`;
  return `${who}: ${counted(differences.length, 'difference')}.`;
}
