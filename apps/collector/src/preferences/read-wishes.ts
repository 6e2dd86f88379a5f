import { CHANNELS, type Channel, type ContactPreferences, type Wishes } from '#core';

/** How often at most, as the page offers it. A closed list: every one of them is a label of metrics. */
export const FEWER: readonly NonNullable<ContactPreferences['cap']>[] = [
  { atMost: 3, days: 7 },
  { atMost: 1, days: 7 },
  { atMost: 1, days: 30 },
];

/** A box of the page: a category on a channel, or a channel at all. */
export function boxOf(category: string | null, channel: Channel): string {
  return `${category ?? '*'}|${channel}`;
}

/** What a submitted form says; 'same times': quiet hours without a length. Anything else that makes no sense says nothing. */
export function readWishes(body: unknown): Wishes | 'same times' {
  const form = new Form(body);
  const shown = form.all('shown').flatMap((box) => placeOf(box) ?? []);
  const wanted = new Set(form.all('want'));
  const from = minuteOf(form.one('from'));
  const to = minuteOf(form.one('to'));
  const asksQuiet = form.one('quiet') === 'on';
  if (asksQuiet && (from === null || to === null || from === to)) return 'same times';
  const [count, days] = form.one('often').split('/').map(Number);
  const pause = form.one('pause');
  return {
    consents: shown.flatMap(({ category, channel, box }) =>
      category === null ? [] : [{ category, channel, given: wanted.has(box) }],
    ),
    channels: shown.flatMap(({ category, channel, box }) =>
      category === null ? [{ channel, on: wanted.has(box) }] : [],
    ),
    preferred: channelOf(form.one('first')),
    only: form.one('only') === 'on',
    quiet: asksQuiet && from !== null && to !== null ? { from, to } : null,
    cap: FEWER.find((each) => each.atMost === count && each.days === days) ?? null,
    pause: pause === 'begin' || pause === 'end' ? pause : 'as it is',
  };
}

class Form {
  constructor(private readonly body: unknown) {}

  all(name: string): readonly string[] {
    const { body } = this;
    const value: unknown =
      typeof body === 'object' && body !== null && Object.hasOwn(body, name)
        ? (body as { [name: string]: unknown })[name]
        : [];
    return (Array.isArray(value) ? value : [value]).filter((each) => typeof each === 'string');
  }

  one(name: string): string {
    return this.all(name)[0] ?? '';
  }
}

function placeOf(box: string): { category: string | null; channel: Channel; box: string } | null {
  const at = box.indexOf('|');
  const channel = channelOf(box.slice(at + 1));
  const category = box.slice(0, Math.max(at, 0));
  return channel === null || category === '' ? null : { category: category === '*' ? null : category, channel, box };
}

function channelOf(text: string): Channel | null {
  return CHANNELS.find((channel) => channel === text) ?? null;
}

/** `21:30`, in minutes. */
function minuteOf(text: string): number | null {
  const [, hour, minute] = /^(\d{2}):(\d{2})(?::\d{2})?$/.exec(text) ?? [];
  const minutes = Number(hour) * 60 + Number(minute);
  return hour !== undefined && Number(hour) < 24 && Number(minute) < 60 ? minutes : null;
}
