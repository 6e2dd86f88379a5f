import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** What a sink took since it was asked last. */
export interface Taken {
  readonly copies: number;
  /** Different recipients (mails) or ids (calls). */
  readonly distinct: number;
}

/** A server in a process of its own, so that its work is nobody's. */
export class Sink {
  private constructor(
    private readonly child: ChildProcess,
    readonly port: number,
  ) {}

  static async start(program: 'smtp-sink.js' | 'http-sink.js'): Promise<Sink> {
    const child = fork(fileURLToPath(new URL(program, import.meta.url)));
    const [port] = (await once(child, 'message')) as [number];
    return new Sink(child, port);
  }

  async taken(): Promise<Taken> {
    this.child.send('taken');
    const [taken] = (await once(this.child, 'message')) as [Taken];
    return taken;
  }

  async stop(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.kill();
    await ended;
  }
}

/** The body of a sink's program: tells its port, then what `take` was called with, whenever it is asked. */
export function beSink(listen: (take: (id: string) => void) => Promise<number>): void {
  let copies = 0;
  const ids = new Set<string>();
  process.on('message', () => {
    process.send!({ copies, distinct: ids.size });
    copies = 0;
    ids.clear();
  });
  void listen((id) => {
    copies++;
    ids.add(id);
  }).then((port) => process.send!(port));
}
