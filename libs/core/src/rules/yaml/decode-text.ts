import type { Diagnostic, WorkspaceFile } from '../diagnostic.js';
import type { FileKind } from '../diagnostic-codes.js';
import { Reading } from '../reading/reading.js';
import { SourceText } from './source-text.js';

export const MAX_FILE_BYTES = 256 * 1024;

export type DecodedText =
  | { readonly source: SourceText; readonly diagnostics: readonly [] }
  | { readonly source: null; readonly diagnostics: readonly Diagnostic[] };

/**
 * The text of a file, or the one reason why it has none. YAML and Handlebars accept UTF-16, Latin-1 and control
 * characters without a word and then mean something else, so bytes are judged before anything reads them.
 */
export function decodeText(file: WorkspaceFile, kind: FileKind): DecodedText {
  const { bytes } = file;
  if (bytes.length > MAX_FILE_BYTES) {
    return refused(
      file,
      kind,
      '',
      'file/too-large',
      `the file has ${sizeOf(bytes)}; at most 256 KB are read: make it smaller, or split it`,
    );
  }
  const utf16 =
    (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff) || looksLikeUtf16(bytes);
  if (utf16)
    return refused(file, kind, '', 'file/encoding', 'the file is saved as UTF-16 ("Unicode"); save it as UTF-8');
  const bad = firstInvalidByte(bytes);
  if (bad !== -1) {
    const before = decode(bytes.subarray(0, bad));
    const byte = (bytes[bad] ?? 0).toString(16).toUpperCase().padStart(2, '0');
    return refused(
      file,
      kind,
      before,
      'file/encoding',
      `the file is not UTF-8 (byte ${byte} here); in your editor choose "Save with encoding: UTF-8"`,
    );
  }
  const text = decode(bytes);
  const control = text.search(CONTROL);
  if (control !== -1) {
    return refused(file, kind, text.slice(0, control), 'file/control-character', controlMessage(text, control));
  }
  return { source: new SourceText(file.path, text), diagnostics: [] };
}

/** Everything that is not text; tab and line feed are, and a carriage return before a line feed. Bidirectional overrides make a file read other than it looks. */

const CONTROL =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\u202a-\u202e\u2066-\u2069\ufffe\uffff]|\r(?!\n)/u;

/** Of a file that is larger still only so much is handed on. */
function sizeOf({ length }: Uint8Array): string {
  const kilobytes = Math.ceil(length / 1024);
  return kilobytes < 2_048 ? `${kilobytes} KB` : 'more than 2,000 KB';
}

function controlMessage(text: string, at: number): string {
  if (text.charAt(at) === '\r')
    return 'this line ends with a carriage return alone, as on old Macs; in your editor choose the line ends LF or CRLF';
  const code = (text.codePointAt(at) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return `the control character U+${code} stands here; delete it`;
}

function refused(
  file: WorkspaceFile,
  kind: FileKind,
  before: string,
  code: 'file/too-large' | 'file/encoding' | 'file/control-character',
  message: string,
): DecodedText {
  const reading = new Reading(new SourceText(file.path, before), kind);
  reading.error({ start: before.length, end: before.length }, code, message);
  return { source: null, diagnostics: reading.diagnostics };
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder('utf-8').decode(bytes);
}

/** UTF-16 without a byte order mark: nearly every second byte of Latin text is zero. */
function looksLikeUtf16(bytes: Uint8Array): boolean {
  const sample = bytes.subarray(0, 64);
  if (sample.length < 4) return false;
  const zeros = sample.filter((byte) => byte === 0).length;
  return zeros * 3 >= sample.length && (sample[0] === 0) !== (sample[1] === 0);
}

/** Index of the first byte that cannot be UTF-8 (RFC 3629: no overlong forms, no surrogates), or -1. */
function firstInvalidByte(bytes: Uint8Array): number {
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes, at);
    if (length === 0) return at;
    at += length;
  }
  return -1;
}

function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const length =
    first >= 0xc2 && first <= 0xdf ? 2 : first >= 0xe0 && first <= 0xef ? 3 : first >= 0xf0 && first <= 0xf4 ? 4 : 0;
  const second = bytes[at + 1] ?? 0;
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (length === 0 || second < low || second > high) return 0;
  for (let i = 2; i < length; i++) if (((bytes[at + i] ?? 0) & 0xc0) !== 0x80) return 0;
  return length;
}
