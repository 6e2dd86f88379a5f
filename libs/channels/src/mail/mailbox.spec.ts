import { parseAddress, parseMailbox } from './mailbox.js';

describe('parseAddress', () => {
  it.each([
    ['ann@example.test', 'ann@example.test'],
    ['Ann.Lee+shop@EXAMPLE.test', 'Ann.Lee+shop@example.test'],
    ['ann@bücher.test', 'ann@xn--bcher-kva.test'],
    ['жанна@example.test', 'жанна@example.test'],
  ])('%s is %s', (text, address) => expect(parseAddress(text)).toBe(address));

  it.each([
    '',
    'ann',
    '@example.test',
    'ann@',
    'a@b@c',
    'a b@x.test',
    'a@x.test ',
    'a@x.test\r\nBcc: b@y.test',
    'a@x.test\u0000',
    'a@x.test\u0085',
    'a,b@x.test',
    '"a"@x.test',
    '<a@x.test>',
    `${'a'.repeat(250)}@x.test`,
  ])('%j is none', (text) => expect(parseAddress(text)).toBeNull());
});

describe('parseMailbox', () => {
  it.each([
    ['The Shop <hello@shop.test>', 'The Shop'],
    ['"Shop, \\"The\\"" <hello@shop.test>', 'Shop, "The"'],
    ['Möbel & Mehr <hello@shop.test>', 'Möbel & Mehr'],
    ['<hello@shop.test>', ''],
    ['hello@shop.test', ''],
  ])('%s is called "%s"', (text, name) => expect(parseMailbox(text)).toEqual({ name, address: 'hello@shop.test' }));

  it.each([
    'The Shop',
    'Shop <hello>',
    'A <a@x.test>, B <b@x.test>',
    'Shop\r\nBcc: b@y.test <hello@shop.test>',
    '<a@x.test> Shop',
  ])('%j is none', (text) => expect(parseMailbox(text)).toBeNull());
});
