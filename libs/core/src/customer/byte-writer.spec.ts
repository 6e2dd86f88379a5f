import { ByteReader } from './byte-reader.js';
import { ByteWriter } from './byte-writer.js';

const taken = (writer: ByteWriter, texts: readonly string[]): Uint8Array => {
  writer.reset();
  for (const text of texts) writer.text(text);
  return writer.take();
};
const textsOf = (bytes: Uint8Array): string[] => {
  const reader = new ByteReader(bytes);
  const texts: string[] = [];
  while (!reader.done) texts.push(reader.text());
  return texts;
};

it('what was taken stays as it is, whatever is written behind it', () => {
  const writer = new ByteWriter();
  const written = Array.from({ length: 3_000 }, (_, k) => [`customer ${k}`, 'x'.repeat(k % 300), `größer als ${k}`]);
  const all = written.map((texts) => taken(writer, texts));
  expect(all.map(textsOf)).toEqual(written);
});

it.each([60_000, 70_000, 400_000])('texts of %d bytes lie beside short ones', (length) => {
  const writer = new ByteWriter();
  const written = [['short'], ['before', 'é'.repeat(length / 2), 'z'.repeat(length), 'behind'], ['short again']];
  const all = written.map((texts) => taken(writer, texts));
  expect(all.map(textsOf)).toEqual(written);
});

it('what was written and never taken leaves nothing behind', () => {
  const writer = new ByteWriter();
  taken(writer, ['first']);
  writer.reset();
  writer.text('lost');
  expect(textsOf(taken(writer, ['second']))).toEqual(['second']);
});
