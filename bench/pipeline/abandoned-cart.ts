/** One rule for R2 and R4: a wait of an hour that every further cart event begins anew, and that an order ends. */
export const ABANDONED_CART = `
category: promotional
start: { event: Product Added }
while running: restart wait
stop: { event: Order Completed }
steps:
  - wait: 1 hour
  - send: hello
`;

/**
 * That rule among 499 others of a shop: 250 of them look at each cart or order and find that it is none of theirs, 249 wait
 * for fifty events that this traffic does not have. So what is decided stays the same.
 */
export function amongMany(): { readonly [name: string]: string } {
  const rules: Record<string, string> = { 'abandoned-cart': ABANDONED_CART };
  for (let n = 0; n < 499; n++) rules[`other-${n}`] = n < 250 ? expensive(n) : rare(n);
  return rules;
}

const expensive = (n: number): string => `
category: promotional
start:
  event: ${n % 2 === 0 ? 'Product Added' : 'Order Completed'}
  where: { event.price: { at least: ${10_000 + n} } }
steps:
  - wait: 1 hour
  - send: hello
`;

const rare = (n: number): string => `
category: care
start: { event: Event ${n % 50}, key: event.order_id }
stop: { event: Other ${n % 50} }
steps:
  - wait: 1 day
  - send: hello
`;
