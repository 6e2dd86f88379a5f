import { RowReader } from './map-row.js';
import { readMapping } from './read-mapping.js';

const read = (text: string) => readMapping({ path: 'a.mapping.yaml', bytes: new TextEncoder().encode(text) });

const ORDERS = `
separator: ";"
decimal comma: true
time zone: Europe/Berlin
columns:
  Customer: userId
  Kind: { field: event, values: { cart: Product Added, order: Order Completed } }
  When: { field: timestamp, format: day.month.year }
  No: [messageId, properties.order_id]
  Total: { field: properties.total, type: number }
  Gift: { field: properties.gift, type: truth }
  Lines: { field: properties.products, type: json }
`;
const HEADER = ['Customer', 'Kind', 'When', 'No', 'Total', 'Gift', 'Lines', 'unused'];

function reader(text = ORDERS, header: readonly string[] = HEADER): RowReader {
  const { mapping, diagnostics } = read(text);
  if (mapping === null) throw new Error(JSON.stringify(diagnostics));
  return new RowReader(mapping, header);
}

describe('a mapping', () => {
  it('makes calls of rows, each cell as what its column is', () => {
    const row = ['ann', 'order', '2.3.2026 10:30', '17', '1.234,50', 'yes', '[{"product_id":"p1"}]', 'x'];
    expect(reader().read(row)).toEqual({
      ok: true,
      json: {
        type: 'track',
        userId: 'ann',
        event: 'Order Completed',
        timestamp: '2026-03-02T09:30:00.000Z',
        messageId: '17',
        properties: { order_id: '17', total: 1234.5, gift: true, products: [{ product_id: 'p1' }] },
      },
    });
  });

  it('leaves out what is empty', () => {
    const row = reader().read(['ann', 'order', '2.3.2026', '', ' ', '', '', '']);
    expect(row).toEqual({
      ok: true,
      json: { type: 'track', userId: 'ann', event: 'Order Completed', timestamp: '2026-03-01T23:00:00.000Z' },
    });
  });

  it.each([
    [
      ['ann', 'odrer', '2.3.2026', '', '', '', '', ''],
      'column Kind: "odrer" is not among the values of the mapping (did you mean "order"?)',
    ],
    [
      ['ann', 'order', '2026-03-02', '', '', '', '', ''],
      'column When: "2026-03-02" is no time; expected 2.3.2026 09:00',
    ],
    [['ann', 'order', '31.2.2026', '', '', '', '', ''], 'column When: "31.2.2026" is no time'],
    [['ann', 'order', '2.3.2026', '', '12,x', '', '', ''], 'column Total: "12,x" is not a number'],
    [['ann', 'order', '2.3.2026', '', '', 'perhaps', '', ''], 'column Gift: "perhaps" is neither true nor false'],
    [['ann', 'order', '2.3.2026', '', '', '', '[', ''], 'column Lines: "[" is not JSON'],
    [['ann', 'order'], 'has 2 cells, and the first row 8'],
  ])('says which cell of %j is wrong, and how', (cells, problem) => {
    expect(reader().read(cells)).toEqual({ ok: false, problem: expect.stringContaining(problem) as string });
  });

  it.each([
    ['iso', '2026-03-29 02:30', '2026-03-29T01:00:00.000Z'],
    ['iso', '2026-07-01T12:00:00+03:00', '2026-07-01T09:00:00.000Z'],
    ['month/day/year', '3/2/2026 9:05', '2026-03-02T08:05:00.000Z'],
    ['day/month/year', '3/2/2026 23:59:58', '2026-02-03T22:59:58.000Z'],
    ['unix seconds', '1772442000', '2026-03-02T09:00:00.000Z'],
    ['unix milliseconds', '1772442000123', '2026-03-02T09:00:00.123Z'],
  ])('reads times written as %s: %s', (format, text, instant) => {
    const mapping = `time zone: Europe/Berlin\nevent: E\ncolumns: { a: userId, b: { field: timestamp, format: ${format} } }`;
    expect(reader(mapping, ['a', 'b']).read(['ann', text])).toMatchObject({ ok: true, json: { timestamp: instant } });
  });

  it('understands a decimal point with commas between thousands, and says what to write for decimal commas', () => {
    const mapping = 'event: E\ncolumns: { a: userId, b: timestamp, c: { field: properties.n, type: number } }';
    const number = (text: string) => reader(mapping, ['a', 'b', 'c']).read(['ann', '2026-03-02', text]);
    expect(number('1,234.5')).toMatchObject({ json: { properties: { n: 1234.5 } } });
    expect(number('12,5')).toMatchObject({ problem: expect.stringContaining('`decimal comma: true`') as string });
  });

  it('names the columns that the table does not have, with their place in the mapping', () => {
    expect(reader(ORDERS, ['Customer ', 'Kinds', 'When', 'No', 'Total', 'Gift', 'Lines']).missing).toEqual([
      { line: 7, column: 3, message: 'there is no column "Kind" (did you mean "Kinds"?)' },
    ]);
  });

  it('takes * for all other values', () => {
    const mapping = 'columns: { a: userId, b: timestamp, c: { field: event, values: { x: X, "*": Other } } }';
    const row = reader(mapping, ['a', 'b', 'c']).read(['ann', '2026-03-02', 'unheard of']);
    expect(row).toMatchObject({ json: { event: 'Other' } });
  });

  it.each([
    ['columns: { a: userid, b: timestamp }\nevent: E', '1:15 value/not-allowed'],
    ['columns: { a: userId, b: properties.__proto__, c: timestamp }\nevent: E', '1:26 path/forbidden-name'],
    ['columns: { a: { field: userId, colour: red }, b: timestamp }\nevent: E', '1:32 mapping/unknown-field'],
    ['columns: { a: { type: text }, b: timestamp }\nevent: E', '1:17 mapping/missing-field'],
    ['columns: [a, b]\nevent: E', '1:10 mapping/wrong-type'],
    ['columns: { a: userId, b: timestamp }', '1:1 mapping/missing-field'],
    ['event: E', '1:1 mapping/missing-field'],
    ['event: E\ncolumns: { b: timestamp }', '1:1 mapping/missing-field'],
    ['event: E\ncolumns: { b: userId }', '1:1 mapping/missing-field'],
    ['event: E\ncolumns: { a: userId, b: userId, c: timestamp }', '1:1 value/repeated'],
    ['event: E\nseparator: ";;"\ncolumns: { a: userId, b: timestamp }', '2:12 value/not-allowed'],
    ['event: E\ncolumns: { a: userId, b: { field: timestamp, format: german } }', '2:54 value/not-allowed'],
    ['event: [', '1:8 yaml/unclosed'],
  ])('is told where it is wrong: %j', (text, found) => {
    const { mapping, diagnostics } = read(text);
    expect(mapping).toBeNull();
    expect(diagnostics.map(({ line, column, code }) => `${line}:${column} ${code}`)).toEqual([found]);
  });
});
