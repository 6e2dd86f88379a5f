import type { LineBlock } from './line-block.js';
import { parseLine, type LineProblems } from './line-problems.js';

interface FieldProblem {
  readonly field: string;
  readonly reason: string;
}

/** What reads a recording line by line. */
export interface LineTaker {
  /** true: the line concerns nobody, and all is done. */
  passBy(bytes: Buffer, start: number, end: number): boolean;
  /** @param historical it was imported; default false */
  line(json: unknown, fallbackId: string, historical?: boolean): FieldProblem | null;
}

/** Most lines concern no rule: they are only glanced at. */
export function takeBlock(block: LineBlock, taker: LineTaker, problems: LineProblems): void {
  const take = (json: unknown, id: string): FieldProblem | null => taker.line(json, id);
  for (let index = 0; index < block.count; index++) {
    if (taker.passBy(block.bytes, block.start(index), block.end(index))) continue;
    takeLine(block, index, problems, take);
  }
}

/** Other encodings would give two customers one name: `jürgen` and `jörgen` of Latin-1. */
export function takeLine(
  block: LineBlock,
  index: number,
  problems: LineProblems,
  take: (json: unknown, fallbackId: string) => FieldProblem | null,
): void {
  const number = block.firstNumber + index;
  if (block.isUtf8(index)) takeText(block.text(index), number, problems, take);
  else problems.add(number, 'is not UTF-8; save the file as UTF-8');
}

/** One line as a text; blank ones are none. */
export function takeText(
  text: string,
  number: number,
  problems: LineProblems,
  take: (json: unknown, fallbackId: string) => FieldProblem | null,
): void {
  if (text.trim() === '') return;
  const parsed = parseLine(text);
  if ('problem' in parsed) return problems.add(number, parsed.problem);
  const problem = take(parsed.json, `line ${number}`);
  if (problem !== null)
    problems.add(number, problem.field === '' ? problem.reason : `${problem.field} ${problem.reason}`);
}
