import type { DestinationStream } from 'pino';
import pc from 'picocolors';

const MARKS: { readonly [level: number]: string } = { 40: pc.yellow('!'), 50: pc.red('✗'), 60: pc.red('✗') };
const HIDDEN = new Set(['level', 'time', 'service', 'msg']);

/** For a person at a terminal: time, sentence, then what stands beside it. */
export function prettyLines(stream: NodeJS.WritableStream): DestinationStream {
  return {
    write(line: string) {
      const entry = JSON.parse(line) as { level: number; time: string; msg: string } & Record<string, unknown>;
      const fields = Object.entries(entry)
        .filter(([name]) => !HIDDEN.has(name))
        .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
      const mark = MARKS[entry.level] ?? pc.dim('·');
      stream.write(
        `${pc.dim(entry.time.slice(11, 19))} ${mark} ${entry.msg}${fields.length > 0 ? `  ${pc.dim(fields.join(' '))}` : ''}\n`,
      );
    },
  };
}
