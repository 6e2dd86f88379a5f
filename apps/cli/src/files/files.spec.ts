import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { matchesGlob } from './matches-glob.js';
import { openLines } from './read-lines.js';

describe('reading lines', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kairos-lines-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  const write = (name: string, content: string | Uint8Array) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const read = async (path: string) => {
    const numbered: [number, string][] = [];
    for await (const { lines, firstNumber } of (await openLines(path)).blocks())
      lines.forEach((line, index) => numbered.push([firstNumber + index, line]));
    return numbered;
  };

  it('numbers them from 1, the last one without a line end too', async () => {
    expect(await read(write('a', 'one\ntwo\n\nfour'))).toEqual([
      [1, 'one'],
      [2, 'two'],
      [3, ''],
      [4, 'four'],
    ]);
    expect(await read(write('b', ''))).toEqual([]);
  });

  it('puts together what lies across blocks, letters of several bytes too', async () => {
    const lines = Array.from({ length: 20_000 }, (_, index) => `ä${'€'.repeat(index % 7)}${index}`);
    expect((await read(write('c', lines.join('\n')))).map(([, line]) => line)).toEqual(lines);
  });

  it('unpacks gzip whatever the file is called', async () => {
    expect(await read(write('d.ndjson', gzipSync('one\ntwo')))).toEqual([
      [1, 'one'],
      [2, 'two'],
    ]);
  });

  it.each([
    ['is not there', () => join(folder, 'nothing'), /there is no file/],
    ['is a folder', () => folder, /is a folder/],
    ['is called .gz and is none', () => write('e.gz', 'one'), /is not gzipped/],
    ['was cut off', () => write('f.gz', gzipSync('one two three four five six').subarray(0, 20)), /cut off/],
    [
      'is damaged',
      () => write('g.gz', Buffer.concat([gzipSync('one').subarray(0, 10), Buffer.from('rubbish and more of it')])),
      /damaged/,
    ],
  ])('says so when the file %s', async (_, path, message) => {
    await expect(read(path())).rejects.toThrow(message);
  });
});

describe('a pattern of files', () => {
  it.each([
    ['rules/a.test.yaml', 'rules/a.test.yaml', true],
    ['rules/a.test.yaml', './rules/*.test.yaml', true],
    ['rules/a.test.yaml', '*.test.yaml', false],
    ['rules/a.test.yaml', '**/*.yaml', true],
    ['rules/a.test.yaml', 'rules/?.test.{yml,yaml}', true],
    ['rules/axtest.yaml', 'rules/a.test.yaml', false],
    ['rules/[a].test.yaml', 'rules/[a].test.yaml', true],
    ['rules/a+b.test.yaml', 'rules/a+*.yaml', true],
  ])('%s matches %s: %s', (path, pattern, expected) => {
    expect(matchesGlob(path, pattern)).toBe(expected);
  });
});
