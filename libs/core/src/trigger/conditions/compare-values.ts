import type { Json } from '../../event/event.js';

/**
 * Of one kind and equal: texts after Unicode NFC, numbers, truth values. A text is never equal to a number or a truth
 * value, a list or an object to nothing, and nothing is equal to what is missing.
 */
export function equalValues(left: Json | undefined, right: Json | undefined): boolean {
  if (typeof left === 'object' || left === undefined) return false;
  if (left === right) return true;
  return typeof left === 'string' && typeof right === 'string' && nfc(left) === nfc(right);
}

/** Texts of ASCII are normal already, and nearly all are. */
export function nfc(text: string): string {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return text.normalize('NFC');
  return text;
}

/** `part` inside a text, or an entry of a list. */
export function containsValue(whole: Json | undefined, part: Json | undefined): boolean {
  if (Array.isArray(whole)) return whole.some((entry) => equalValues(entry as Json, part));
  return typeof whole === 'string' && typeof part === 'string' && nfc(whole).includes(nfc(part));
}
