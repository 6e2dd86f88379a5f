import { encodeState } from '../../customer/state-codec.js';
import { compileRuleset } from '../compile-ruleset.js';
import { Trial, workspaceOf } from '../testing/trial.js';
import { storageOf, type KeptThing, type StorageReport } from './storage-of-ruleset.js';

const EVENTS = `events:
  Order Completed: { order_id: text, total: number }
  Product Added: { product_id: text }
  Order Cancelled: { order_id: text }
`;
const RULE = `rule: thanks
category: promotional
start: { event: Order Completed, key: event.order_id }
who: { segment: vip, has done: { event: Order Completed, at least: 3, within: 30 days } }
stop: { event: Order Cancelled, where: { event.order_id: start.order_id } }
again: after 3 days per customer
steps:
  - wait: 1 hour
  - send: thanks
  - pause: { category: promotional, up to: 14 days }
`;
const SEGMENTS = `segments:
  vip: { customer.spent: { at least: 1 } }
computed:
  customer.spent: { sum: event.total, of: Order Completed, within: 365 days }
  customer.orders: { count: Order Completed }
  customer.cart: { list: event.product_id, of: Product Added, at most: 20 }
`;

function report(...texts: string[]): StorageReport {
  const workspace = workspaceOf(texts);
  return storageOf(compileRuleset(workspace, 1, {}), workspace);
}

function only({ kept }: StorageReport, kind: KeptThing['kind']): readonly KeptThing[] {
  return kept.filter((thing) => thing.kind === kind);
}

/** How many bytes a customer really has after so many orders, an hour apart, beside who she is and what was seen. */
function measured(texts: readonly string[], orders: number): number {
  const shop = new Trial(texts);
  const before = encodeState(shop.state).length;
  for (let number = 0; number < orders; number++)
    shop.apply({ at: `+${number}h`, event: 'Order Completed', order_id: 'o1', total: 1_000.5 + number });
  return encodeState(shop.state).length - before - 10 * shop.state.seen.size;
}

describe('what is kept of each customer', () => {
  const all = report(RULE, SEGMENTS, EVENTS);

  it('names what asks for it, whether a rule, a segment or a computed attribute', () => {
    expect(only(all, 'attribute').map(({ what, for: owners }) => [what, owners])).toEqual([
      ['list of Product Added', ['customer.cart']],
      ['sum of Order Completed', ['customer.spent', 'rule thanks']],
    ]);
    expect(only(all, 'count').map(({ what, for: owners }) => [what, owners])).toEqual([
      ['how many Order Completed, the times of the newest 3', ['customer.orders', 'rule thanks']],
    ]);
    expect(only(all, 'run')).toMatchObject([{ for: ['rule thanks'], each: 'event.order_id' }]);
  });

  it('says how long', () => {
    expect(only(all, 'attribute').map(({ until }) => until)).toEqual([
      'until it is taken out, or newer ones push it out',
      'counts for 365 days; goes with the next such event when it is 373 days old',
    ]);
    expect(only(all, 'again')).toMatchObject([{ until: '4 days', each: null }]);
    expect(only(all, 'run')[0]!.until).toMatch(/^until its last step, and up to \d+ days/);
    expect(only(all, 'pause')).toMatchObject([{ until: 'until it ends' }]);
  });

  it('has as many bytes as the engine writes after the first event, and when it is full', () => {
    const sum = 'computed:\n  customer.spent: { sum: event.total, of: Order Completed, within: 6 hours }\n';
    const [attribute] = only(report(sum, EVENTS), 'attribute');
    expect(Math.abs(measured([sum, EVENTS], 1) - attribute!.first)).toBeLessThan(10);
    const full = measured([sum, EVENTS], 500);
    expect(full).toBeLessThanOrEqual(attribute!.full + 10);
    expect(full).toBeGreaterThan(attribute!.full * 0.8);
  });

  it('grows with what the rule asks for', () => {
    const counted = (least: number): KeptThing =>
      only(report(RULE.replace('at least: 3', `at least: ${least}`), SEGMENTS), 'count')[0]!;
    expect(counted(100).full).toBeGreaterThan(counted(3).full + 97);
    expect(counted(100).first).toBe(counted(3).first);
  });

  it('adds up to what one customer has with one of each', () => {
    const sum = all.kept.reduce((total, { first }) => total + first, 0);
    expect(all.total.first).toBe(sum);
    expect(all.total.full).toBeGreaterThan(sum);
  });
});
