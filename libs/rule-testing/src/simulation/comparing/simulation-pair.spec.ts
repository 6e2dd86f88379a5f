import type { Workspace } from '#core';
import { workspaceOf } from '../../fixtures/workspace-of.js';
import type { Comparison } from './comparison.js';
import { SimulationPair } from './simulation-pair.js';

const HOUR = 3_600_000;
const BEGIN = Date.parse('2026-03-02T09:00:00Z');

const remind = (wait: string, more = '') =>
  `category: promotional\nstart: { event: Product Added${more} }\ngoal: { event: Order Completed }\nsteps:\n  - wait: ${wait}\n  - send: remind\n`;
const thanks = 'category: care\nstart: { event: Order Completed }\nsteps: [{ send: thanks }]\n';

const shop = (rules: { readonly [name: string]: string }) => workspaceOf(rules, ['remind', 'thanks']);

const event = (userId: string, name: string, hours: number, properties: object = {}) => ({
  type: 'track',
  event: name,
  userId,
  timestamp: new Date(BEGIN + hours * HOUR).toISOString(),
  messageId: `${userId}-${name}-${hours}`,
  properties,
});

function compare(workspace: Workspace, other: Workspace, lines: readonly object[], glance = false): Comparison {
  const pair = new SimulationPair({
    workspaces: { workspace, other },
    assumeConsent: true,
    from: null,
    to: null,
    onDecision: () => undefined,
  });
  lines.forEach((line, index) => {
    const bytes = new TextEncoder().encode(JSON.stringify(line));
    if (!glance || !pair.passBy(bytes, 0, bytes.length)) pair.line(line, `line ${index + 1}`);
  });
  pair.finish();
  return pair.comparison();
}

const brief = ({ differences }: Comparison) =>
  differences.map(({ customer, change, rule, why }) => `${customer} ${change} ${rule}: ${why}`);

describe('a comparison of two workspaces', () => {
  const end = event('zoe', 'Something Else', 100);

  it('of the same rules finds nothing', () => {
    const lines = [event('ann', 'Product Added', 0), event('bob', 'Product Added', 1), end];
    const same = () => shop({ cart: remind('1 hour') });
    const comparison = compare(same(), same(), lines);
    expect(comparison).toEqual({
      customers: 0,
      rules: [{ rule: 'cart', same: 2, moved: 0, onlyWorkspace: 0, onlyOther: 0, customers: 0 }],
      differences: [],
    });
  });

  it('says by how much a message moves', () => {
    const comparison = compare(shop({ cart: remind('3 hours') }), shop({ cart: remind('1 hour') }), [
      event('ann', 'Product Added', 0),
      end,
    ]);
    expect(brief(comparison)).toEqual(['ann moved cart: 2 hours later than there']);
    expect(comparison.differences[0]).toMatchObject({
      workspace: { outcome: 'sent', at: '2026-03-02T12:00:00.000Z', step: '2', channel: 'email' },
      other: { outcome: 'sent', at: '2026-03-02T10:00:00.000Z' },
    });
  });

  it('says why one side sends nothing: a condition, a goal that came first, no such rule, a wait that goes on', () => {
    const lines = [
      event('ann', 'Product Added', 0, { price: 10 }),
      event('bob', 'Product Added', 0, { price: 50 }),
      event('bob', 'Order Completed', 2),
      event('cleo', 'Product Added', 99, { price: 50 }),
      event('cleo', 'Something Else', 100.5),
    ];
    const comparison = compare(
      shop({ cart: remind('3 hours', ', where: { event.price: { at least: 20 } }') }),
      shop({ cart: remind('1 hour'), thanks }),
      lines,
    );
    expect(brief(comparison)).toEqual([
      'ann only_other cart: here, Product Added started nothing: where_false, event.price is 10, not at least 20, at 2026-03-02T09:00:00.000Z',
      'bob only_other cart: here, the run ended: goal_reached by Order Completed, at 2026-03-02T11:00:00.000Z',
      'bob only_other thanks: there is no such rule here',
      'cleo only_other cart: here, its run had not come to send it',
    ]);
    expect(comparison.customers).toBe(3);
    expect(comparison.rules).toEqual([
      { rule: 'cart', same: 0, moved: 0, onlyWorkspace: 0, onlyOther: 3, customers: 3 },
      { rule: 'thanks', same: 0, moved: 0, onlyWorkspace: 0, onlyOther: 1, customers: 1 },
    ]);
  });

  it('names the check that refused a message on one side', () => {
    const quiet = (capped: boolean) => {
      const { settings, ...rest } = shop({ cart: remind('1 hour'), thanks });
      const cap = {
        atMost: 1,
        window: { kind: 'rolling', durationMs: 24 * HOUR },
        category: null,
        channel: null,
      } as const;
      return { settings: { ...settings, caps: capped ? [{ ...cap, label: '1 per day' }] : [] }, ...rest };
    };
    const lines = [event('ann', 'Order Completed', 0), event('ann', 'Product Added', 1), end];
    const comparison = compare(quiet(true), quiet(false), lines);
    expect(brief(comparison)).toEqual([
      'ann only_other cart: suppressed here as frequency_cap: the customer has had as many messages as the caps allow',
    ]);
    expect(comparison.differences[0]?.workspace).toMatchObject({ outcome: 'suppressed', reason: 'frequency_cap' });
  });

  it('takes a step that was only moved in its list for the same message', () => {
    const later = remind('1 hour').replace('  - send', '  - set: { customer.reminded: true }\n  - send');
    const comparison = compare(shop({ cart: remind('1 hour') }), shop({ cart: later }), [
      event('ann', 'Product Added', 0),
      end,
    ]);
    expect(comparison.differences).toEqual([]);
  });

  it('finds the same whether lines are parsed or only glanced at, and whatever concerns only one side', () => {
    const lines = [
      event('ann', 'Product Added', 0),
      event('bob', 'Order Completed', 1),
      event('ann', 'Product Viewed', 2),
      event('dora', 'Product Viewed', 3),
      end,
    ];
    const [one, two] = [shop({ cart: remind('1 hour') }), shop({ thanks })];
    const glanced = compare(one, two, lines, true);
    expect(glanced).toEqual(compare(one, two, lines));
    expect(brief(glanced)).toEqual([
      'ann only_workspace cart: there is no such rule there',
      'bob only_other thanks: there is no such rule here',
    ]);
  });

  it('turned round says the same with the sides exchanged', () => {
    const lines = ['ann', 'bob', 'cleo'].flatMap((id, index) => [
      event(id, 'Product Added', index, { price: 10 * index }),
      event(id, 'Order Completed', index + 2),
    ]);
    const [one, two] = [shop({ cart: remind('1 hour') }), shop({ cart: remind('90 minutes'), thanks })];
    const sides = { only_workspace: 'only_other', only_other: 'only_workspace', moved: 'moved' };
    const there = compare(one, two, lines).differences.map(({ customer, change, rule, workspace, other }) => ({
      customer,
      change,
      rule,
      workspace,
      other,
    }));
    const back = compare(two, one, lines).differences.map(({ customer, change, rule, workspace, other }) => ({
      customer,
      change: sides[change],
      rule,
      workspace: other,
      other: workspace,
    }));
    expect(there).toEqual(back);
    expect(there.length).toBeGreaterThan(0);
  });
});
