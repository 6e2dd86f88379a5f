import { isTimeZone } from '../../time/zone.js';
import { closestName } from '../reading/closest-name.js';
import type { Reader } from '../reading/fields.js';
import { readScalar, short } from '../reading/scalars.js';

/** An IANA time zone, `Europe/Berlin`. Offsets are refused: they do not know of summer time. */
export const timeZone: Reader<string> = {
  type: 'IANA time zone',
  read(node, reading) {
    const scalar = readScalar(node, reading, 'a time zone such as Europe/Berlin');
    if (scalar === undefined) return undefined;
    const zone = String(scalar.value);
    if (isTimeZone(zone)) return zone;
    const known = Intl.supportedValuesOf('timeZone');
    const closest =
      known.find((each) => each.split('/').at(-1)?.toLowerCase() === zone.toLowerCase().replace(/ /g, '_')) ??
      closestName(zone, known);
    const hint = closest ? `did you mean "${closest}"?` : 'such as Europe/Berlin or UTC';
    return reading.error(
      scalar.span,
      'value/time-zone',
      `"${short(scalar)}" is not a time zone (${hint})`,
      closest ?? undefined,
    );
  },
};

/** A BCP 47 tag in its canonical form, `en-US`. */
export const locale: Reader<string> = {
  type: 'BCP 47 tag',
  read(node, reading) {
    const scalar = readScalar(node, reading, 'a locale such as en or pt-BR');
    if (scalar === undefined) return undefined;
    const written = String(scalar.value);
    const found = canonicalLocale(written);
    if (found !== null) return found;
    const meant = canonicalLocale(written.replace(/_/g, '-').replace(/\..*$/, '')) ?? undefined;
    return reading.error(
      scalar.span,
      'value/locale',
      `"${short(scalar)}" is not a locale${meant ? `; write ${meant}` : ' such as en or pt-BR'}`,
      meant,
    );
  },
};

/** The canonical form of a BCP 47 tag whose language has two or three letters, or null. */
export function canonicalLocale(tag: string): string | null {
  if (!/^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*$/.test(tag)) return null;
  try {
    return Intl.getCanonicalLocales(tag)[0] ?? null;
  } catch {
    return null;
  }
}
