import { readers, type DiagnosticCode, type Reader } from '#core';

/** A name that must be one of those `known`, with "did you mean". */
export function knownName(what: string, known: readonly string[], code: DiagnosticCode): Reader<string> {
  return {
    type: `name of a ${what}`,
    read(node, reading) {
      const scalar = readers.readScalar(node, reading, `the name of a ${what}`);
      if (scalar === undefined) return undefined;
      const name = typeof scalar.value === 'string' ? scalar.value : scalar.written;
      if (known.includes(name)) return name;
      const closest = readers.closestName(name, known);
      const hint =
        closest !== null
          ? `did you mean "${closest}"?`
          : known.length === 0
            ? 'there are none'
            : `known: ${known.slice(0, 20).join(', ')}`;
      return reading.error(
        scalar.span,
        code,
        `there is no ${what} "${name.slice(0, 80)}" (${hint})`,
        closest ?? undefined,
      );
    },
  };
}
