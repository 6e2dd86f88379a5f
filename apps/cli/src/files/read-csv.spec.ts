import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { readMapping } from '#core';
import { LineProblems } from './line-problems.js';
import { openCsv } from './read-csv.js';

const MAPPING = 'event: E\ncolumns:\n  who: userId\n  when: timestamp\n  note: properties.note\n';
const HEAD = 'who,when,note\n';

describe('a table of events', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kairos-csv-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  async function read(content: string | Uint8Array, name = 'a.csv') {
    const path = join(folder, name);
    writeFileSync(path, content);
    const { mapping } = readMapping({ path: 'm.yaml', bytes: new TextEncoder().encode(MAPPING) });
    const taken: [string, unknown][] = [];
    const problems = new LineProblems('a.csv');
    const taker = {
      passBy: () => false,
      line: (json: unknown, id: string) => {
        const { userId, properties } = json as { userId?: string; properties?: { note: string } };
        if (userId === undefined) return { field: 'userId', reason: 'is missing' };
        taken.push([id, `${userId} ${properties?.note ?? '-'}`]);
        return null;
      },
    };
    await (await openCsv(path, mapping!)).read(taker, problems, async () => true);
    return { taken, problems: problems.first.map(({ line, message }) => `${line} ${message}`) };
  }

  it('is read row by row, each with the line it begins on', async () => {
    const { taken, problems } = await read(
      `\ufeff${HEAD}ann,2026-03-02,"a ""b"", c"\r\n\nbob,2026-03-02,"two\nlines"\ncy,2026-03-02,\n`,
    );
    expect(taken).toEqual([
      ['line 2', 'ann a "b", c'],
      ['line 4', 'bob two\nlines'],
      ['line 6', 'cy -'],
    ]);
    expect(problems).toEqual([]);
  });

  it('leaves out rows that are not UTF-8, since two customers would become one', async () => {
    const { taken, problems } = await read(
      Buffer.from(`${HEAD}j\u00fcrgen,2026-03-02,x\nann,2026-03-02,y\nj\u00f6rgen,2026-03-02,"a\nb"\n`, 'latin1'),
    );
    expect(taken).toEqual([['line 3', 'ann y']]);
    const sentence = 'is not UTF-8; save the table as UTF-8 (in Excel: "CSV UTF-8")';
    expect(problems).toEqual([`2 ${sentence}`, `4 ${sentence}`]);
    await expect(read(Buffer.from('who,when,n\u00f6te\n', 'latin1'))).rejects.toThrow(`:1 ${sentence}`);
  });

  it('may be gzipped', async () => {
    expect((await read(gzipSync(`${HEAD}ann,2026-03-02,x`), 'a.csv.gz')).taken).toEqual([['line 2', 'ann x']]);
  });

  it('says where rows are wrong, in their order, and goes on behind them', async () => {
    const { taken, problems } = await read(
      `${HEAD}ann,2026-03-02,x,y\nbob,2026-03-02\n,2026-03-02,x\ncy,2026-03-02,ok\n`,
    );
    expect(taken).toEqual([['line 5', 'cy ok']]);
    expect(problems).toEqual([
      '2 has 4 cells, and the first row 3',
      '3 has 2 cells, and the first row 3',
      '4 column who: userId is missing',
    ]);
  });

  it('keeps quotes that are out of place, and loses no row by them', async () => {
    const { taken, problems } = await read(`${HEAD}ann,2026-03-02,5" nail\nbob,2026-03-02,"a"b\ncy,2026-03-02,ok\n`);
    expect(taken.map(([, row]) => row)).toEqual(['ann 5" nail', 'bob "a"b', 'cy ok']);
    expect(problems).toEqual([]);
  });

  it('says where a quote was never closed', async () => {
    const { taken, problems } = await read(`${HEAD}ann,2026-03-02,ok\nbob,2026-03-02,"x\ncy,2026-03-02,y\n`);
    expect(taken).toEqual([['line 2', 'ann ok']]);
    expect(problems).toEqual([expect.stringMatching(/^3 opens a quote that is never closed/)]);
  });

  it('is refused as a whole where a column of the mapping is missing, or there is no row at all', async () => {
    await expect(read('who,wen,note\nann,2026-03-02,x\n')).rejects.toThrow(
      /does not fit .*a\.csv:\n {2}m\.yaml:4:3 there is no column "when" \(did you mean "wen"\?\)/,
    );
    await expect(read('')).rejects.toThrow('is empty; the first row of a table names its columns');
  });
});
