import type { YamlNode, YamlScalar } from '../yaml/yaml-node.js';
import { closestName, lookalikeIn, lookalikesReplaced } from './closest-name.js';
import type { Reader } from './fields.js';
import type { Reading } from './reading.js';

/** No text of the language is longer; what reads a value may then take its time per character. */
const LONGEST_TEXT = 10_000;
const NAME = /^[a-z][a-z0-9-]{0,63}$/;

/** A single value that is not nothing; reports a map, a list, an empty value, a cut off or typographically quoted text. */
export function readScalar(node: YamlNode, reading: Reading, expected: string): YamlScalar | undefined {
  if (node.kind !== 'scalar') {
    return reading.shape(
      { start: node.span.start, end: node.span.start + 1 },
      'wrong-type',
      `expected ${expected}, found a ${node.kind}`,
    );
  }
  if (node.value === null) return reading.error(node.span, 'value/empty', `nothing stands here; expected ${expected}`);
  if (typeof node.value === 'string' && node.value.length > LONGEST_TEXT) {
    return reading.error(node.span, 'value/too-long', 'at most 10,000 characters are allowed here');
  }
  return node;
}

/** A text that people make up (event names, descriptions, values): NFC, and not cut off by a `#` in the middle. */
export function text(options: { type?: string; max?: number } = {}): Reader<string> {
  const type = options.type ?? 'text';
  return {
    type,
    read(node, reading) {
      const scalar = readScalar(node, reading, type);
      if (scalar === undefined || !isWholeText(scalar, reading)) return undefined;
      if (typeof scalar.value !== 'string') {
        return reading.error(
          scalar.span,
          'value/text',
          `this is ${kindOf(scalar)}; as a text it stands in quotes`,
          JSON.stringify(scalar.written),
        );
      }
      const value = scalar.value.normalize('NFC');
      const max = options.max ?? LONGEST_TEXT;
      if (value.length > max)
        return reading.error(scalar.span, 'value/too-long', `at most ${max} characters are allowed here`);
      return value;
    },
  };
}

/** An event name: any text of at most 100 characters, capitals count. */
export const eventName: Reader<string> = {
  type: 'name of an event',
  read(node, reading) {
    const name = text({ type: 'name of an event', max: 100 }).read(node, reading);
    if (name === undefined) return undefined;
    if (node.kind === 'scalar' && !node.quoted && name.includes(', ')) {
      const list = `[${name}]`;
      const message = `the comma is part of the name here; several events are a list: ${list}; a name with a comma stands in quotes`;
      reading.warning(node.span, 'value/comma', message, list);
    }
    return name.trim() === '' ? reading.error(node.span, 'value/empty', 'the name of an event is empty') : name;
  },
};

/** The name of a rule, template, category…: it becomes part of file names, message ids and metrics. */
export function name(what: string): Reader<string> {
  return {
    type: `name of ${what}`,
    read(node, reading) {
      const scalar = readScalar(node, reading, `the name of ${what}`);
      return scalar && checkName(String(scalar.value), scalar.span, reading, what);
    },
  };
}

export function isName(value: string): boolean {
  // The only names of this form that every JavaScript object answers to.
  return NAME.test(value) && value !== 'constructor';
}

export function checkName(value: string, span: YamlNode['span'], reading: Reading, what: string): string | undefined {
  if (isName(value)) return value;
  const plain = lookalikesReplaced(value)
    .toLowerCase()
    .replace(/[ _.]+/g, '-')
    .replace(/[^a-z0-9-]/g, '');
  const lookalike = TYPOGRAPHIC_QUOTE.test(value) ? 'a typographic quote' : lookalikeIn(value);
  const why =
    lookalike === null
      ? 'small letters, digits and hyphens, beginning with a letter, at most 64'
      : `it holds ${lookalike}`;
  return reading.error(
    span,
    'value/name',
    `"${value.slice(0, 80)}" is not a name for ${what} (${why})`,
    isName(plain) ? plain : undefined,
  );
}

/** One of a closed list of words. */
export function oneOf<const T extends string>(allowed: readonly T[]): Reader<T> {
  return {
    type: allowed.join(', '),
    allowed,
    read(node, reading) {
      const scalar = readScalar(node, reading, oneOfThese(allowed));
      if (scalar === undefined) return undefined;
      const found = allowed.find((word) => word === scalar.value);
      return found ?? notAllowed(scalar, reading, allowed);
    },
  };
}

export function notAllowed(scalar: YamlScalar, reading: Reading, allowed: readonly string[]): undefined {
  const closest = closestName(String(scalar.value), allowed);
  const odd = lookalikesReplaced(String(scalar.value)) === closest ? lookalikeIn(String(scalar.value)) : null;
  if (closest !== null && odd !== null)
    return reading.error(
      scalar.span,
      'value/not-allowed',
      `"${short(scalar)}" holds ${odd}; write "${closest}" anew`,
      closest,
    );
  const hint = closest === null ? '' : ` (did you mean "${closest}"?)`;
  return reading.error(
    scalar.span,
    'value/not-allowed',
    `"${short(scalar)}" is not one of: ${allowed.join(', ')}${hint}`,
    closest ?? undefined,
  );
}

export const truth: Reader<boolean> = {
  type: 'true or false',
  allowed: ['true', 'false'],
  read(node, reading) {
    const scalar = readScalar(node, reading, 'true or false');
    if (scalar === undefined) return undefined;
    if (typeof scalar.value === 'boolean') return scalar.value;
    const meant = /^(yes|y|on|true|1)$/i.test(String(scalar.value))
      ? 'true'
      : /^(no|n|off|false|0)$/i.test(String(scalar.value))
        ? 'false'
        : undefined;
    return reading.error(
      scalar.span,
      'value/truth',
      `expected true or false, found "${short(scalar)}"${meant ? `; write ${meant}, without quotes` : ''}`,
      meant,
    );
  },
};

export const number: Reader<number> = {
  type: 'number',
  read(node, reading) {
    const scalar = readScalar(node, reading, 'a number');
    return scalar && readNumber(scalar, reading);
  },
};

/** A finite number that keeps all its digits. */
export function readNumber(scalar: YamlScalar, reading: Reading): number | undefined {
  const { value, span, written } = scalar;
  if (typeof value === 'string' && isDecimalComma(value)) {
    return reading.error(span, 'value/decimal-comma', ...decimalComma(value));
  }
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    return reading.error(
      span,
      'value/number',
      `expected a number, found ${scalar.quoted ? `the text "${short(scalar)}"; a number stands without quotes` : `"${short(scalar)}"`}`,
    );
  }
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER) {
    return reading.error(
      span,
      'value/number-too-long',
      `${written} has more digits than a number can keep; if it is an identifier put it in quotes`,
      `"${written}"`,
    );
  }
  if (/^[-+]?0\d/.test(written)) {
    return reading.error(
      span,
      'value/leading-zero',
      `the zeros before ${String(value)} are lost in a number; if it is a code put it in quotes`,
      `"${written}"`,
    );
  }
  return value;
}

/** In words, and the number that was meant where there is no doubt: `1,000` may be one or a thousand. */
export function decimalComma(written: string): readonly [message: string, suggestion?: string] {
  if (/^[-+]?[1-9]\d{0,2}(?:,\d{3})+$/.test(written)) {
    return [`"${written}" is written with a comma; thousands are written without any sign, decimals with a point`];
  }
  return [`"${written}" is written with a comma; decimals have a point`, written.replace(',', '.')];
}

export function isDecimalComma(value: string): boolean {
  return /^[-+]?\d+(?:,\d+|(?:,\d{3})+)$/.test(value);
}

export function wholeNumber(min: number, max: number): Reader<number> {
  const type = `whole number from ${min} to ${max}`;
  return {
    type,
    read(node, reading) {
      const value = number.read(node, reading);
      if (value === undefined) return undefined;
      if (!Number.isInteger(value))
        return reading.error(node.span, 'value/whole-number', `expected a ${type}, found ${value}`);
      return value < min || value > max
        ? reading.error(node.span, 'value/range', `${value} is outside of ${min} to ${max}`)
        : value;
    },
  };
}

const TYPOGRAPHIC_QUOTE = /[\u2018-\u201f\u00ab\u00bb\u2039\u203a]/u;

/** Word processors turn quotes round, and YAML then takes them for letters; `#` after a blank begins a comment. */
export function isWholeText(scalar: YamlScalar, reading: Reading): boolean {
  if (scalar.cutOff !== null) {
    const whole = `${scalar.written} ${scalar.cutOff}`;
    reading.error(
      scalar.span,
      'value/comment',
      `the text ends before \`${scalar.cutOff.slice(0, 40)}\`, which is a comment; put the whole in quotes, or a blank after #`,
      JSON.stringify(whole),
    );
    return false;
  }
  const first = String(scalar.value).charAt(0);
  if (!scalar.quoted && TYPOGRAPHIC_QUOTE.test(first)) {
    reading.error(
      scalar.span,
      'value/typographic',
      `${first} is a typographic quote and would be part of the text; use the plain " or '`,
    );
    return false;
  }
  return true;
}

function oneOfThese(allowed: readonly string[]): string {
  return allowed.length === 1 ? `${allowed[0]}` : `one of: ${allowed.join(', ')}`;
}

export function short(scalar: YamlScalar): string {
  const shown = scalar.quoted ? String(scalar.value) : scalar.written;
  return shown.length > 60 ? `${shown.slice(0, 60)}…` : shown;
}

function kindOf(scalar: YamlScalar): string {
  switch (typeof scalar.value) {
    case 'string':
      return 'a text';
    case 'number':
      return 'a number';
    case 'boolean':
      return 'a truth value';
    default:
      return 'nothing';
  }
}
