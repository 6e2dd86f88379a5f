import fc from 'fast-check';
import { lookAtEvent, type EventLook } from './look-at-event.js';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

function look(text: string): EventLook | null {
  return lookAtEvent(encoder.encode(text));
}

/** What is seen at a glance must be what JSON.parse says. */
function expectAgreement(bytes: Uint8Array): void {
  const seen = lookAtEvent(bytes);
  if (seen === null) return;
  const json = JSON.parse(decoder.decode(bytes)) as Record<string, unknown>;
  expect(seen.type).toBe(json['type']);
  expect(seen.name).toBe(json['event'] ?? null);
  const context = (json['context'] ?? {}) as { traits?: unknown; consent?: unknown; device?: { token?: unknown } };
  if (context.traits !== undefined || context.consent !== undefined || context.device?.token !== undefined)
    expect(seen.profile).toBe(true);
}

const anyJson = fc.jsonValue({ maxDepth: 3 });
const fragment = fc.oneof(
  fc.tuple(
    fc.constantFrom('type', 'event', 'userId', 'anonymousId'),
    fc.constantFrom('track', 'page', 'Product Viewed', 'Größe ✓', '', 'a"b', 'a\\b', null, 7),
  ),
  fc.tuple(fc.string(), anyJson),
  fc.tuple(
    fc.constant('context'),
    fc.record(
      {
        traits: fc.option(fc.constant({ event: 'inner' })),
        device: fc.record({ token: fc.string(), type: fc.string() }, { requiredKeys: [] }),
        library: fc.constant({ type: 'track' }),
      },
      { requiredKeys: [] },
    ),
  ),
);
const blank = fc.constantFrom('', ' ', '\n\t', '\r\n');

/** Members as written, doubles among them, which no object could give. */
const eventText = fc.tuple(fc.array(fragment, { maxLength: 8 }), blank).map(([members, space]) => {
  const all: (readonly [string, unknown])[] = [
    ['type', 'track'],
    ['userId', 'ann'],
    ['event', 'Product Viewed'],
    ...members,
  ];
  const written = all.map(
    ([key, value]) => `${space}${JSON.stringify(key)}${space}:${space}${JSON.stringify(value)}${space}`,
  );
  return `${space}{${written.join(',')}}${space}`;
});

describe('a look at an event', () => {
  it('finds type and name at the top, wherever they stand', () => {
    const text =
      '{"properties":{"event":"No","type":"no"},"userId":"ann", "event" : "Product Viewed","context":{"library":{"name":"x"}},"type":"track"}';
    expect(look(text)).toEqual({ type: 'track', name: 'Product Viewed', profile: false, pair: 0 });
    expect(look('{"type":"identify","userId":"ann"}')).toEqual({
      type: 'identify',
      name: null,
      profile: false,
      pair: 0,
    });
  });

  it('tells pairs of ids apart, and sees none where one is named', () => {
    const pairs = [
      '"userId":"u","anonymousId":"d"',
      '"anonymousId":"d","userId":"u"',
      '"userId":"d","anonymousId":"u"',
    ];
    const [one, same, other] = pairs.map((ids) => look(`{"type":"page",${ids}}`)!.pair) as [number, number, number];
    expect(one).toBeGreaterThan(0);
    expect(same).toBe(one);
    expect(other).not.toBe(one);
    for (const ids of [
      '"userId":"u"',
      '"anonymousId":"u"',
      '"userId":"u","anonymousId":null',
      '"userId":"u","anonymousId":"u"',
    ])
      expect(look(`{"type":"page",${ids}}`)!.pair).toBe(0);
  });

  it('says when the profile may change', () => {
    for (const context of ['{"traits":{}}', '{"consent":{"categoryPreferences":{}}}', '{"device":{"token":"t"}}']) {
      expect(look(`{"type":"track","event":"A","userId":"u","context":${context}}`)?.profile).toBe(true);
    }
    expect(look('{"type":"track","event":"A","userId":"u","context":{"device":{"model":"x"}}}')?.profile).toBe(false);
  });

  it.each([
    '',
    ' ',
    '[]',
    '"track"',
    '{',
    '{"type":"track"}',
    '{"type":"track","event":"A"}',
    '{"type":"track","event":"A","userId":""}',
    '{"type":"track","event":"A","userId":7}',
    '{"type":"track","userId":"u"}',
    '{"type":"track","event":null,"userId":"u"}',
    '{"type":"tr\\u0061ck","event":"A","userId":"u"}',
    '{"type":"track","event":"A\\n","userId":"u"}',
    '{"type":"track","event":"A","userId":"u","\\u0074ype":"page"}',
    '{"type":"other","userId":"u"}',
    '{"type":"track","event":"A","userId":"u"} x',
    '{"type":"track","event":"A","userId":"u",}',
    '{"type":"track","event":"A","userId":"u","n":01}',
    '{"type":"track","event":"A","userId":"u","n":.5}',
    '{"type":"track","event":"A","userId":"u","n":1e}',
    '{"type":"track","event":"A","userId":"u","n":tru}',
    '{"type":"track","event":"A","userId":"u","n":"\t"}',
    '{"type":"track","event":"A","userId":"u","n":"\\x"}',
    '{"type":"track","event":"A","userId":"u","context":7}',
    '\ufeff{"type":"page","userId":"u"}',
    `{"type":"track","event":"A","userId":"u","n":${'['.repeat(100)}${']'.repeat(100)}}`,
  ])('leaves %s to the parser', (text) => {
    expect(look(text)).toBeNull();
  });

  it('agrees with JSON.parse on what looks like an event', () => {
    fc.assert(
      fc.property(eventText, (text) => expectAgreement(encoder.encode(text))),
      { numRuns: 1500 },
    );
  });

  it('agrees with JSON.parse on events with a byte changed, cut off or put in', () => {
    const change = fc.record({ at: fc.nat(400), byte: fc.nat(255), how: fc.constantFrom('set', 'cut', 'insert') });
    fc.assert(
      fc.property(eventText, change, (text, { at, byte, how }) => {
        const bytes = encoder.encode(text);
        const place = at % bytes.length;
        if (how === 'set') bytes[place] = byte;
        const rest =
          how === 'insert' ? [byte, ...bytes.subarray(place)] : [...bytes.subarray(how === 'cut' ? place + 1 : place)];
        expectAgreement(Uint8Array.from([...bytes.subarray(0, place), ...rest]));
      }),
      { numRuns: 1500 },
    );
  });

  it('agrees with JSON.parse on any bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), expectAgreement), { numRuns: 1500 });
  });

  it('sees most ordinary events, so that they need no parser', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (properties) => {
        const text = JSON.stringify({
          type: 'track',
          event: 'Größe ✓',
          anonymousId: 'a',
          timestamp: '2026-03-02T09:00:00Z',
          properties: [properties],
        });
        expect(look(text)).toEqual({ type: 'track', name: 'Größe ✓', profile: false, pair: 0 });
      }),
    );
  });
});
