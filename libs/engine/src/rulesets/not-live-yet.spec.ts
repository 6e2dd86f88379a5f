import { readWorkspace } from '#core';
import { notLiveYet } from './not-live-yet.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const files = {
  'kairos.yaml':
    'time zone: Europe/Berlin\nlocale: en\nchannels: [email]\ncategories: { promotional: { consent: opt-out } }\n',
  'segments.yaml':
    'computed:\n  customer.wishlist: { list: event.product_id, of: Product Added to Wishlist, keep: [event.price] }\n',
  'events.yaml': 'items: { Product Updated: product_id }\n',
  'rules/price-drop.yaml':
    'rule: price-drop\ncategory: promotional\nstart: { item event: Product Updated, in: customer.wishlist }\nsteps: [{ send: hello }]\n',
  'rules/nested.yaml':
    'rule: nested\ncategory: promotional\nstart: { event: A }\nsteps:\n  - if: { customer.a: 1 }\n    then:\n      - send: { template: hello, fallback: { after: 1 hour, unless: opened } }\n',
  'rules/plain.yaml': 'rule: plain\ncategory: promotional\nstart: { event: A }\nsteps: [{ send: hello }]\n',
  'templates/hello/email.hbs': 'hello',
  'templates/hello/subject.hbs': 'hello',
};

it('names the rules of which a part does nothing live, and no others', () => {
  const { workspace, diagnostics } = readWorkspace(
    Object.entries(files).map(([path, text]) => ({ path, bytes: bytes(text) })),
  );
  if (workspace === null) throw new Error(JSON.stringify(diagnostics));
  expect(notLiveYet(workspace)).toEqual([
    'rule nested: `fallback` is not followed live yet, only in tests and simulation',
  ]);
});
