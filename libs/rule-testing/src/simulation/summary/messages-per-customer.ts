import type { MessagesPerCustomer } from './summary.js';

/** @param counts messages of each customer that was sent any */
export function messagesPerCustomer(counts: Iterable<number>): MessagesPerCustomer | null {
  const customers = new Map<number, number>();
  let all = 0;
  for (const count of counts) {
    customers.set(count, (customers.get(count) ?? 0) + 1);
    all++;
  }
  if (all === 0) return null;
  const distribution = [...customers]
    .map(([messages, count]) => ({ messages, customers: count }))
    .sort((a, b) => a.messages - b.messages);
  const ranked = (rank: number): number => {
    let passed = 0;
    for (const { messages, customers: count } of distribution) if ((passed += count) >= rank) return messages;
    return distribution.at(-1)!.messages;
  };
  return {
    median: (ranked(Math.ceil(all / 2)) + ranked(Math.floor(all / 2) + 1)) / 2,
    // In whole numbers: 0.99 × 100 is a little more than 99.
    p99: ranked(Math.ceil((all * 99) / 100)),
    most: distribution.at(-1)!.messages,
    distribution,
  };
}
