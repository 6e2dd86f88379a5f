import {
  boolArray,
  byteaArray,
  int2Array,
  int4Array,
  int8Array,
  textArray,
  timestamptzArray,
  uuidArray,
} from '#postgres';
import { useDatabase } from '#testkit';

describe('binary arrays', () => {
  const database = useDatabase({ tables: false });

  /** What the server understood, element by element, in its own words. */
  const understood = async (type: string, parameter: Buffer): Promise<(string | null)[]> => {
    const rows = await database.query<{ said: string | null }>(`select e::text as said from unnest($1::${type}[]) e`, [
      parameter,
    ]);
    return rows.map((row) => row.said);
  };

  it.each<[string, Buffer, (string | null)[]]>([
    [
      'uuid',
      uuidArray(['00000000-0000-0000-0000-000000000000', null, 'FFEEDDCC-bbaa-9988-7766-554433221100']),
      ['00000000-0000-0000-0000-000000000000', null, 'ffeeddcc-bbaa-9988-7766-554433221100'],
    ],
    ['int2', int2Array([-32768, null, 32767]), ['-32768', null, '32767']],
    ['int4', int4Array([-2147483648, null, 2147483647]), ['-2147483648', null, '2147483647']],
    [
      'int8',
      int8Array([Number.MIN_SAFE_INTEGER, -1, null, 4294967296, Number.MAX_SAFE_INTEGER]),
      ['-9007199254740991', '-1', null, '4294967296', '9007199254740991'],
    ],
    ['bool', boolArray([true, null, false]), ['true', null, 'false']],
    ['text', textArray(['', 'Ünïcode 🛒', null, '{"quoted", \\ }']), ['', 'Ünïcode 🛒', null, '{"quoted", \\ }']],
    ['bytea', byteaArray([new Uint8Array([0, 255, 92]), null, new Uint8Array(0)]), ['\\x00ff5c', null, '\\x']],
  ])('of %s mean to the server what was meant, nulls included', async (type, parameter, expected) => {
    expect(await understood(type, parameter)).toEqual(expected);
  });

  it('of timestamptz keep the millisecond, before and after 2000', async () => {
    const instants = [Date.UTC(1971, 1, 3, 4, 5, 6, 789), Date.UTC(2026, 10, 22, 1, 2, 3, 4), 0];
    const rows = await database.query<{ at: Date }>('select e as at from unnest($1::timestamptz[]) e', [
      timestamptzArray(instants),
    ]);
    expect(rows.map((row) => row.at.getTime())).toEqual(instants);
  });

  it('may be empty', async () => {
    expect(await understood('uuid', uuidArray([]))).toEqual([]);
    expect(await understood('text', textArray([]))).toEqual([]);
  });

  it('carry a text with NUL, which PostgreSQL cannot hold, with a mark in its place', async () => {
    expect(await understood('text', textArray(['a\0b']))).toEqual(['a\ufffdb']);
  });

  it('refuse what is no UUID instead of sending something else', () => {
    expect(() => uuidArray(['not-a-uuid'])).toThrow(/not a UUID/);
    expect(() => uuidArray(['0000000-0000-0000-0000-0000000000000'])).toThrow(/not a UUID/);
  });
});
