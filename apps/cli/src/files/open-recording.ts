import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { readMapping } from '#core';
import { CommandError } from '../terminal/command-error.js';
import type { Terminal } from '../terminal/terminal.js';
import { showDiagnostics } from '../rules/show-diagnostics.js';
import { openCsv } from './read-csv.js';
import { openNdjson, type Recording } from './recording.js';

/** By its name: `.csv`, gzipped or not. */
export function isTable(path: string): boolean {
  return /\.csv(\.gz)?$/i.test(path);
}

/**
 * A file of events: NDJSON, or with a mapping CSV. null after the problems of the mapping were shown. Throws CommandError.
 * @param path `-` is standard input
 */
export async function openRecording(
  terminal: Terminal,
  path: string,
  mapping: string | null,
): Promise<Recording | null> {
  if (mapping === null) {
    if (isTable(path))
      throw new CommandError(
        `${path} is a table: say with --mapping FILE which column is what (docs/reference/csv.md shows how)`,
      );
    return openNdjson(path);
  }
  if (/\.(nd)?jsonl?(\.gz)?$/i.test(path))
    throw new CommandError(`--mapping is for tables, and ${path} is NDJSON: leave it out`);
  const bytes = await readFile(resolve(terminal.directory, mapping)).catch((error: NodeJS.ErrnoException) => {
    throw new CommandError(
      error.code === 'ENOENT'
        ? `--mapping: there is no file ${mapping}`
        : `--mapping ${mapping} cannot be read (${error.code ?? error.message})`,
      { cause: error },
    );
  });
  const file = { path: mapping, bytes };
  const read = readMapping(file);
  showDiagnostics(terminal.err, read.diagnostics, [file]);
  return read.mapping === null ? null : openCsv(path, read.mapping);
}
