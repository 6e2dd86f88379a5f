import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { WorkspaceFile } from '#core';
import { freeAddress, WRITE_KEY } from '../installation.js';
import { KairosProcess } from '../kairos-process.js';
import type { Run } from './points.mjs';

const INTERCEPT = new URL('intercept.mjs', import.meta.url).pathname;

export interface WalkedOptions {
  readonly databaseUrl: string;
  readonly smtpUrl: string;
  readonly partitions: number;
  readonly files: readonly WorkspaceFile[];
  /** With commas; null: the embedded log. */
  readonly brokers: string | null;
}

/** All services in one process, one process at a time, which dies, fails or hangs where it is told to. */
export class WalkedKairos {
  private readonly processes: KairosProcess[] = [];
  private constructor(
    private readonly folder: string,
    private readonly env: { readonly [name: string]: string },
  ) {}

  static async prepare({ databaseUrl, smtpUrl, partitions, files, brokers }: WalkedOptions): Promise<WalkedKairos> {
    const folder = await mkdtemp(join(tmpdir(), 'kairos-chaos-'));
    for (const { path, bytes } of files) {
      await mkdir(dirname(join(folder, 'shop', path)), { recursive: true });
      await writeFile(join(folder, 'shop', path), bytes);
    }
    return new WalkedKairos(folder, {
      DATABASE_URL: databaseUrl,
      KAIROS_WORKSPACE: join(folder, 'shop'),
      KAIROS_DATA: join(folder, 'data'),
      KAIROS_PARTITIONS: String(partitions),
      KAIROS_HTTP: await freeAddress(),
      KAIROS_OPS: await freeAddress(),
      KAIROS_WRITE_KEY: WRITE_KEY,
      KAIROS_LOG_FORMAT: 'json',
      SMTP_URL: smtpUrl,
      KAIROS_CRASH_FILE: join(folder, 'armed.json'),
      NODE_OPTIONS: `--import=${INTERCEPT}`,
      ...(brokers === null ? {} : { KAFKA_BROKERS: brokers }),
    });
  }

  get url(): string {
    return `http://${this.env['KAIROS_HTTP']}`;
  }

  private get current(): KairosProcess {
    return this.processes.at(-1)!;
  }

  /** Resolves when it runs, however often it has to be started. */
  async start(): Promise<void> {
    await this.arm(null);
    while (!(await this.tryToStart()));
  }

  /**
   * Lets this happen, with `meanwhile` to bring it about, and sees to it that Kairos runs afterwards. Throws
   * WaitedInVainError where nobody came by the point.
   */
  async walk(run: Run, meanwhile: (reached: () => boolean) => Promise<void>): Promise<void> {
    const said = `crash point: ${run.point}, ${run.mode}`;
    const heard = this.lines(said);
    const reached = (): boolean => this.lines(said) > heard;
    try {
      if (run.point === 'publishing') await this.change();
      if (run.afterDeath) {
        await this.current.kill();
        await this.start();
      }
      await this.arm(run);
      if (run.atStart) {
        await this.current.kill();
        await this.tryToStart();
      } else process.kill(this.current.pid, 'SIGUSR2');
      await meanwhile(reached);
      if (run.mode.startsWith('dies')) await this.current.ended();
    } finally {
      await this.arm(null);
      if (this.current.running && !reached()) process.kill(this.current.pid, 'SIGUSR2');
      if (!this.current.running) await this.start();
    }
  }

  /** How often this was said by any process. */
  lines(line: string): number {
    return this.processes.reduce((sum, { lines }) => sum + lines.all.filter((one) => one === line).length, 0);
  }

  /** What was written without a point of its own. */
  get unlisted(): string[] {
    const said = this.processes.flatMap(({ lines }) => lines.all.filter((line) => line.startsWith('no crash point')));
    return [...new Set(said)];
  }

  get lastWords(): string {
    return this.processes
      .slice(-2)
      .map(({ tail }) => tail)
      .join('\n──\n');
  }

  /** In good order; its exit status. */
  stop(): Promise<number | null> {
    return this.current.stop();
  }

  async remove(): Promise<void> {
    await Promise.all(this.processes.map((process) => process.kill()));
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Something to publish: the same workspace is not published again. */
  private change(): Promise<void> {
    const file = join(this.env['KAIROS_WORKSPACE']!, 'templates/welcome/email.txt.hbs');
    return writeFile(file, `Welcome, for the ${this.processes.length}th time`);
  }

  private arm(run: Run | null): Promise<void> {
    return writeFile(this.env['KAIROS_CRASH_FILE']!, run === null ? '' : JSON.stringify(run));
  }

  /** False where it ended before it was ready: at a point that was reached, else this throws. */
  private async tryToStart(): Promise<boolean> {
    const process = KairosProcess.spawn('standalone', this.env);
    this.processes.push(process);
    return process.ready().then(
      () => true,
      (error: unknown) => {
        if (process.lines.all.some((line) => line.startsWith('crash point:'))) return false;
        throw error;
      },
    );
  }
}
