import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Arrivals } from '#testkit';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const START_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 30_000;

const saysReady = (line: string): boolean => line.includes('"msg":"started"') || line === 'Kairos is running.';

/** A program of dist/apps in a process of its own. */
export class KairosProcess {
  /** Lines of both outputs; those of the log are JSON. */
  readonly lines = new Arrivals<string>('a line of output');
  /** Its exit status; null where a signal ended it. */
  readonly exited: Promise<number | null>;
  private expectedToEnd = false;
  /** Why it ended by itself; null while it runs or when it was told to. */
  endedAlone: string | null = null;

  private constructor(
    readonly app: string,
    private readonly child: ChildProcess,
  ) {
    for (const output of [child.stdout!, child.stderr!])
      createInterface({ input: output }).on('line', (line) => this.lines.add(line));
    this.exited = once(child, 'exit').then(([code, signal]) => {
      if (!this.expectedToEnd) this.endedAlone = `${app} ended by itself (${code ?? signal}):\n${this.tail}`;
      return code as number | null;
    });
  }

  /** Resolves when it says that it is ready. `env` is all of its environment but where programs are found. */
  static async start(app: string, env: { readonly [name: string]: string }): Promise<KairosProcess> {
    const process = KairosProcess.spawn(app, env);
    await process.ready();
    return process;
  }

  /** The same without waiting. */
  static spawn(app: string, env: { readonly [name: string]: string }): KairosProcess {
    const { PATH, HOME, TMPDIR, KAIROS_TEST_RUN } = process.env;
    const inherited = Object.entries({ PATH, HOME, TMPDIR, KAIROS_TEST_RUN }).filter(
      ([, value]) => value !== undefined,
    );
    const { KAIROS_CHAOS_BUG: bug } = process.env;
    const planted = bug === undefined ? [] : ['--import', './test/sim/plant.mjs'];
    const child = spawn(process.execPath, [...planted, `dist/apps/${app}/src/main.js`], {
      cwd: ROOT,
      env: { ...Object.fromEntries(inherited), ...env, ...(bug === undefined ? {} : { PLANTED_BUG: bug }) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new KairosProcess(app, child);
  }

  get pid(): number {
    return this.child.pid!;
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** It has said that it is ready, whatever became of it since. */
  get wasReady(): boolean {
    return this.lines.all.some(saysReady);
  }

  async ready(): Promise<void> {
    const started = this.lines.first(saysReady, START_LIMIT_MS);
    const ended = this.exited.then(() => Promise.reject(new Error(`${this.app} did not start:\n${this.tail}`)));
    ended.catch(() => undefined);
    started.catch(() => undefined);
    await Promise.race([started, ended]);
  }

  /** `kill -9`. Resolves when it is dead. */
  async kill(): Promise<void> {
    this.expectedToEnd = true;
    this.child.kill('SIGKILL');
    await this.exited;
  }

  /** It is to end by itself. Resolves when it has. */
  async ended(): Promise<void> {
    this.expectedToEnd = true;
    await this.exited;
  }

  /** Stands still in the middle of whatever it does, its connections open, until `thaw`. */
  freeze(): void {
    this.child.kill('SIGSTOP');
  }

  thaw(): void {
    this.child.kill('SIGCONT');
  }

  /** As a supervisor does it: SIGTERM. Returns the exit status; null where it had to be killed. */
  async stop(): Promise<number | null> {
    this.expectedToEnd = true;
    this.child.kill('SIGTERM');
    const impatience = setTimeout(() => this.child.kill('SIGKILL'), STOP_LIMIT_MS);
    const status = await this.exited;
    clearTimeout(impatience);
    return status;
  }

  get tail(): string {
    return this.lines.all.slice(-30).join('\n');
  }
}
