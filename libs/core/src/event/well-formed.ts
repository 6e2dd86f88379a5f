/** A text that UTF-8 can carry: halves of surrogate pairs, which only JSON escapes can bring in, become U+FFFD. */
export function wellFormed(text: string): string {
  return /[\ud800-\udfff]/.test(text) ? text.replace(/\p{Surrogate}/gu, '\ufffd') : text;
}
