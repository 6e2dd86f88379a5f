import type { ByteReader } from './byte-reader.js';
import type { ByteWriter } from './byte-writer.js';
import type { LatestMessage, Run } from './customer-state.js';
import { StoredEvent } from './stored-event.js';

/** What only runs of some rules have: most have none of it, and then a flag of the run says so. */
export type RunMemory = Pick<Run, 'latest' | 'named' | 'draws' | 'rounds' | 'hops' | 'customer'>;

export function hasMemory({ latest, named, draws, rounds, hops, customer }: RunMemory): boolean {
  if (customer !== null) return true;
  return latest.length > 0 || named !== null || draws.length > 0 || rounds.length > 0 || hops > 0;
}

/** A new one for each run: its lists are changed in place. */
export function noMemory(): RunMemory {
  return { latest: [], named: null, draws: [], rounds: [], hops: 0, customer: null };
}

export function writeMemory(writer: ByteWriter, { latest, named, draws, rounds, hops, customer }: RunMemory): void {
  writer.varint(latest.length);
  for (const { template, id, gone } of latest) {
    writer.text(template);
    writer.text(id);
    writer.byte(gone ? 1 : 0);
  }
  writer.varint(named === null ? 0 : named.size + 1);
  for (const [name, event] of named ?? []) {
    writer.text(name);
    event.write(writer);
  }
  writeNumbers(writer, draws);
  writeNumbers(writer, rounds);
  writer.varint(hops);
  writer.byte(customer === null ? 0 : 1);
  if (customer !== null) writer.text(customer);
}

export function readMemory(reader: ByteReader): RunMemory {
  const latest: LatestMessage[] = [];
  for (let left = reader.varint(); left > 0; left--)
    latest.push({ template: reader.text(), id: reader.text(), gone: reader.byte() !== 0 });
  const named = readNamed(reader);
  const draws = readNumbers(reader);
  const rounds = readNumbers(reader);
  const hops = reader.varint();
  const customer = reader.byte() !== 0 ? reader.text() : null;
  return { latest, named, draws, rounds, hops, customer };
}

/** 0: none; n: a map of n − 1. */
function readNamed(reader: ByteReader): Map<string, StoredEvent> | null {
  const size = reader.varint();
  if (size === 0) return null;
  const named = new Map<string, StoredEvent>();
  for (let left = size - 1; left > 0; left--) named.set(reader.text(), StoredEvent.read(reader));
  return named;
}

function writeNumbers(writer: ByteWriter, numbers: readonly number[]): void {
  writer.varint(numbers.length);
  for (const number of numbers) writer.varint(number);
}

function readNumbers(reader: ByteReader): number[] {
  const numbers: number[] = [];
  for (let left = reader.varint(); left > 0; left--) numbers.push(reader.varint());
  return numbers;
}
