import type { Json } from '../../event/event.js';
import { nfc } from '../../event/key-text.js';

export { nfc };

/**
 * Of one kind and equal: texts after Unicode NFC, numbers, truth values. A text is never equal to a number or a truth
 * value, a list or an object to nothing, and nothing is equal to what is missing.
 */
export function equalValues(left: Json | undefined, right: Json | undefined): boolean {
  if (typeof left === 'object' || left === undefined) return false;
  if (left === right) return true;
  return typeof left === 'string' && typeof right === 'string' && nfc(left) === nfc(right);
}

/** `part` inside a text, or an entry of a list. */
export function containsValue(whole: Json | undefined, part: Json | undefined): boolean {
  if (Array.isArray(whole)) return whole.some((entry) => equalValues(entry as Json, part));
  return typeof whole === 'string' && typeof part === 'string' && nfc(whole).includes(nfc(part));
}
