import { check, type LogRecord, type World } from './checker.mjs';

const T = Date.parse('2026-03-02T09:00:00Z');
const RULES = { waitMs: 2_000, graceMs: 200 };

type Changeable<Part> = { -readonly [Key in keyof Part]: Part[Key] };
type Row = Changeable<World['ledger'][number]>;
interface Planted {
  scheduled: string[];
  input: Changeable<World['input'][number]>[];
  log: Changeable<LogRecord>[];
  mails: Changeable<World['mails'][number]>[];
  ledger: Row[];
}

/**
 * ann fills a cart twice and is reminded once, bob buys in time, cleo after the reminder was due, dora fills a cart that
 * reaches the stream a minute late and buys in the second after; all sign up, and two coupons are shown to ann.
 */
function straightWorld(): Planted {
  const world: Planted = { scheduled: [], input: [], log: [], mails: [], ledger: [] };
  const event = (userId: string, name: string, at: number, appendedAt = at + 5, cart_id = 'cart'): string => {
    const messageId = `${userId}.${world.input.length}`;
    const timestamp = new Date(T + at).toISOString();
    const call = { type: 'track', event: name, userId, messageId, timestamp, properties: { cart_id } };
    world.scheduled.push(messageId);
    world.input.push({ ...call, acknowledged: true });
    append(world, JSON.stringify(call), appendedAt);
    return messageId;
  };
  const row = (
    rule: string,
    customer: string,
    occurrence: string,
    outcome = 'sent',
    reason: string | null = null,
  ): void => {
    world.ledger.push({ rule, customer, occurrence, outcome, reason });
  };
  const mail = (rule: string, customer: string, latest: string): void => {
    world.mails.push({ to: `${customer}@shop.test`, subject: `${rule} ${latest}` });
  };
  for (const customer of ['ann', 'bob', 'cleo', 'dora']) {
    const id = event(customer, 'Signed Up', 0);
    row('welcome', customer, id);
    mail('welcome', customer, id);
  }
  const coupons = [event('ann', 'Coupon Shown', 100), event('ann', 'Coupon Shown', 200)];
  row('nudge', 'ann', coupons[0]!);
  mail('nudge', 'ann', coupons[0]!);
  row('nudge', 'ann', coupons[1]!, 'suppressed', 'frequency_cap');
  const first = event('ann', 'Product Added', 1_000);
  const cleos = event('cleo', 'Product Added', 1_000);
  event('bob', 'Product Added', 1_000);
  const latest = event('ann', 'Product Added', 2_000);
  event('bob', 'Order Completed', 3_195, 3_200);
  event('cleo', 'Order Completed', 3_200, 3_201);
  append(world, null, 5_000, { 'kairos-kind': 'tick' });
  row('cart-reminder', 'ann', first);
  mail('cart-reminder', 'ann', latest);
  row('cart-reminder', 'cleo', cleos, 'suppressed', 'run_stopped');
  event('dora', 'Product Added', 6_000, 66_000);
  event('dora', 'Order Completed', 7_000, 67_000);
  append(world, null, 70_000, { 'kairos-kind': 'tick' });
  for (const [guest, pays] of [
    ['eva', true],
    ['fay', false],
  ] as const)
    guestSignsIn(world, guest, pays);
  append(world, null, 80_000, { 'kairos-kind': 'tick' });
  return world;
}

/** Fills a cart, signs in a second later, and pays at once or is reminded. */
function guestSignsIn(world: Planted, guest: string, pays: boolean): void {
  const anonymousId = `guest-${guest}`;
  const event = (who: object, name: string | null, at: number): string => {
    const messageId = `${guest}.${world.input.length}`;
    const call = { ...who, messageId, timestamp: new Date(T + at).toISOString(), properties: { cart_id: 'cart' } };
    world.scheduled.push(messageId);
    world.input.push({ ...call, ...(name === null ? {} : { event: name }), acknowledged: true });
    append(world, JSON.stringify(name === null ? call : { ...call, event: name }), at + 5);
    return messageId;
  };
  const cart = event({ anonymousId }, 'Product Added', 71_000);
  event({ userId: guest, anonymousId }, null, 72_000);
  if (pays) event({ userId: guest }, 'Order Completed', 72_500);
  else {
    world.ledger.push({ rule: 'cart-reminder', customer: guest, occurrence: cart, outcome: 'sent', reason: null });
    world.mails.push({ to: `${guest}@shop.test`, subject: `cart-reminder ${cart}` });
  }
}

function append(world: Planted, value: string | null, at: number, headers: LogRecord['headers'] = {}): void {
  world.log.push({ partition: 0, offset: world.log.length, appendTime: T + at, value, headers });
}

function judge(change: (world: Planted) => void): string[] {
  const world = straightWorld();
  change(world);
  return check({ ...world, partitions: 1, rules: RULES, domain: '@shop.test', unknownBound: 1 }).violations;
}

const rowOf = (world: Planted, rule: string, customer: string): Row =>
  world.ledger.find((row) => row.rule === rule && row.customer === customer)!;
const without = <T>(list: T[], matches: (item: T) => boolean): T => list.splice(list.findIndex(matches), 1)[0]!;

describe('the checker', () => {
  it('has nothing to say of a world in which all is well', () => {
    expect(judge(() => undefined)).toEqual([]);
  });

  it('allows for what a kill leaves behind', () => {
    expect(judge((world) => void (rowOf(world, 'welcome', 'bob').outcome = 'unknown'))).toEqual([]);
    const lost = (world: Planted): void => {
      rowOf(world, 'welcome', 'bob').outcome = 'unknown';
      without(world.mails, ({ to }) => to.startsWith('bob'));
    };
    expect(judge(lost)).toEqual([]);
    // It had left before the order.
    const sent = (world: Planted): void => {
      Object.assign(rowOf(world, 'cart-reminder', 'cleo'), { outcome: 'sent', reason: null });
      world.mails.push({
        to: 'cleo@shop.test',
        subject: `cart-reminder ${rowOf(world, 'cart-reminder', 'cleo').occurrence}`,
      });
    };
    expect(judge(sent)).toEqual([]);
  });

  it('hears of a guest who was reminded though she had signed in and paid, and of one who was not reminded', () => {
    const cartOf = (world: Planted, guest: string): string =>
      world.input.find(({ anonymousId }) => anonymousId === `guest-${guest}`)!.messageId;
    const reminded = (world: Planted): void => {
      const occurrence = cartOf(world, 'eva');
      world.ledger.push({ rule: 'cart-reminder', customer: 'guest-eva', occurrence, outcome: 'sent', reason: null });
      world.mails.push({ to: 'eva@shop.test', subject: `cart-reminder ${occurrence}` });
    };
    expect(judge(reminded)).toEqual([
      expect.stringMatching(/^cart-reminder of eva for .* was planned and had no reason to be$/),
      expect.stringMatching(/^a mail arrived that had no reason to be sent: cart-reminder .* to eva@shop.test$/),
      expect.stringContaining('planned, but the outcomes sum up to'),
    ]);
    const forgotten = (world: Planted): void => void without(world.ledger, ({ customer }) => customer === 'fay');
    expect(judge(forgotten)[0]).toMatch(/^cart-reminder of fay for .* was never planned$/);
  });

  it('knows that a client sends again what was not answered', () => {
    const again = (world: Planted): void => {
      const order = world.log.find(({ value }) => value?.includes('"ann"') && value.includes('Product Added'))!;
      append(world, order.value, 71_000);
      append(world, null, 90_000, { 'kairos-kind': 'tick' });
    };
    expect(judge(again)).toEqual([]);
  });

  const planted: readonly (readonly [what: string, change: (world: Planted) => void, said: RegExp])[] = [
    [
      'a lost mail',
      (world) => void without(world.mails, ({ to }) => to.startsWith('bob')),
      /^0 mails arrived for welcome of bob/,
    ],
    ['a doubled mail', (world) => void world.mails.push({ ...world.mails[0]! }), /^2 mails arrived for welcome of ann/],
    [
      'a doubled mail behind an unknown outcome',
      (world) => {
        rowOf(world, 'welcome', 'ann').outcome = 'unknown';
        world.mails.push({ ...world.mails[0]! });
      },
      /^2 mails arrived/,
    ],
    [
      'a mail that nobody asked for',
      (world) => void world.mails.push({ to: 'eve@shop.test', subject: 'welcome eve.1' }),
      /no reason to be sent: welcome eve\.1/,
    ],
    [
      'a mail to somebody else',
      (world) => void (world.mails[0]!.to = 'bob@shop.test'),
      /no reason to be sent: welcome ann\.0 to bob/,
    ],
    [
      'a mail about the cart as it was before',
      (world) => {
        world.mails.find(({ subject }) => subject.startsWith('cart-reminder'))!.subject =
          `cart-reminder ${rowOf(world, 'cart-reminder', 'ann').occurrence}`;
      },
      /no reason to be sent: cart-reminder ann/,
    ],
    [
      'a mail of what was suppressed',
      (world) =>
        void world.mails.push({
          to: 'cleo@shop.test',
          subject: `cart-reminder ${rowOf(world, 'cart-reminder', 'cleo').occurrence}`,
        }),
      /^1 mails arrived for cart-reminder of cleo/,
    ],
    [
      'an order that was overlooked',
      (world) => {
        const cart = world.input.find(({ userId, event }) => userId === 'bob' && event === 'Product Added')!;
        world.ledger.push({
          rule: 'cart-reminder',
          customer: 'bob',
          occurrence: cart.messageId,
          outcome: 'sent',
          reason: null,
        });
        world.mails.push({ to: 'bob@shop.test', subject: `cart-reminder ${cart.messageId}` });
      },
      /^cart-reminder of bob .* was planned and had no reason to be/,
    ],
    [
      'an order that was overlooked because its cart came late',
      (world) => {
        const cart = world.input.find(({ userId, event }) => userId === 'dora' && event === 'Product Added')!;
        world.ledger.push({
          rule: 'cart-reminder',
          customer: 'dora',
          occurrence: cart.messageId,
          outcome: 'suppressed',
          reason: 'run_stopped',
        });
      },
      /^cart-reminder of dora .* had no reason to be/,
    ],
    [
      'a timer that never fired',
      (world) => {
        without(world.ledger, ({ rule, customer }) => rule === 'cart-reminder' && customer === 'ann');
        without(world.mails, ({ subject }) => subject.startsWith('cart-reminder'));
      },
      /^cart-reminder of ann .* was never planned/,
    ],
    [
      'a wait that was not restarted',
      (world) => {
        const latest = without(
          world.log,
          ({ value }) => value?.includes('"ann"') === true && value.includes('09:00:02'),
        );
        world.log.push({ ...latest, offset: 100, appendTime: T + 71_000 });
      },
      /^1 mails|no reason to be sent/,
    ],
    [
      'a message planned twice',
      (world) => void world.ledger.push({ ...world.ledger[0]! }),
      /^welcome of ann .* was planned twice/,
    ],
    [
      'a withdrawal without an order',
      (world) => {
        Object.assign(rowOf(world, 'cart-reminder', 'ann'), { outcome: 'suppressed', reason: 'run_stopped' });
        without(world.mails, ({ subject }) => subject.startsWith('cart-reminder'));
      },
      /^cart-reminder of ann .* was suppressed as run_stopped without a cause/,
    ],
    [
      'a suppression for no reason',
      (world) => {
        Object.assign(rowOf(world, 'welcome', 'bob'), { outcome: 'suppressed', reason: 'no_address' });
        without(world.mails, ({ to }) => to.startsWith('bob'));
      },
      /suppressed as no_address without a cause/,
    ],
    [
      'a message that failed',
      (world) => {
        Object.assign(rowOf(world, 'welcome', 'bob'), { outcome: 'failed', reason: 'provider_rejected' });
        without(world.mails, ({ to }) => to.startsWith('bob'));
      },
      /ended as failed/,
    ],
    [
      'a message that is still under way',
      (world) => {
        Object.assign(rowOf(world, 'welcome', 'bob'), { outcome: 'sending' });
        without(world.mails, ({ to }) => to.startsWith('bob'));
      },
      /ended as sending/,
    ],
    [
      'a cap that was exceeded',
      (world) => {
        const second = world.ledger.filter(({ rule }) => rule === 'nudge')[1]!;
        Object.assign(second, { outcome: 'sent', reason: null });
        world.mails.push({ to: 'ann@shop.test', subject: `nudge ${second.occurrence}` });
      },
      /^2 nudges left for ann/,
    ],
    [
      'a slot that was never released',
      (world) => {
        Object.assign(rowOf(world, 'nudge', 'ann'), { outcome: 'suppressed', reason: 'frequency_cap' });
        without(world.mails, ({ subject }) => subject.startsWith('nudge'));
      },
      /^0 nudges left for ann/,
    ],
    [
      'more unknown outcomes than connections were cut',
      (world) => {
        rowOf(world, 'welcome', 'bob').outcome = rowOf(world, 'welcome', 'ann').outcome = 'unknown';
      },
      /^2 outcomes are unknown, 1 can be explained/,
    ],
    [
      'an acknowledged event that is not in the log',
      (world) => void without(world.log, ({ value }) => value?.includes('Coupon Shown') === true),
      /was acknowledged and is not in the log/,
    ],
    [
      'an event in the log that nobody sent',
      (world) => void without(world.input, ({ event }) => event === 'Coupon Shown'),
      /which nobody sent/,
    ],
    [
      'events that overtook each other on their way',
      (world) => void world.scheduled.splice(4, 2, 'ann.5', 'ann.4'),
      /^the log holds ann\.4 before ann\.5, which came first/,
    ],
    [
      'an event that the sender forgot',
      (world) => void world.scheduled.push('ann.99'),
      /^ann\.99 was to be sent and never was/,
    ],
    [
      'an event that was changed on its way',
      (world) => void (world.input[0]!.timestamp = new Date(T + 1).toISOString()),
      /otherwise than it was sent/,
    ],
  ];
  it.each(planted)('finds %s', (_what, change, said) => {
    expect(judge(change)).toContainEqual(expect.stringMatching(said));
  });
});
