/** GSM 03.38: the default alphabet, and what costs two characters of it. */
const GSM =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
const GSM_TWICE = '^{}\\[~]|€\f';

export interface Segments {
  readonly alphabet: 'GSM-7' | 'UCS-2';
  readonly count: number;
}

/**
 * What a text message is billed by: 160 signs of GSM-7 or 70 of UCS-2 in one, 153 or 67 in each of several, since the
 * header that joins them needs room (3GPP TS 23.040, 9.2.3.24). A sign of two units is never cut in two.
 */
export function countSegments(text: string): Segments {
  const signs = [...text];
  const gsm = signs.map((sign) => (GSM.includes(sign) ? 1 : GSM_TWICE.includes(sign) ? 2 : null));
  if (gsm.every((size) => size !== null)) return { alphabet: 'GSM-7', count: parts(gsm, 160, 153) };
  return {
    alphabet: 'UCS-2',
    count: parts(
      signs.map((sign) => sign.length),
      70,
      67,
    ),
  };
}

function parts(sizes: readonly number[], alone: number, joined: number): number {
  if (sizes.reduce((sum, size) => sum + size, 0) <= alone) return 1;
  let count = 1;
  let room = joined;
  for (const size of sizes) {
    if (size > room) {
      count++;
      room = joined;
    }
    room -= size;
  }
  return count;
}
