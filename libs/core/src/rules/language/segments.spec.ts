import { workspaceWith } from '../fixtures/valid-workspace.js';
import { readWorkspace } from '../read-workspace.js';

const DAY = 86_400_000;
const read = (text: string) => {
  const { workspace, diagnostics } = readWorkspace(workspaceWith({ 'segments.yaml': text }));
  expect(diagnostics).toEqual([]);
  return workspace;
};
const property = (name: string) => ({ root: 'event', names: [name], text: `event.${name}` });

describe('segments.yaml', () => {
  it('has nothing that must be there', () => {
    expect(read('segments: {}')).toMatchObject({ segments: {}, computed: {} });
  });

  it('names audiences, in the order of their names', () => {
    const workspace = read(
      'segments:\n  vip: { customer.spent: { at least: 1000 } }\n  gone: { not: { segment: vip } }',
    );
    expect(Object.keys(workspace?.segments ?? {})).toEqual(['gone', 'vip']);
    expect(workspace?.segments['gone']).toEqual({ kind: 'not', condition: { kind: 'segment', segments: ['vip'] } });
  });

  it.each(['count', 'first time', 'last time', 'average gap'] as const)('computes %s of events', (kind) => {
    const computed = read(
      `computed: { customer.x: { ${kind}: [A, B], where: { event.a: 1 }, within: 30 days } }`,
    )?.computed;
    expect(computed).toEqual({
      x: {
        name: 'x',
        kind,
        events: ['A', 'B'],
        where: expect.objectContaining({ kind: 'compare' }),
        withinMs: 30 * DAY,
      },
    });
  });

  it.each(['sum', 'average', 'min', 'max', 'first', 'last'] as const)('computes %s of a property', (kind) => {
    expect(read(`computed: { customer.x: { ${kind}: event.total, of: A } }`)?.computed).toEqual({
      x: { name: 'x', kind, events: ['A'], property: property('total'), where: null, withinMs: null },
    });
  });

  it('computes lists', () => {
    const text = `computed:
  customer.cart:
    list: event.product_id
    of: Product Added
    until: [Product Removed, Order Completed]
    keep: [event.name, event.price]
    at most: 20
    within: 30 days
  customer.seen: { list: event.id, of: [Viewed, Shared] }`;
    expect(read(text)?.computed).toEqual({
      cart: {
        name: 'cart',
        kind: 'list',
        events: ['Product Added'],
        property: property('product_id'),
        until: ['Product Removed', 'Order Completed'],
        keep: [property('name'), property('price')],
        atMost: 20,
        where: null,
        withinMs: 30 * DAY,
      },
      seen: {
        name: 'seen',
        kind: 'list',
        events: ['Viewed', 'Shared'],
        property: property('id'),
        until: [],
        keep: [],
        atMost: 50,
        where: null,
        withinMs: null,
      },
    });
  });

  it('says nothing of what depends on a thing twice without a circle', () => {
    read(
      'segments: { a: { customer.n: 1 }, b: { segment: a }, c: { all: [{ segment: a }, { segment: b }] } }\ncomputed: { customer.n: { count: A } }',
    );
  });

  it('blames no rule for a file that cannot be read', () => {
    const { diagnostics } = readWorkspace(
      workspaceWith({
        'segments.yaml': 'segments: [',
        'rules/cart.yaml':
          'rule: cart\ncategory: care\nstart: { enters: vip }\nsteps: [{ wait: customer.gap }, { send: reminder }]',
      }),
    );
    expect(diagnostics.map((d) => `${d.file} ${d.code}`)).toEqual(['segments.yaml yaml/unclosed']);
  });
});
