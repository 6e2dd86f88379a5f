import { domainToASCII } from 'node:url';

/** Somebody who sends or receives mail. */
export interface Mailbox {
  readonly name: string;
  readonly address: string;
}

// No blanks, lists, brackets or line breaks: what would be read as more than one recipient or as a header.
const ADDRESS = /^([^\s@,;:<>()[\]\\"\u0000-\u001f\u007f-\u009f]+)@([^\s@,;:<>()[\]\\"\u0000-\u001f\u007f-\u009f]+)$/u;

/** One address, its domain as the DNS has it; null when the text is anything else. */
export function parseAddress(text: string): string | null {
  const [, local, domain] = ADDRESS.exec(text) ?? [];
  if (local === undefined || domain === undefined) return null;
  const ascii = domainToASCII(domain);
  const address = `${local}@${ascii}`;
  return ascii === '' || Buffer.byteLength(address) > 254 ? null : address;
}

/** `The Shop <hello@shop.test>`, `"Shop, The" <hello@shop.test>` or `hello@shop.test`; null when it is anything else. */
export function parseMailbox(text: string): Mailbox | null {
  const [, name, inner] = /^([^<>]*)<([^<>]*)>\s*$/.exec(text) ?? [null, '', text];
  const address = parseAddress((inner ?? '').trim());
  if (address === null) return null;
  const plain = (name ?? '')
    .trim()
    .replace(/^"(.*)"$/s, '$1')
    .replace(/\\(.)/g, '$1');

  return /[\u0000-\u001f\u007f]/.test(plain) ? null : { name: plain, address };
}

export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1);
}
