import { RULE, workspaceWith } from '../fixtures/valid-workspace.js';
import { readWorkspace } from '../read-workspace.js';

const PLAN = `events:
  Product Added: { price: number, cart_id: text, tags: list, extra: map }
  Cart Cleared: { cart_id: text }
  Something Else:
items: { Product Updated: product_id }
trusted: [Cart Cleared]
violations: refuse
`;

const codes = (plan: string, files: { readonly [path: string]: string } = {}) =>
  readWorkspace(workspaceWith({ 'events.yaml': plan, ...files })).diagnostics.map((d) => d.code);

describe('events.yaml', () => {
  it('is optional, and says what the shop sends', () => {
    expect(readWorkspace(workspaceWith()).workspace?.events).toBeNull();
    expect(readWorkspace(workspaceWith({ 'events.yaml': PLAN })).workspace?.events).toEqual({
      events: {
        'Product Added': { price: 'number', cart_id: 'text', tags: 'list', extra: 'map' },
        'Cart Cleared': { cart_id: 'text' },
        'Something Else': {},
      },
      items: { 'Product Updated': 'product_id' },
      trusted: ['Cart Cleared'],
      violations: 'refuse',
    });
    expect(
      readWorkspace(workspaceWith({ 'events.yaml': 'events: { Product Added: {}, Cart Cleared: {} }' })).workspace
        ?.events,
    ).toMatchObject({ items: {}, trusted: [], violations: 'count' });
  });

  it('allows what is listed, what rules emit, what Kairos tells of messages, and any property of an event without', () => {
    const rule = RULE.replace(
      'stop:\n  event: Cart Cleared',
      'stop:\n  event: [Cart Cleared, Something Else, My Own]',
    ).replace('- stop', '- emit: { event: My Own }');
    const who =
      'who: { has done: { event: Message Clicked, where: { event.template: reminder, event.timestamp: { after: 2026-01-01 } } } }';
    expect(codes(PLAN, { 'rules/cart.yaml': rule.replace(/^who: .*/m, who) })).toEqual([]);
  });

  it('asks only that one of several events has a property', () => {
    const where = 'stop:\n  event: [Cart Cleared, Product Added]\n  where: { event.price: 1, event.extra.deep: 2 }';
    expect(codes(PLAN, { 'rules/cart.yaml': RULE.replace(/^stop:\n.*\n.*/m, where) })).toEqual([]);
  });
});
