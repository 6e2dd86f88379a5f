const HEX = Buffer.from('0123456789ABCDEF');
const WIDTH = 76;
const [TAB, LF, SPACE, EQUALS, TILDE] = [9, 10, 32, 61, 126];

/** Text as quoted-printable (RFC 2045, 6.7) with CRLF and lines of at most 76 signs: legible, and safe on every way. */
export function quotedPrintable(text: string): string {
  const bytes = Buffer.from(text.replace(/\r\n?/g, '\n'));
  // At worst every byte is three signs, and every 73 of them have a soft line break.
  const out = Buffer.allocUnsafe(Math.ceil(bytes.length * 3.2) + 8);
  let length = 0;
  let column = 0;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (byte === LF) {
      out[length++] = 13;
      out[length++] = LF;
      column = 0;
      continue;
    }
    const endsLine = i + 1 === bytes.length || bytes[i + 1] === LF;
    const literal =
      (byte > SPACE && byte <= TILDE && byte !== EQUALS) || ((byte === SPACE || byte === TAB) && !endsLine);
    const width = literal ? 1 : 3;
    if (column + width > (endsLine ? WIDTH : WIDTH - 1)) {
      out[length++] = EQUALS;
      out[length++] = 13;
      out[length++] = LF;
      column = 0;
    }
    column += width;
    if (literal) out[length++] = byte;
    else {
      out[length++] = EQUALS;
      out[length++] = HEX[byte >> 4]!;
      out[length++] = HEX[byte & 15]!;
    }
  }
  return out.toString('latin1', 0, length);
}
