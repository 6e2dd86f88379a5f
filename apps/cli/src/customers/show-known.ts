import type { KnownOfCustomer } from '#core';
import { section } from '../terminal/section.js';
import type { Output } from '../terminal/terminal.js';

/** The segments that a customer is in or not, each with why, and her traits and computed attributes. */
export function showKnown(out: Output, { segments, values }: KnownOfCustomer): void {
  section(
    out,
    'Segments',
    segments.map(({ name, inside, why }) => `${name}: ${inside ? 'in' : 'not in'}, ${why}`),
  );
  section(
    out,
    'What is known',
    Object.entries(values).map(([name, value]) => `customer.${name}: ${JSON.stringify(value)}`),
  );
}
