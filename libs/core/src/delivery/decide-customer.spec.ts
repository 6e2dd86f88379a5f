import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import type { Cap, OnCapped } from '../rules/model.js';
import { decideCustomer } from './decide-customer.js';
import { decideDelivery } from './decide-delivery.js';
import type { DeliveryCustomer, DeliveryDecision, OpenMessage, Slot } from './decision.js';
import type { DeliveryPolicy } from './delivery-policy.js';
import {
  DAY,
  DROP,
  HOUR,
  MINUTE,
  NEXT_CHANNEL,
  calendar,
  customer,
  deferUpTo,
  open,
  plan,
  policyOf,
  quiet,
  rolling,
  uuid,
} from './fixtures/world.js';

const ZONES = [
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'America/Sao_Paulo',
  'Africa/Cairo',
] as const;
/** A day before the clocks of Berlin go forward: a few days of traffic cross the change. */
const START = Temporal.Instant.from('2023-03-25T06:00:00Z').epochMilliseconds;

const anyCap: fc.Arbitrary<Cap> = fc
  .record({
    atMost: fc.integer({ min: 1, max: 3 }),
    window: fc.oneof(
      fc.constantFrom(MINUTE, 5 * MINUTE, HOUR, DAY, 3 * DAY).map((durationMs) => rolling(1, durationMs).window),
      fc.constantFrom('day' as const, 'week' as const, 'month' as const).map((unit) => calendar(1, unit).window),
    ),
    category: fc.constantFrom(null, 'promotional', 'care'),
    channel: fc.constantFrom(null, 'email' as const, 'sms' as const),
  })
  .map((cap) => ({ ...cap, label: JSON.stringify(cap) }));

const anyOnCapped: fc.Arbitrary<OnCapped> = fc.oneof(
  fc.constantFrom(DROP, NEXT_CHANNEL),
  fc.integer({ min: 1, max: 2 * DAY }).map((ms) => deferUpTo(ms)),
);

const anyPolicy = fc
  .record({
    caps: fc.array(anyCap, { maxLength: 4 }),
    onCapped: anyOnCapped,
    quietHours: fc.constantFrom(
      [],
      [quiet('21:00', '09:00')],
      [quiet('13:00', '15:30', { channels: ['email'] }), quiet('22:00', '06:15', { onQuiet: 'skip' })],
    ),
  })
  .map((settings) => policyOf(settings));

interface Arrival {
  readonly at: number;
  readonly priority: number;
  readonly category: string;
  readonly key: number;
  readonly onCapped: OnCapped | null;
  readonly email: boolean;
}

const anyArrival: fc.Arbitrary<Arrival> = fc.record({
  // Full hours, so that several come at one instant or exactly one window later; a little off, so that leases touch midnight.
  at: fc
    .tuple(fc.integer({ min: 0, max: 60 }), fc.constantFrom(0, 0, -30_000, 20_000))
    .map(([hours, off]) => START + hours * HOUR + off),
  priority: fc.constantFrom(10, 50, 50, 60, 90),
  category: fc.constantFrom('promotional', 'promotional', 'care', 'transactional'),
  key: fc.integer({ min: 0, max: 30 }),
  onCapped: fc.option(anyOnCapped, { freq: 3 }),
  email: fc.boolean(),
});

function messagesOf(arrivals: readonly Arrival[]): OpenMessage[] {
  return arrivals.map(({ at, priority, category, key, onCapped, email }, index) => ({
    plan: plan({
      id: uuid(index + 1),
      priority,
      category,
      onCapped,
      key: `c${key}`,
      due: at,
      plannedAt: at,
      channels: email ? ['email'] : null,
      tooLateAfterMs: DAY,
    }),
    notBefore: at,
    cancelled: null,
    heldFor: null,
    firstJudgedAt: null,
  }));
}

interface Accepted {
  readonly slot: Slot;
  readonly at: number;
}

/** Runs delivery over all arrivals until nothing is open; `acceptance` says when within its lease each is accepted. */
function deliver(
  messages: readonly OpenMessage[],
  world: { policy: DeliveryPolicy; customer: DeliveryCustomer; leaseMs: number; acceptance: (id: string) => number },
) {
  let open: readonly OpenMessage[] = messages;
  const slots: Slot[] = [];
  const accepted: Accepted[] = [];
  const decisions: DeliveryDecision[] = [];
  while (open.length > 0) {
    const now = Math.min(...open.map((message) => message.notBefore));
    // As the ledger does: a message that no run has reached yet is not there.
    const planned = open.filter((message) => message.plan.plannedAt <= now);
    const round = decideCustomer({
      customer: world.customer,
      slots,
      open: planned,
      policy: world.policy,
      now,
      leaseUntil: now + world.leaseMs,
    });
    decisions.push(...round.decisions);
    for (const slot of round.added) accepted.push({ slot, at: now + world.acceptance(slot.messageId) });
    slots.push(...round.added);
    open = [...round.open, ...open.filter((message) => message.plan.plannedAt > now)];
  }
  return { decisions, accepted };
}

/** Instants that share a calendar period, by Temporal. */
function periodName(instant: number, unit: 'day' | 'week' | 'month', zone: string): string {
  const date = Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(zone).toPlainDate();
  switch (unit) {
    case 'day':
      return date.toString();
    case 'week':
      return `${date.yearOfWeek} ${date.weekOfYear}`;
    case 'month':
      return date.toPlainYearMonth().toString();
  }
}

/** The fullest window of a cap, counted at the sink. */
function most(cap: Cap, accepted: readonly Accepted[], zone: string): number {
  const { window } = cap;
  const counted = accepted.filter(
    ({ slot }) =>
      slot.counts &&
      (cap.category === null || cap.category === slot.category) &&
      (cap.channel === null || cap.channel === slot.channel),
  );
  return Math.max(
    0,
    ...counted.map(({ at }) =>
      window.kind === 'rolling'
        ? counted.filter((other) => other.at <= at && other.at > at - window.durationMs).length
        : counted.filter((other) => periodName(other.at, window.unit, zone) === periodName(at, window.unit, zone))
            .length,
    ),
  );
}

describe('whatever comes in whatever order', () => {
  it.each([0, MINUTE])(
    'no cap is exceeded in any window, with leases of %i ms and acceptance anywhere in them',
    (leaseMs) => {
      fc.assert(
        fc.property(
          anyPolicy,
          fc.constantFrom(...ZONES),
          fc.array(anyArrival, { maxLength: 40, size: 'max' }),
          fc.integer(),
          (policy, timezone, arrivals, seed) => {
            const ann = customer({
              traits: { email: 'ann@shop.test', phone: '+491234567', $push_tokens: ['t'], timezone },
            });
            const acceptance = (id: string): number =>
              leaseMs === 0 ? 0 : Math.abs(seed + Number.parseInt(id.slice(-4), 16) * 7919) % (leaseMs + 1);
            const { decisions, accepted } = deliver(messagesOf(arrivals), {
              policy,
              customer: ann,
              leaseMs,
              acceptance,
            });
            for (const cap of policy.settings.caps)
              expect(most(cap, accepted, timezone)).toBeLessThanOrEqual(cap.atMost);
            const final = decisions
              .filter(({ verdict }) => verdict.kind !== 'defer')
              .map(({ message }) => message.plan.id);
            expect([...final].sort()).toEqual(arrivals.map((_, index) => uuid(index + 1)).sort());
            for (const { verdict, at } of decisions)
              if (verdict.kind === 'defer') expect(verdict.until).toBeGreaterThan(at);
          },
        ),
        { numRuns: 300 },
      );
    },
  );

  it('the same input gives the same decisions, and the order of its lists does not matter', () => {
    fc.assert(
      fc.property(
        anyPolicy,
        fc.array(anyArrival, { maxLength: 12 }),
        fc.array(anyArrival, { maxLength: 8 }),
        fc.integer({ min: 0, max: 720 }),
        fc.infiniteStream(fc.nat()),
        (policy, arrivals, before, step, random) => {
          const now = START + step * 10 * MINUTE;
          const slots = slotsOf(before);
          const messages = messagesOf(arrivals);
          const world = { customer: customer(), policy, now, leaseUntil: now };
          const straight = decideCustomer({ ...world, slots, open: messages });
          const mixed = decideCustomer({ ...world, slots: shuffle(slots, random), open: shuffle(messages, random) });
          expect(mixed.decisions).toEqual(straight.decisions);
          expect(mixed.added).toEqual(straight.added);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('two occurrences of one step at one instant go by the occurrence, since nothing else tells them apart', () => {
    const policy = policyOf({ caps: [rolling(1, DAY)] });
    const twice = ['m2', 'm1'].map((occurrence, index) =>
      open({ id: uuid(index), occurrence, key: null, due: START, plannedAt: START }),
    );
    const { decisions } = decideCustomer({
      customer: customer(),
      slots: [],
      open: twice,
      policy,
      now: START,
      leaseUntil: START,
    });
    expect(decisions.map(({ message, verdict }) => `${message.plan.occurrence} ${verdict.kind}`)).toEqual([
      'm1 send',
      'm2 suppress',
    ]);
  });

  // Each its own content: what is sent before it may make one planned ahead a repetition that needs no slot any more.
  it('a higher priority never loses a message its slot', () => {
    const noQuiet = anyPolicy.map((policy) => ({ ...policy, settings: { ...policy.settings, quietHours: [] } }));
    fc.assert(
      fc.property(
        noQuiet,
        fc.array(anyArrival, { minLength: 1, maxLength: 10 }),
        fc.array(anyArrival, { maxLength: 8 }),
        fc.nat(),
        fc.integer({ min: 1, max: 60 }),
        (policy, arrivals, before, pick, more) => {
          const now = START + DAY;
          const messages = messagesOf(arrivals.map((arrival, index) => ({ ...arrival, key: index })));
          const world = {
            customer: customer(),
            policy,
            now,
            leaseUntil: now,
            slots: slotsOf(before.map((arrival, index) => ({ ...arrival, key: -1 - index }))),
          };
          const sent = decideCustomer({ ...world, open: messages }).added;
          const chosen = sent[pick % Math.max(1, sent.length)];
          fc.pre(chosen !== undefined);
          const raised = messages.map((message) =>
            message.plan.id === chosen?.messageId
              ? { ...message, plan: { ...message.plan, priority: message.plan.priority + more } }
              : message,
          );
          expect(decideCustomer({ ...world, open: raised }).added.map((slot) => slot.messageId)).toContain(
            chosen?.messageId,
          );
        },
      ),
      { numRuns: 400 },
    );
  });

  it('judging a message changes nothing that it was given', () => {
    const freeze = <T>(value: T): T => {
      if (typeof value === 'object' && value !== null && !Object.isFrozen(value))
        Object.values(Object.freeze(value)).forEach(freeze);
      return value;
    };
    fc.assert(
      fc.property(
        fc.array(anyArrival, { minLength: 1, maxLength: 6 }),
        fc.array(anyArrival, { maxLength: 4 }),
        (arrivals, before) => {
          const messages = freeze(messagesOf(arrivals));
          const slots = freeze(slotsOf(before));
          const policy = policyOf({ caps: [rolling(1, DAY)] });
          const context = {
            customer: freeze(customer()),
            slots,
            sentNow: slots,
            open: messages,
            policy,
            now: START,
            leaseUntil: START,
          };
          expect(decideDelivery(messages[0]!, context)).toEqual(decideDelivery(messages[0]!, context));
        },
      ),
      { numRuns: 50 },
    );
  });
});

function slotsOf(arrivals: readonly Arrival[]): Slot[] {
  return arrivals.map(({ at, priority, category, key, email }, index) => ({
    messageId: uuid(1000 + index),
    from: at - 4 * DAY,
    to: at - 4 * DAY,
    channel: email ? 'email' : 'sms',
    category,
    priority,
    content: `${key}`.padStart(16, '0'),
    counts: category !== 'transactional',
  }));
}

function shuffle<T>(items: readonly T[], random: Iterator<number>): T[] {
  return items
    .map((item) => ({ item, by: Number(random.next().value) }))
    .sort((a, b) => a.by - b.by)
    .map(({ item }) => item);
}
