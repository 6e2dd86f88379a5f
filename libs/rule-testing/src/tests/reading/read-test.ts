import { readers, type Reader, type Reading, type YamlEntry, type YamlNode } from '#core';
import { formatMoment } from '../moment.js';
import { stopOf, type ChosenChance, type Expectation, type RuleTest } from '../test-file.js';
import { placeOf, type TestPlaces } from './places.js';
import { chance } from './read-chance.js';
import { testEvent } from './read-event.js';
import { expectation, expectedOutcome } from './read-expectation.js';

const MOST = 1_000;

/** Every key of a test. */
export function testTable(places: TestPlaces) {
  return {
    name: readers.required(readers.text({ max: 200 }), 'What the test shows; printed, and chosen by `--run`.'),
    events: readers.required(
      readers.listOf(testEvent(places), { min: 0, max: MOST }),
      'What happens, in the order of the stream.',
    ),
    until: readers.optional(places.at, 'Where the clock stops; without it when nothing is pending, at most 400 days.'),
    expect: readers.required(
      readers.listOf(expectation(places), { min: 0, max: MOST }),
      'The complete list of messages and webhooks, by time; of `set` and `emit` too, as soon as there is one of them.',
    ),
    explain: readers.withDefault(
      readers.listOf(expectedOutcome(places)),
      [],
      '[]',
      'What became of runs, or why none began.',
    ),
    chance: readers.withDefault(
      chance(places),
      new Map<string, ChosenChance>(),
      '{}',
      'What everybody draws in a rule: its holdout, a branch of a split, a variant.',
    ),
  };
}

export function ruleTest(places: TestPlaces): Reader<RuleTest> {
  const table = testTable(places);
  return {
    type: 'test',
    read(node, reading) {
      const map = readers.readMap(node, reading, 'a test with `name`, `events` and `expect`');
      if (map === undefined) return undefined;
      const { complete: fields, entry } = readers.readFields(map, reading, table, 'a test');
      if (fields === undefined) return undefined;
      const { name, events, until, expect, explain, chance: drawn } = fields;
      const place = placeOf((entry('name') ?? { value: map }).value, reading);
      const sound = [
        happens(events, until, entry('events'), reading),
        proves(expect, explain, entry('expect'), reading),
        isOrdered(expect, entry('expect'), reading),
        places.clock === null || isReached({ until, events, expect }, places.clock, entry, reading),
      ];
      return sound.includes(false) ? undefined : { name, place, events, until, expect, explain, chance: drawn };
    },
  };
}

/** Without events only time can do something, and its end has to be said. */
function happens(
  events: RuleTest['events'],
  until: number | null,
  entry: YamlEntry | undefined,
  reading: Reading,
): boolean {
  if (events.length > 0 || until !== null) return true;
  const hint = 'a test without events needs an `until`, such as `until: +400d`';
  if (entry !== undefined) reading.error(entry.value.span, 'value/list-length', `the list is empty: ${hint}`);
  return false;
}

/** A typo in the name of an event would pass for ever. */
function proves(
  expect: readonly unknown[],
  explain: readonly unknown[],
  entry: YamlEntry | undefined,
  reading: Reading,
): boolean {
  if (expect.length > 0 || explain.length > 0 || entry === undefined) return true;
  const message =
    'an empty `expect` proves nothing by itself (a typo in an event name would pass); say why nothing is sent with `explain`';
  reading.error(entry.keySpan, 'test/empty-expect', message);
  return false;
}

function isOrdered(expect: readonly Expectation[], entry: YamlEntry | undefined, reading: Reading): boolean {
  const index = expect.findIndex((message, i) => i > 0 && message.at < expect[i - 1]!.at);
  if (index < 0 || entry?.value.kind !== 'list') return true;
  reading.error(
    firstPlace(entry.value.items[index]!),
    'test/order',
    '`expect` is ordered by time: this one belongs before the one above it',
  );
  return false;
}

/** What happens or is expected after the clock has stopped would be for nothing. */
function isReached(
  { until, events, expect }: Pick<RuleTest, 'until' | 'events' | 'expect'>,
  clock: number,
  entry: (key: 'until' | 'expect') => YamlEntry | undefined,
  reading: Reading,
): boolean {
  const end = stopOf({ until, events }, clock);
  const last = Math.max(...[...events, ...expect].map(({ at }) => at));
  if (last <= end) return true;
  const [list, stop] = [entry('expect')?.value, entry('until')?.value];
  const needed = formatMoment(last, clock);
  const what = events.some(({ at }) => at > end) ? 'the last event of the test' : 'what is expected';
  const said = `the clock stops at ${formatMoment(end, clock)}, before ${what} at ${needed}`;
  if (stop !== undefined) reading.error(stop.span, 'test/moment', `${said}; write ${needed} or later`, needed);
  else if (list?.kind === 'list') {
    const beyond = list.items[expect.findIndex(({ at }) => at > end)]!;
    reading.error(firstPlace(beyond), 'test/moment', `${said}; add \`until: ${needed}\` or later`);
  }
  return false;
}

function firstPlace(node: YamlNode): YamlNode['span'] {
  return { start: node.span.start, end: node.span.start + 1 };
}
