import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import type { WriteStream } from 'node:tty';
import { environment } from '#config';

/** One of the process' outputs. Results go to standard output, everything else to standard error. */
export interface Output {
  readonly isTerminal: boolean;
  /** Never where the output is not a terminal, nor with NO_COLOR. */
  readonly color: boolean;
  /** Characters of a line. */
  readonly columns: number;
  write(text: string): void;
  line(text?: string): void;
  /** Resolves when everything has been handed on: after much output, before more. */
  drained(): Promise<void>;
}

/** What a command sees of the process it runs in. */
export interface Terminal {
  readonly out: Output;
  readonly err: Output;
  /** The working directory: relative paths are meant from here. */
  readonly directory: string;
  /** Asks the person at the terminal; absent: nobody is there. */
  readonly ask?: (question: string) => Promise<string>;
  readonly environment: { readonly [name: string]: string | undefined };
}

const COLUMNS_OF_A_FILE = 100;

export function processTerminal(): Terminal {
  const colors = (environment['NO_COLOR'] ?? '') === '';
  endQuietlyWithoutReader(process.stdout);
  return {
    out: output(process.stdout, colors),
    err: output(process.stderr, colors),
    directory: process.cwd(),
    environment,
    ...(process.stdin.isTTY && process.stderr.isTTY ? { ask } : {}),
  };
}

async function ask(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await lines.question(question);
  } finally {
    lines.close();
  }
}

function output(stream: WriteStream, colors: boolean): Output {
  const isTerminal = stream.isTTY === true;
  return {
    isTerminal,
    color: isTerminal && colors,
    columns: stream.columns ?? COLUMNS_OF_A_FILE,
    write: (text) => void stream.write(text),
    line: (text = '') => void stream.write(`${text}\n`),
    drained: async () => {
      if (stream.writableNeedDrain) await once(stream, 'drain');
    },
  };
}

/** `kairos … | head`: who closed the pipe has seen enough. */
function endQuietlyWithoutReader(stream: WriteStream): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
}
