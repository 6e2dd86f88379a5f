import { createHash, sign } from 'node:crypto';
import { promisify } from 'node:util';
import type { DkimKey } from './dkim-key.js';

const signOnThreadPool = promisify(sign) as (
  algorithm: string | null,
  data: Buffer,
  key: DkimKey['key'],
) => Promise<Buffer>;

/**
 * The headers that are signed where they are there. Of those with a star also one more than there is, so that none can be
 * added; the way out is among them, or mail clients do not trust it (RFC 8058, 4).
 */
const SIGNED = [
  'from*',
  'to*',
  'subject*',
  'date*',
  'message-id',
  'mime-version',
  'content-type*',
  'list-unsubscribe*',
  'list-unsubscribe-post*',
  'x-kairos-feedback',
];

/**
 * The mail with a DKIM-Signature before it, relaxed/relaxed; the rest stays as it is, byte by byte. The private key is used
 * on the thread pool: RSA takes a millisecond.
 * @param mail CRLF line breaks
 * @param at ms since 1970 UTC
 */
export async function signMail(mail: Buffer, { domain, selector, key }: DkimKey, at: number): Promise<Buffer> {
  const text = mail.toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  const headers = readHeaders(text.slice(0, end));
  const names = SIGNED.flatMap((each) => namesOf(each, headers));
  const isRsa = key.asymmetricKeyType === 'rsa';
  const unsigned = foldTags([
    'v=1',
    `a=${isRsa ? 'rsa-sha256' : 'ed25519-sha256'}`,
    'c=relaxed/relaxed',
    `d=${domain}`,
    `s=${selector}`,
    `t=${Math.floor(at / 1000)}`,
    `h=${names.join(':')}`,
    `bh=${bodyHash(text.slice(end + 4))}`,
    'b=',
  ]);
  const data = Buffer.from(`${signedHeaders(headers, names)}${relaxed('dkim-signature', unsigned)}`, 'latin1');
  // RFC 8463: Ed25519 signs the hash, RSA hashes by itself.
  const signature = isRsa
    ? await signOnThreadPool('sha256', data, key)
    : await signOnThreadPool(null, createHash('sha256').update(data).digest(), key);
  const folded = signature
    .toString('base64')
    .match(/.{1,70}/g)!
    .join('\r\n ');
  return Buffer.concat([Buffer.from(`DKIM-Signature: ${unsigned}${folded}\r\n`, 'latin1'), mail]);
}

interface Header {
  readonly name: string;
  readonly value: string;
}

function readHeaders(block: string): readonly Header[] {
  return block
    .replace(/\r\n(?=[ \t])/g, '\n')
    .split('\r\n')
    .map((line) => {
      const at = line.indexOf(':');
      return { name: line.slice(0, at).toLowerCase(), value: line.slice(at + 1) };
    });
}

function namesOf(pattern: string, headers: readonly Header[]): readonly string[] {
  const name = pattern.replace('*', '');
  const there = headers.filter((header) => header.name === name).length;
  return Array.from({ length: there === 0 ? 0 : there + (pattern.endsWith('*') ? 1 : 0) }, () => name);
}

/** In the order named; of several of one name the last first, and nothing for what is not there (RFC 6376, 5.4.2). */
function signedHeaders(headers: readonly Header[], names: readonly string[]): string {
  const left = new Map<string, Header[]>();
  for (const header of headers) left.set(header.name, [...(left.get(header.name) ?? []), header]);
  return names
    .flatMap((name) => left.get(name)?.pop() ?? [])
    .map(({ name, value }) => `${relaxed(name, value)}\r\n`)
    .join('');
}

/** RFC 6376, 3.4.2. */
function relaxed(name: string, value: string): string {
  return `${name}:${value
    .replace(/[\r\n]/g, '')
    .replace(/[ \t]+/g, ' ')
    .trim()}`;
}

/** RFC 6376, 3.4.4. */
function bodyHash(body: string): string {
  const lines = body.split('\r\n').map((line) => line.replace(/[ \t]+/g, ' ').replace(/ $/, ''));
  while (lines.length > 0 && lines.at(-1) === '') lines.pop();
  const canonical = lines.length === 0 ? '' : `${lines.join('\r\n')}\r\n`;
  return createHash('sha256').update(canonical, 'latin1').digest('base64');
}

function foldTags(tags: readonly string[]): string {
  return tags.join(';\r\n ');
}
