import type { DeliveryDecision, EventStart, Rule, Workspace } from '#core';
import { Simulation } from '#rule-testing';

/** Calls to paste, and the mail that comes of them. */
export interface FirstMail {
  readonly calls: readonly object[];
  readonly rule: string;
  /** How long ago the event is said to have happened, ms; 0 where the rule does not let wait. */
  readonly backMs: number;
  /** From now to the mail, and from an event without a date to it, ms, but for the grace. */
  readonly inMs: number;
  readonly waitMs: number;
}

const SOON_MS = 60_000;
const LOOK_AHEAD_MS = 3 * 86_400_000;
/** One of these has its day when the workspace's zone has its night: nobody gets advertising then. */
const ZONES = ['America/New_York', 'Asia/Tokyo', 'Europe/Berlin', 'America/Los_Angeles', 'Australia/Sydney'];
const MUG = { product_id: 'mug', name: 'Blue mug', price: 24 };

/**
 * What somebody new can send to see a mail about a minute later: who the customer is, that
 * she agreed, and the event some rule begins with, dated back by most of what the rule waits. Found by simulation, so
 * what it promises holds. null: no rule writes soon after one event.
 */
export function firstMail(workspace: Workspace, userId: string, now: number): FirstMail | null {
  for (const rule of workspace.rules)
    for (const start of rule.starts) {
      if (start.kind !== 'event') continue;
      for (const zone of [null, ...ZONES]) {
        const found = soonest(workspace, now, rule.name, (backMs) => callsFor(rule, start, userId, zone, now - backMs));
        if (found !== null) return found;
      }
    }
  return null;
}

type CallsDatedBack = (backMs: number) => readonly object[];

function soonest(workspace: Workspace, now: number, rule: string, calls: CallsDatedBack): FirstMail | null {
  const waitMs = untilSent(workspace, rule, calls(0), now);
  if (waitMs === null) return null;
  const backMs = Math.max(0, waitMs - SOON_MS);
  const inMs = backMs === 0 ? waitMs : untilSent(workspace, rule, calls(backMs), now);
  return inMs === null || inMs > 2 * SOON_MS
    ? null
    : { calls: withoutNow(calls(backMs), backMs), rule, backMs, inMs, waitMs };
}

function callsFor(rule: Rule, start: EventStart, userId: string, zone: string | null, at: number): readonly object[] {
  const event = start.events[0]!;
  const keys = Object.fromEntries(start.key.map(({ names }) => [names[0], `${userId}-1`]));
  const name = userId[0]!.toUpperCase() + userId.slice(1);
  const traits = { email: `${userId}@shop.test`, name, ...(zone === null ? {} : { timezone: zone }) };
  return [
    { type: 'identify', userId, traits, context: { consent: { categoryPreferences: { [rule.category]: true } } } },
    {
      type: 'track',
      userId,
      event,
      timestamp: new Date(Math.floor(at / 1000) * 1000).toISOString().replace('.000', ''),
      properties: { ...(event === 'Product Added' ? MUG : {}), ...keys },
    },
  ];
}

/** An event that happens as it is sent needs no date. */
function withoutNow(calls: readonly object[], backMs: number): readonly object[] {
  return backMs > 0 ? calls : calls.map(({ timestamp: _, ...call }: { timestamp?: string }) => call);
}

/** ms from now; null: nothing is sent in the next days. */
function untilSent(workspace: Workspace, rule: string, calls: readonly object[], now: number): number | null {
  let sentAt: number | null = null;
  const onDecision = ({ at, message, verdict }: DeliveryDecision): void => {
    if (verdict.kind === 'send' && message.plan.rule === rule) sentAt ??= at;
  };
  const simulation = new Simulation({
    workspace,
    assumeConsent: false,
    from: null,
    to: now + LOOK_AHEAD_MS,
    onDecision,
  });
  const receivedAt = new Date(now).toISOString();
  calls.forEach((call, k) => simulation.line({ timestamp: receivedAt, ...call, receivedAt }, `first-mail-${k}`));
  simulation.finish();
  return sentAt === null ? null : sentAt - now;
}
