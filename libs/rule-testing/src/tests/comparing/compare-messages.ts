import type { DeliveryDecision } from '#core';
import type { ExpectedMessage } from '../test-file.js';

/** One expectation with what it stands for, or either of them alone. */
export interface MessagePair {
  readonly expected: ExpectedMessage | null;
  readonly actual: DeliveryDecision | null;
  readonly matches: boolean;
}

/**
 * The complete list of expectations against the final decisions, by time. First as many as possible are matched; what
 * is left is paired by template and customer, since that is most likely what was meant.
 */
export function compareMessages(
  expected: readonly ExpectedMessage[],
  actual: readonly DeliveryDecision[],
): readonly MessagePair[] {
  const matched = matchMost(expected, actual);
  const pairs: MessagePair[] = [...matched].map(([message, decision]) => ({
    expected: message,
    actual: decision,
    matches: true,
  }));
  const taken = new Set(matched.values());
  const left = actual.filter((decision) => !taken.has(decision));
  for (const message of expected.filter((each) => !matched.has(each))) {
    const index = left.findIndex((decision) => isMeant(message, decision));
    const decision = index < 0 ? null : left.splice(index, 1)[0]!;
    pairs.push({ expected: message, actual: decision, matches: false });
  }
  pairs.push(...left.map((decision) => ({ expected: null, actual: decision, matches: false })));
  return pairs.sort((a, b) => timeOf(a) - timeOf(b));
}

/** Expectations that leave things open must not take what a closer one needs: a matching of the largest size. */
function matchMost(
  expected: readonly ExpectedMessage[],
  actual: readonly DeliveryDecision[],
): Map<ExpectedMessage, DeliveryDecision> {
  const holder = new Map<DeliveryDecision, ExpectedMessage>();
  const place = (message: ExpectedMessage, tried: Set<DeliveryDecision>): boolean => {
    for (const decision of actual) {
      if (tried.has(decision) || !fits(message, decision)) continue;
      tried.add(decision);
      const other = holder.get(decision);
      if (other !== undefined && !place(other, tried)) continue;
      holder.set(decision, message);
      return true;
    }
    return false;
  };
  for (const message of expected) place(message, new Set());
  return new Map([...holder].map(([decision, message]) => [message, decision]));
}

function fits(message: ExpectedMessage, { message: { plan }, at, verdict }: DeliveryDecision): boolean {
  if (message.at !== at || message.template !== plan.template) return false;
  if (message.to !== null && message.to !== plan.customer) return false;
  if (message.channel !== null && message.channel !== verdict.channel) return false;
  return message.suppressed === (verdict.kind === 'send' ? null : verdict.reason);
}

function isMeant({ template, to }: ExpectedMessage, { message: { plan } }: DeliveryDecision): boolean {
  return template === plan.template && (to === null || to === plan.customer);
}

function timeOf({ expected, actual }: MessagePair): number {
  return (expected ?? actual)!.at;
}
