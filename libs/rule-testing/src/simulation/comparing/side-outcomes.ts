import type { DeliveryDecision } from '#core';

/** A final decision of one side that the other side has not made alike. */
export interface Outcome {
  readonly decision: DeliveryDecision;
  /** What the runs of the other side had done by then; null: not asked yet. */
  elsewhere: string | null;
  /** The other side has made it alike after all. */
  matched: boolean;
}

/** What one side has decided and the other has not, by customer. */
export class SideOutcomes {
  readonly final = new Map<string, Outcome[]>();
  /** Messages that are held or deferred, by customer and id. */
  readonly open = new Map<string, Map<string, DeliveryDecision>>();

  keep(outcome: Outcome): void {
    const { customer } = outcome.decision.message.plan;
    const own = this.final.get(customer);
    if (own === undefined) this.final.set(customer, [outcome]);
    else own.push(outcome);
  }

  /** Takes out the decision that says the same of the same message; false where there is none. */
  takeSame(decision: DeliveryDecision): boolean {
    const { customer } = decision.message.plan;
    const own = this.final.get(customer);
    const index = own?.findIndex((each) => isSame(each.decision, decision)) ?? -1;
    if (own === undefined || index === -1) return false;
    own[index]!.matched = true;
    if (own.length === 1) this.final.delete(customer);
    else own.splice(index, 1);
    return true;
  }

  /** Keeps in mind that a message waits, or that it does no more. */
  noteOpen(decision: DeliveryDecision): void {
    const { customer, id } = decision.message.plan;
    let own = this.open.get(customer);
    if (decision.verdict.kind === 'defer') {
      if (own === undefined) this.open.set(customer, (own = new Map()));
      own.set(id, decision);
    } else if (own?.delete(id) === true && own.size === 0) this.open.delete(customer);
  }
}

/** For the customer: steps may be counted differently on the other side. */
function isSame(one: DeliveryDecision, other: DeliveryDecision): boolean {
  if (one.at !== other.at || one.verdict.kind !== other.verdict.kind) return false;
  if (one.verdict.channel !== other.verdict.channel || reasonOf(one) !== reasonOf(other)) return false;
  return isSameMessage(one, other);
}

/** Sent by the same run of the same rule. */
export function isSameMessage(
  { message: { plan: a } }: DeliveryDecision,
  { message: { plan: b } }: DeliveryDecision,
): boolean {
  return (
    a.rule === b.rule && a.template === b.template && a.occurrence === b.occurrence && keyText(a.key) === keyText(b.key)
  );
}

export function reasonOf({ verdict }: DeliveryDecision): Exclude<typeof verdict, { kind: 'send' }>['reason'] | null {
  return verdict.kind === 'send' ? null : verdict.reason;
}

function keyText(key: string | readonly string[] | null): string {
  return JSON.stringify(key);
}
