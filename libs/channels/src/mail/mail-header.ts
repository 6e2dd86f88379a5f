import type { Mailbox } from './mailbox.js';

const WIDTH = 76;

/** A header of text in any language, encoded (RFC 2047) and folded. Line breaks in it become blanks. */
export function textHeader(name: string, value: string): string {
  const plain = oneLine(value);
  return isPlain(plain) ? foldWords(name, plain) : `${name}: ${encodedWords(plain, name.length + 2).join('\r\n ')}`;
}

/** A header of one mailbox. */
export function mailboxHeader(header: string, { name, address }: Mailbox): string {
  const plain = oneLine(name);
  if (plain === '') return `${header}: ${address}`;
  if (!isPlain(plain)) return `${header}: ${encodedWords(plain, header.length + 2).join('\r\n ')}\r\n <${address}>`;
  const written = /^[\w !#$%&'*+\-/=?^`{|}~]+$/.test(plain) ? plain : `"${plain.replace(/["\\]/g, '\\$&')}"`;
  return foldWords(header, `${written} <${address}>`);
}

/** A header that is written as it is: an id, a date, an address. */
export function plainHeader(name: string, value: string): string {
  return `${name}: ${oneLine(value)}`;
}

function oneLine(value: string): string {
  return value.replace(/[\u0000-\u001f\u007f]+/g, ' ').trim();
}

/** ASCII that no reader takes for an encoded word. */
function isPlain(value: string): boolean {
  return /^[\x20-\x7e]*$/.test(value) && !value.includes('=?') && value.split(' ').every((word) => word.length < 900);
}

function foldWords(name: string, value: string): string {
  const lines: string[] = [];
  let line = `${name}:`;
  for (const word of value.split(' ')) {
    if (line.length + 1 + word.length > WIDTH && line !== `${name}:` && word !== '') {
      lines.push(line);
      line = '';
    }
    line += ` ${word}`;
  }
  return [...lines, line].join('\r\n');
}

/** Base64 words of whole characters, each at most 75 signs; the first has less room, since the header's name is before it. */
function encodedWords(value: string, taken: number): readonly string[] {
  const words: string[] = [];
  let bytes = 0;
  let from = 0;
  let room = roomFor(WIDTH - taken);
  let at = 0;
  for (const character of value) {
    const size = Buffer.byteLength(character);
    if (bytes + size > room) {
      words.push(value.slice(from, at));
      [from, bytes, room] = [at, 0, roomFor(75)];
    }
    bytes += size;
    at += character.length;
  }
  return [...words, value.slice(from)].map((word) => `=?UTF-8?B?${Buffer.from(word).toString('base64')}?=`);
}

/** Bytes that fit into an encoded word of this length. */
function roomFor(length: number): number {
  return Math.floor((length - '=?UTF-8?B??='.length) / 4) * 3;
}
