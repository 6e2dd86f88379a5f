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
