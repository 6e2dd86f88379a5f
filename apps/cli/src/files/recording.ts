import type { LineProblems } from './line-problems.js';
import { openLines } from './read-lines.js';
import { takeBlock, type LineTaker } from './take-lines.js';

/** A file of events, whatever its form: read once, from its first line to its last. */
export interface Recording {
  /** For people: the path as it was given, `standard input`. */
  readonly name: string;
  /** Bytes on the disk; null where nobody knows. */
  readonly size: number | null;
  /**
   * Gives every line to the taker; those that cannot be read are problems.
   * @param afterBlock called now and then with the bytes of the file read so far; false ends the reading
   */
  read(taker: LineTaker, problems: LineProblems, afterBlock: (bytesRead: number) => Promise<boolean>): Promise<void>;
}

/** NDJSON, gzipped or not; `-` is standard input. Throws CommandError. */
export async function openNdjson(path: string): Promise<Recording> {
  const { name, size, blocks } = await openLines(path);
  return {
    name,
    size,
    read: async (taker, problems, afterBlock) => {
      for await (const block of blocks()) {
        takeBlock(block, taker, problems);
        if (!(await afterBlock(block.bytesRead))) return;
      }
    },
  };
}
