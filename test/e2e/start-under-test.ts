import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Arrivals } from '#testkit';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const START_LIMIT_MS = 120_000;
const run = promisify(execFile);

/** Whoever may start it: `prefix` is a command that becomes another user and then the rest of its line. */
export interface Account {
  readonly prefix: readonly string[];
}

/** What `npm start` runs, in a process of its own with only this environment. */
export class StartUnderTest {
  private readonly lines = new Arrivals<string>('a line of output');
  private readonly exited: Promise<number | string | null>;
  private output = '';
  private errors = '';

  private constructor(private readonly child: ChildProcess) {
    createInterface({ input: child.stdout! }).on('line', (line) => {
      this.output += `${line}\n`;
      this.lines.add(line);
    });
    child.stderr!.on('data', (text) => (this.errors += String(text)));
    // `close`: all it had to say has arrived as well.
    this.exited = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string | null);
  }

  static spawn(env: { readonly [name: string]: string }, { prefix }: Account = { prefix: [] }): StartUnderTest {
    const { PATH, TMPDIR, KAIROS_TEST_RUN } = process.env;
    const inherited = Object.entries({ PATH, TMPDIR, KAIROS_TEST_RUN }).filter(([, value]) => value !== undefined);
    const [program, ...args] = [...prefix, process.execPath, 'scripts/start.mjs', 'apps/standalone/src/main.js'];
    const child = spawn(program, args, {
      cwd: ROOT,
      env: { ...Object.fromEntries(inherited), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new StartUnderTest(child);
  }

  /** Resolves when it has said all that it says to a newcomer. */
  async welcomed(): Promise<this> {
    const welcomed = this.lines.first((line) => line.startsWith('Ctrl-C'), START_LIMIT_MS);
    const ended = this.exited.then((status) =>
      Promise.reject(new Error(`it ended with ${status} instead:\n${this.output}${this.errors}`)),
    );
    for (const promise of [welcomed, ended]) promise.catch(() => undefined);
    await Promise.race([welcomed, ended]);
    return this;
  }

  get stdout(): string {
    return this.output;
  }

  get stderr(): string {
    return this.errors;
  }

  /** Exit status, or the signal it died of. */
  end(signal?: NodeJS.Signals): Promise<number | string | null> {
    if (signal !== undefined) this.child.kill(signal);
    return this.exited;
  }

  /** Does what a person does who copies the line into a shell, and perhaps puts another customer in; the collector's answer. */
  async pasteCurl(customer?: string): Promise<{ readonly status: number; readonly sent: string }> {
    const printed = /^curl [^]*?\}'$/m.exec(this.output)![0];
    const offered = /"userId":"(\w+)"/.exec(printed)![1]!;
    const pasted = customer === undefined ? printed : printed.replaceAll(offered, customer);
    // The shell takes the line apart, this test sends it: curl itself need not be there.
    const { stdout } = await run('sh', [
      '-c',
      `curl() { for word in "$@"; do printf '%s\\0' "$word"; done; }; ${pasted}`,
    ]);
    const [dashU, user, dashH, header, url, dashD, sent] = stdout.split('\0');
    expect([dashU, dashH, dashD]).toEqual(['-u', '-H', '-d']);
    const [name, value] = header!.split(': ');
    const authorization = `Basic ${Buffer.from(user!).toString('base64')}`;
    const response = await fetch(url!, { method: 'POST', headers: { authorization, [name!]: value! }, body: sent! });
    return { status: response.status, sent: sent! };
  }
}

/** Command lines of running processes that name `text`. */
export async function processesNaming(text: string): Promise<string[]> {
  const { stdout } = await run('ps', ['-eo', 'args=']);
  return stdout.split('\n').filter((line) => line.includes(text));
}

export async function freeAddress(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `127.0.0.1:${port}`;
}
