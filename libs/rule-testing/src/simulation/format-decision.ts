import type { DeliveryDecision } from '#core';

/** One line of `kairos rules simulate --format ndjson` (rule-language.md, Simulation), without its line end. */
export function formatDecision({ message, at, verdict }: DeliveryDecision): string {
  const { customer, rule, key, step, template } = message.plan;
  const outcome = OUTCOMES[verdict.kind];
  const reason = verdict.kind === 'send' ? null : verdict.reason;
  const line = { at: instant(at), customer, rule, key, step, template, channel: verdict.channel, outcome, reason };
  return JSON.stringify(verdict.kind === 'defer' ? { ...line, until: instant(verdict.until) } : line);
}

const OUTCOMES = { send: 'sent', suppress: 'suppressed', defer: 'deferred' } as const;

function instant(ms: number): string {
  return new Date(ms).toISOString();
}
