import { messagesPerCustomer } from './messages-per-customer.js';

describe('messages per customer', () => {
  it('say what the customer in the middle was sent, or the two in the middle', () => {
    expect(messagesPerCustomer([1, 9, 3])?.median).toBe(3);
    expect(messagesPerCustomer([1, 9, 3, 4])?.median).toBe(3.5);
    expect(messagesPerCustomer([7])).toMatchObject({ median: 7, p99: 7, most: 7 });
  });

  it('name the number that one customer in a hundred exceeds', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
    expect(messagesPerCustomer(hundred)).toMatchObject({ p99: 99, most: 100 });
    expect(messagesPerCustomer([...hundred, 101])).toMatchObject({ p99: 100, most: 101 });
  });

  it('count the customers for each number, fewest messages first', () => {
    expect(messagesPerCustomer([10, 2, 2, 1])?.distribution).toEqual([
      { messages: 1, customers: 1 },
      { messages: 2, customers: 2 },
      { messages: 10, customers: 1 },
    ]);
  });

  it('are nothing where nobody was reached', () => {
    expect(messagesPerCustomer([])).toBeNull();
  });
});
