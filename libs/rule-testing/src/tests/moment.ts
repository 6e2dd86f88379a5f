import { parseInstant, readers, type Reader, type Reading, type YamlScalar } from '#core';

const OFFSET = /^\+(?=\d)(?:(\d{1,5})d)?(?:(\d{1,6})h)?(?:(\d{1,8})m)?(?:(\d{1,9})s)?$/;
const [DAY, HOUR, MINUTE, SECOND] = [86_400_000, 3_600_000, 60_000, 1_000];

/** The `clock` of a test file: an instant with a zone. */
export const instant: Reader<number> = {
  type: 'instant with a zone',
  read(node, reading) {
    const scalar = readers.readScalar(node, reading, 'an instant such as 2026-03-02T09:00:00Z');
    return scalar && readInstant(scalar, reading);
  },
};

/** `+1d2h30m` from the clock, or an instant with a zone. */
export function moment(clock: number): Reader<number> {
  return {
    type: '+1d2h30m from `clock`, or an instant with a zone',
    read(node, reading) {
      const scalar = readers.readScalar(node, reading, 'a moment such as +1h30m');
      if (scalar === undefined) return undefined;
      const offset = parseOffset(scalar.written);
      if (offset !== null) return clock + offset;
      const signed = `+${scalar.written.replace(/[\s+]/g, '')}`;
      const signless = parseOffset(signed) === null ? undefined : signed;
      if (signless === undefined && !/^[+-]?\d[\d.,]*\s*[a-z]*$/i.test(scalar.written))
        return readInstant(scalar, reading);
      const minutes = /^\+?(\d+)$/.exec(scalar.written);
      const suggestion = minutes === null ? signless : `+${minutes[1]}m`;
      const hint = suggestion ?? '+1d2h30m, in days, hours, minutes and seconds';
      return reading.error(
        scalar.span,
        'test/moment',
        `"${scalar.written}" is not a moment; write for example ${hint}`,
        suggestion,
      );
    },
  };
}

function readInstant(scalar: YamlScalar, reading: Reading): number | undefined {
  const written = String(scalar.value);
  if (readers.isInstant(written)) return parseInstant(written) ?? undefined;
  const hint =
    parseInstant(written) === null
      ? 'write for example +1h30m or 2026-03-02T09:00:00Z'
      : 'it needs a time and a zone, such as Z or +02:00, at its end';
  return reading.error(scalar.span, 'test/moment', `"${written.slice(0, 60)}" is not a moment (${hint})`);
}

/** `+1d2h30m` in ms; null where it is written otherwise. */
export function parseOffset(text: string): number | null {
  const match = OFFSET.exec(text);
  if (match === null) return null;
  const [days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
  ];
  return days * DAY + hours * HOUR + minutes * MINUTE + seconds * SECOND;
}

/** As `at` is written: `+1d2h30m`; what lies before the clock as an instant. */
export function formatMoment(at: number, clock: number): string {
  const offset = at - clock;
  if (offset < 0) return new Date(at).toISOString();
  const parts = [
    [Math.floor(offset / DAY), 'd'],
    [Math.floor(offset / HOUR) % 24, 'h'],
    [Math.floor(offset / MINUTE) % 60, 'm'],
    [(offset % MINUTE) / SECOND, 's'],
  ] as const;
  const written = parts.flatMap(([count, unit]) => (count === 0 ? [] : [`${count}${unit}`])).join('');
  return `+${written || '0m'}`;
}
