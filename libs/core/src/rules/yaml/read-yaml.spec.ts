import { file } from '../fixtures/valid-workspace.js';
import { required, readFields } from '../reading/fields.js';
import { readMap } from '../reading/collections.js';
import { chooseOne } from '../language/choose-one.js';
import { text } from '../reading/scalars.js';
import { readYaml } from './read-yaml.js';

const SIZE = 250_000;
const fill = (part: string) => part.repeat(Math.floor(SIZE / part.length));
const keys = (count: number) => Array.from({ length: count }, (_, i) => `k${i}: 1`);

const read = (content: string) => readYaml(file('a.test.yaml', content), 'test');
const codes = (content: string) => {
  const yaml = read(content);
  return (yaml.root === null ? yaml.diagnostics : yaml.reading.diagnostics).map((d) => d.code);
};

describe('readYaml', () => {
  it('gives every part its value and its place', () => {
    const yaml = read(
      'a: 1\nb: [x, "2", true, null, 1e3, 0x1f]\nc: { d: |\n  t\n}\n'.replace('{ d: |\n  t\n}', '\n  d: |\n    t\n'),
    );
    expect(yaml.root).toMatchObject({
      kind: 'map',
      entries: [
        { key: 'a', keySpan: { start: 0, end: 1 }, value: { value: 1, quoted: false, span: { start: 3, end: 4 } } },
        {
          key: 'b',
          value: {
            kind: 'list',
            items: [
              { value: 'x' },
              { value: '2', quoted: true },
              { value: true },
              { value: null, empty: false },
              { value: 1_000 },
              { value: 31 },
            ],
          },
        },
        { key: 'c', value: { entries: [{ key: 'd', value: { value: 't\n', quoted: true } }] } },
      ],
    });
  });

  it('is YAML 1.2: yes and no are texts, 010 is ten, 10:00 and dates are texts, keys are as written', () => {
    expect(read('[yes, off, 010, 10:00, 2026-01-01]').root).toMatchObject({
      items: [{ value: 'yes' }, { value: 'off' }, { value: 10 }, { value: '10:00' }, { value: '2026-01-01' }],
    });
    expect(read('1: a\ntrue: b\n007: c').root).toMatchObject({
      entries: [{ key: '1' }, { key: 'true' }, { key: '007' }],
    });
  });

  it('allows what looks like an anchor, a tag or a tab inside a text', () => {
    expect(codes('a: |\n  &x *y !z << {[\nb: "*x\\t{"\nc: R&D * 2 !\nd: "a\tb"')).toEqual([]);
    expect(codes('---\na: 1\n...\n')).toEqual([]);
  });

  it.each([
    ['100 kB of brackets', '['.repeat(100_000), 'yaml/too-deep'],
    ['braces', fill('{a: '), 'yaml/too-deep'],
    ['dashes', fill('- '), 'yaml/too-deep'],
    [
      '600 levels of indentation',
      Array.from({ length: 600 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'),
      'yaml/too-deep',
    ],
    ['colons', fill('a: '), 'yaml/too-deep'],
    ['10 MB', 'x'.repeat(10_000_000), 'file/too-large'],
    ['20,000 keys', keys(20_000).join('\n'), 'yaml/too-many-entries'],
    ['20,000 keys in braces', `{${keys(20_000).join(', ')}}`, 'yaml/too-many-entries'],
    ['a list of 20,000', fill('- a\n'), 'yaml/too-many-entries'],
    ['line feeds', fill('\n'), 'yaml/too-many-tokens'],
    ['comments', fill('#\n'), 'yaml/too-many-tokens'],
    ['quotes', fill('"'), 'yaml/too-many-tokens'],
    ['documents', fill('---\n'), 'yaml/too-many-tokens'],
    ['tabs', fill('\t'), 'file/empty'],
    ['blanks and a tab', `${fill(' ')}\tx`, 'yaml/tab'],
    ['an alias bomb', 'a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]', 'yaml/alias'],
    ['an alias of itself', '&a [*a]', 'yaml/alias'],
    ['exclamation marks', fill('!'), 'yaml/tag'],
    ['an unclosed quote', `a: "${fill('x\n ')}`, 'yaml/unclosed'],
  ])('answers %s with a finding', (_name, content, code) => {
    expect(codes(content)[0]).toBe(code);
  });

  it('reads what is just within the limits', () => {
    expect(codes(`${'['.repeat(64)}${']'.repeat(64)}`)).toEqual([]);
    expect(codes(`${'['.repeat(65)}${']'.repeat(65)}`)).toEqual(['yaml/too-deep']);
    expect(codes(Array.from({ length: 64 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'))).toEqual([]);
    expect(codes(keys(1_000).join('\n'))).toEqual([]);
    expect(codes(keys(1_001).join('\n'))).toEqual(['yaml/too-many-entries']);
    expect(codes(`[${'1,'.repeat(999)}1]`)).toEqual([]);
    expect(codes(`a: ${'x'.repeat(262_141)}`)).toEqual([]);
    expect(codes(`a: ${'x'.repeat(262_142)}`)).toEqual(['file/too-large']);
  });

  it('counts the entries of each list, not those of lists in a row', () => {
    const list = (name: string) => `${name}:\n${'- a\n'.repeat(600)}`;
    expect(codes(`${list('x')}${list('y')}z:\n  - ${'- b\n    '.repeat(600)}`)).toEqual([]);
  });
});

describe('readers for other files', () => {
  const table = { name: required(text(), 'x') };
  const shape = (content: string) => {
    const yaml = read(content);
    if (yaml.root === null) throw new Error('not YAML');
    const map = readMap(yaml.root, yaml.reading, 'a test');
    if (map !== undefined && chooseOne(map, yaml.reading, { name: {}, title: {} }, 'a test', ['nome']) !== undefined)
      readFields(map, yaml.reading, table, 'a test');
    return yaml.reading.diagnostics.map((d) => `${d.line}:${d.column} ${d.code}`);
  };

  it('report shapes with the kind of the file in the code', () => {
    expect(shape('[1]')).toEqual(['1:1 test/wrong-type']);
    expect(shape('name: x\nnome: y')).toEqual(['2:1 test/unknown-field']);
    expect(shape('name: x\ntitle: y')).toEqual(['2:1 test/one-of']);
    expect(shape('title: y')).toEqual(['1:1 test/missing-field', '1:1 test/unknown-field']);
  });
});
