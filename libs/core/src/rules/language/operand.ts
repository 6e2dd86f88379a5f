import { Temporal } from 'temporal-polyfill';
import { dayOfText } from '../../time/civil-day.js';
import type { Operand, Scalar } from '../model.js';
import type { Reader } from '../reading/fields.js';
import type { Reading } from '../reading/reading.js';
import { isDecimalComma, isWholeText, readNumber, readScalar } from '../reading/scalars.js';
import type { YamlNode, YamlScalar } from '../yaml/yaml-node.js';
import { looksLikePath, readPath, type Scope } from './path.js';

/** A literal or a path: "wherever a value is wanted a path may stand"; `{ text: customer.io }` is the text itself. */
export function operand(scope: Scope): Reader<Operand> {
  return { type: 'value or PATH', read: (node, reading) => readOperand(node, reading, scope) };
}

export function readOperand(node: YamlNode, reading: Reading, scope: Scope): Operand | undefined {
  const escaped = escapedText(node);
  if (escaped !== undefined) return readEscaped(escaped, reading);
  if (node.kind === 'scalar' && node.value === null && !node.empty) {
    return reading.error(
      node.span,
      'condition/null',
      'nothing is equal to null; whether a value is there is asked by `exists: true` or `exists: false`',
    );
  }
  const scalar = readScalar(node, reading, 'a value or a path');
  if (scalar === undefined) return undefined;
  if (typeof scalar.value === 'string' && looksLikePath(scalar.value, reading)) {
    const found = readPath(scalar.value, scalar.span, reading, scope, 'value');
    return found && { kind: 'path', path: found };
  }
  const value = readLiteral(scalar, reading);
  return value === undefined ? undefined : { kind: 'literal', value };
}

/** A number or a path. */
export function numberOperand(scope: Scope): Reader<Operand> {
  return {
    type: 'number or PATH',
    read(node, reading) {
      if (node.kind === 'scalar' && typeof node.value === 'string' && looksLikePath(node.value, reading))
        return readOperand(node, reading, scope);
      const scalar = readScalar(node, reading, 'a number');
      if (isDate(String(scalar?.value)) || isInstant(String(scalar?.value))) {
        return reading.error(
          node.span,
          'value/number',
          'expected a number, found a date; dates are compared by `before` and `after`',
        );
      }
      const value = scalar && readNumber(scalar, reading);
      return value === undefined ? undefined : { kind: 'literal', value };
    },
  };
}

/** A text or a path. */
export function textOperand(scope: Scope): Reader<Operand> {
  return {
    type: 'text or PATH',
    read(node, reading) {
      const found = readOperand(node, reading, scope);
      if (found?.kind !== 'literal' || typeof found.value === 'string') return found;
      return reading.error(
        node.span,
        'value/text',
        `expected a text, found ${String(found.value)}; as a text it stands in quotes`,
        `"${String(found.value)}"`,
      );
    },
  };
}

/** A day of the calendar that exists, `2026-11-26`. */
export function isDate(text: string): boolean {
  return dayOfText(text) !== null;
}

/** An instant with a zone, `2026-11-26T08:00:00Z`. */
export function isInstant(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[-+]\d\d:\d\d)$/.test(text)) return false;
  return succeeds(() => Temporal.Instant.from(text));
}

/** Milliseconds since 1970 of an instant as `isInstant` accepts it. */
export function instantTime(text: string): number {
  return Temporal.Instant.from(text).epochMilliseconds;
}

function succeeds(parse: () => unknown): boolean {
  try {
    parse();
    return true;
  } catch {
    return false;
  }
}

/** A value as it stands: texts in NFC, numbers that keep their digits. */
export function readLiteral(scalar: YamlScalar, reading: Reading): Scalar | undefined {
  if (typeof scalar.value === 'number') return readNumber(scalar, reading);
  if (typeof scalar.value === 'boolean') return scalar.value;
  if (!isWholeText(scalar, reading)) return undefined;
  const value = String(scalar.value);
  if (!scalar.quoted && isDecimalComma(value)) return readNumber(scalar, reading);
  if (!scalar.quoted && /^(?:yes|no|on|off)$/i.test(value)) {
    const truth = /^(?:yes|on)$/i.test(value) ? 'true' : 'false';
    reading.warning(
      scalar.span,
      'condition/yes-no',
      `\`${value}\` is a text in YAML 1.2; write ${truth} for the truth value, or "${value}" in quotes for the text`,
      truth,
    );
  }
  return value.normalize('NFC');
}

function escapedText(node: YamlNode): YamlNode | undefined {
  if (node.kind !== 'map' || node.entries.length !== 1) return undefined;
  const [entry] = node.entries;
  return entry?.key === 'text' ? entry.value : undefined;
}

function readEscaped(node: YamlNode, reading: Reading): Operand | undefined {
  const scalar = readScalar(node, reading, 'a text');
  if (scalar === undefined || !isWholeText(scalar, reading)) return undefined;
  const value = scalar.quoted || typeof scalar.value === 'string' ? String(scalar.value) : scalar.written;
  return { kind: 'literal', value: value.normalize('NFC') };
}

export function isEscapedText(node: YamlNode): boolean {
  return escapedText(node) !== undefined;
}
