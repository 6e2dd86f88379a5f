// Runs in the worker, from source and from dist alike: hence plain JavaScript.

/** @typedef {{ locale: string, timeZone: string, currency: string | null }} Format */

const missing = (value) => value === undefined || value === null || value === '';

/** Building a formatter costs a hundred times as much as using it. */
const kept = new Map();
function formatter(key, make) {
  let found = kept.get(key);
  if (found === undefined) {
    if (kept.size > 500) kept.clear();
    kept.set(key, (found = make()));
  }
  return found;
}

function number(value, helper) {
  const found = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof found !== 'number' || !Number.isFinite(found)) throw new Error(`${helper}: the value is not a number`);
  return found;
}

function money(format, amount, currency) {
  if (missing(amount)) return '';
  const unit = missing(currency) ? format.currency : currency;
  if (typeof unit !== 'string' || !/^[A-Za-z]{3}$/.test(unit)) {
    throw new Error(
      'money: the currency is missing or not a code such as EUR (write it as second argument, or as shop.currency in kairos.yaml)',
    );
  }
  const { locale } = format;
  const formatted = formatter(
    `money ${locale} ${unit}`,
    () => new Intl.NumberFormat(locale, { style: 'currency', currency: unit }),
  );
  return formatted.format(number(amount, 'money'));
}

const DATE_STYLES = {
  full: { dateStyle: 'full' },
  long: { dateStyle: 'long' },
  medium: { dateStyle: 'medium' },
  short: { dateStyle: 'short' },
  time: { timeStyle: 'short' },
  'date and time': { dateStyle: 'long', timeStyle: 'short' },
  weekday: { weekday: 'long' },
  'day and month': { day: 'numeric', month: 'long' },
};

function date({ locale, timeZone }, value, style = 'long') {
  if (missing(value)) return '';
  const options = Object.hasOwn(DATE_STYLES, style) ? DATE_STYLES[style] : undefined;
  if (options === undefined) throw new Error(`date: the style is one of ${Object.keys(DATE_STYLES).join(', ')}`);
  const instant = typeof value === 'number' || typeof value === 'string' ? new Date(value) : new Date(NaN);
  if (Number.isNaN(instant.getTime())) throw new Error('date: the value is not a date');
  // A day of the calendar is the same day everywhere.
  const zone = typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value) ? 'UTC' : timeZone;
  return formatter(
    `date ${locale} ${zone} ${style}`,
    () => new Intl.DateTimeFormat(locale, { ...options, timeZone: zone }),
  ).format(instant);
}

function plural({ locale }, count, forms) {
  if (missing(count)) return '';
  const n = number(count, 'plural');
  const category = formatter(`plural ${locale}`, () => new Intl.PluralRules(locale)).select(n);
  const form = forms[category] ?? forms.other;
  if (typeof form !== 'string') throw new Error(`plural: the form ${category}="…" is missing, and so is other="…"`);
  return form.replaceAll('#', formatter(`number ${locale}`, () => new Intl.NumberFormat(locale)).format(n));
}

function list({ locale }, values, { property, type = 'conjunction' }) {
  if (missing(values)) return '';
  if (!Array.isArray(values)) throw new Error('list: the value is not a list');
  if (type !== 'conjunction' && type !== 'disjunction')
    throw new Error('list: type is conjunction (and) or disjunction (or)');
  const own = (entry) =>
    typeof entry === 'object' && entry !== null && Object.hasOwn(entry, property) ? entry[property] : undefined;
  const texts = values.map((entry) => (property === undefined ? entry : own(entry))).filter((entry) => !missing(entry));
  return formatter(`list ${locale} ${type}`, () => new Intl.ListFormat(locale, { type })).format(texts.map(String));
}

/** As many characters as people count, without cutting a word where there is another one before it. */
function truncate({ locale }, value, length) {
  if (missing(value)) return '';
  if (!Number.isInteger(length) || length < 1) throw new Error('truncate: the length is a whole number from 1');
  const segmenter = formatter(`segments ${locale}`, () => new Intl.Segmenter(locale, { granularity: 'grapheme' }));
  const characters = [];
  for (const { segment } of segmenter.segment(String(value))) {
    characters.push(segment);
    if (characters.length > length) break;
  }
  if (characters.length <= length) return characters.join('');
  const kept = characters.slice(0, length - 1).join('');
  const words = /\s/.test(characters[length - 1]) ? kept : kept.replace(/\s+\S*$/u, '');
  return `${(words || kept).trimEnd()}…`;
}

/** An address with more parameters; one that is no https or http address leads nowhere good. */
function url(value, parameters) {
  if (missing(value)) return '';
  const text = String(value).trim();
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text))
    throw new Error('url: the value is not an address that begins with https://');
  const address = new URL(text);
  for (const [name, parameter] of Object.entries(parameters))
    if (!missing(parameter)) address.searchParams.set(name, String(parameter));
  return address.href;
}

/** A value that must be there; `where` is its name, its place and, in a piece, its file, a line each. */
function required(value, where) {
  if (value !== undefined && value !== null) return value;
  const [name, place, file] = where.split('\n');
  const [line, column] = place.split(':');
  throw new Error(
    `"${name}" has no value (${file === undefined ? '' : `${file}, `}line ${line}, column ${column}); write {{#if …}} around it or {{default … "…"}}`,
  );
}

/**
 * `format` gives locale and zone of the message being rendered. `limit`: characters of output, counted inside every
 * `each`, so that nested ones cannot fill the memory before they are done.
 */
export function registerHelpers(handlebars, format, limit) {
  const each = handlebars.helpers.each;
  handlebars.registerHelper({
    'required value': required,
    money: (amount, currency, options) =>
      options === undefined ? money(format(), amount) : money(format(), amount, currency),
    date: (value, style, options) => (options === undefined ? date(format(), value) : date(format(), value, style)),
    number: (value) =>
      missing(value)
        ? ''
        : formatter(`number ${format().locale}`, () => new Intl.NumberFormat(format().locale)).format(
            number(value, 'number'),
          ),
    truncate: (value, length) => truncate(format(), value, length),
    url: (value, { hash }) => url(value, hash),
    plural: (count, { hash }) => plural(format(), count, hash),
    list: (values, { hash }) => list(format(), values, hash),
    default: (value, other) => (missing(value) ? other : value),
    each(values, options) {
      let length = 0;
      const fn = (...args) => {
        const text = options.fn(...args);
        length += text.length;
        if (length > limit) throw new Error(`the result is longer than ${limit} characters`);
        return text;
      };
      return each.call(this, values, { ...options, fn });
    },
  });
  handlebars.unregisterHelper('log');
}
