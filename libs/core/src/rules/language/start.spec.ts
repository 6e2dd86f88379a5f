import { ORDER_GAP, readRuleWith } from '../fixtures/read-rule-with.js';
import { workspaceWith } from '../fixtures/valid-workspace.js';
import type { Start } from '../model.js';
import { readWorkspace } from '../read-workspace.js';

const start = (written: string): Start | undefined =>
  readRuleWith({ start: `start: ${written}` }, ORDER_GAP).rule.starts[0];
const birthday = { root: 'customer', names: ['birthday'], text: 'customer.birthday' };
const DAY = 86_400_000;

describe('a start', () => {
  it.each(['sent', 'delivered', 'opened', 'clicked', 'replied', 'failed'])('may be a message that was %s', (kind) => {
    const steps = 'steps: [{ send: mail-only }, { wait: 1 day }]';
    const rule = kind === 'sent' ? 'mail-only' : 'reminder';
    const other = `rule: other\ncategory: care\nstart: { event: A }\n${steps.replace('mail-only', rule)}`;
    const { workspace, diagnostics } = readWorkspace(
      workspaceWith({
        'rules/cart.yaml': `rule: cart\ncategory: care\nstart: { ${kind}: ${rule} }\nsteps: [{ wait: 1 day }]`,
        'rules/other.yaml': other,
      }),
    );
    expect(diagnostics).toEqual([]);
    expect(workspace?.rules[0]?.starts).toEqual([{ kind, template: rule }]);
  });

  it('may be a segment that is entered or left', () => {
    const { workspace } = readWorkspace(
      workspaceWith({
        'segments.yaml': 'segments: { vip: { customer.spent: { at least: 1000 } } }',
        'rules/cart.yaml':
          'rule: cart\ncategory: care\nstart: [{ enters: vip }, { leaves: vip }]\nsteps: [{ send: reminder }]',
      }),
    );
    expect(workspace?.rules[0]?.starts).toEqual([
      { kind: 'enters', segment: 'vip' },
      { kind: 'leaves', segment: 'vip' },
    ]);
  });

  it('may be a silence as long as the customer takes', () => {
    expect(start('{ inactive: 1.5 x customer.order_gap or 30 days, since: Order Completed }')).toMatchObject({
      kind: 'inactive',
      duration: { kind: 'of customer', factor: 1.5, orMs: 30 * DAY },
    });
  });

  it('may be a date of the customer or of the calendar', () => {
    expect(start('{ date: 7 days before customer.birthday, every: year, at: "10:00" }')).toEqual({
      kind: 'date',
      moment: { kind: 'beside', side: 'before', duration: { kind: 'fixed', ms: 7 * DAY, days: 7 }, path: birthday },
      at: 600,
      every: 'year',
    });
    expect(start('{ date: customer.birthday }')).toEqual({
      kind: 'date',
      moment: { kind: 'path', path: birthday },
      at: null,
      every: null,
    });
    expect(start('{ date: 2026-11-26, at: "08:00" }')).toMatchObject({ moment: { kind: 'day', day: 20_783 }, at: 480 });
    expect(start('{ date: 2026-11-26T08:00:00Z }')).toMatchObject({
      moment: { kind: 'instant', time: Date.UTC(2026, 10, 26, 8) },
    });
  });

  it.each([
    ['day', 'day'],
    ['month', 'month'],
    ['monday', ['monday']],
    ['[monday, thursday]', ['monday', 'thursday']],
    ['weekday', ['monday', 'tuesday', 'wednesday', 'thursday', 'friday']],
  ])('may come again: every %s', (written, days) => {
    expect(start(`{ every: ${written}, at: "09:00" }`)).toEqual({ kind: 'every', days, at: 540 });
  });

  it('may be an event about a thing that stands in a list', () => {
    const read = readWorkspace(
      workspaceWith({
        'segments.yaml': 'computed: { customer.wishlist: { list: event.id, of: Wished, keep: [event.price] } }',
        'rules/cart.yaml':
          'rule: cart\ncategory: care\nstart: { item event: [Updated, Gone], in: customer.wishlist, where: { event.price: { dropped by: 10%, rose by: event.least }, item.price: { at least: 5 } } }\nsteps: [{ send: reminder }]',
      }),
    ).workspace?.rules[0]?.starts[0];
    expect(read).toMatchObject({
      kind: 'item event',
      events: ['Updated', 'Gone'],
      list: { names: ['wishlist'] },
      where: {
        kind: 'all',
        conditions: [
          { comparison: { operator: 'dropped by', least: { kind: 'share', share: 0.1 } } },
          { comparison: { operator: 'rose by', least: { kind: 'path' } } },
          { path: { root: 'item' } },
        ],
      },
    });
  });
});
