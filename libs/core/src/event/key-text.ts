import type { Json } from './event.js';
import { wellFormed } from './well-formed.js';

/** A property as the text by which keys are compared; undefined where it is missing, a list or an object. */
export function keyTextOf(value: Json | undefined): string | undefined {
  switch (typeof value) {
    case 'string':
      return wellFormed(nfc(value));
    case 'number':
    case 'boolean':
      return String(value);
    default:
      return undefined;
  }
}

/** Texts of ASCII are normal already, and nearly all are. */
export function nfc(text: string): string {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return text.normalize('NFC');
  return text;
}
