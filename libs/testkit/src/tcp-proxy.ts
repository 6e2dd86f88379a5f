import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A connection through the proxy: what the client sends goes to the server and back. */
interface Link {
  readonly client: Socket;
  readonly server: Socket;
}

/** Stands between a program and its server, and takes the network away from them. */
export class TcpProxy {
  private readonly links = new Set<Link>();
  private isCut = false;
  private held: 'nothing' | 'replies' | 'everything' = 'nothing';
  private readonly listener: Server;

  private constructor(target: { host: string; port: number }) {
    // Half-closed connections stay so: the one side's end reaches the other as an end, not as a break.
    this.listener = createServer({ allowHalfOpen: true }, (client) => this.join(client, target));
  }

  /** How many connections go through it. */
  get connections(): number {
    return this.links.size;
  }

  /** `target` is `host:port` or a URL with both; `proxy.through(url)` is the same URL by way of the proxy. */
  static async to(target: string): Promise<TcpProxy> {
    const { hostname, port } = new URL(target.includes('://') ? target : `tcp://${target}`);
    const proxy = new TcpProxy({ host: hostname, port: Number(port) });
    proxy.listener.listen(0, '127.0.0.1');
    await once(proxy.listener, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.listener.address() as AddressInfo).port;
  }

  through(url: string): string {
    const changed = new URL(url);
    changed.hostname = '127.0.0.1';
    changed.port = String(this.port);
    return changed.href;
  }

  /** Breaks all connections, and every new one until `mend`. */
  cut(): void {
    this.isCut = true;
    this.breakAll();
  }

  mend(): void {
    this.isCut = false;
  }

  /** Breaks the connections there are, or those of them that are `chosen`; new ones are fine. */
  breakAll(chosen: () => boolean = () => true): void {
    for (const { client, server } of this.links) {
      if (!chosen()) continue;
      client.resetAndDestroy();
      server.resetAndDestroy();
    }
  }

  /**
   * Lets nothing through and breaks nothing, until `resume`. `replies`: what the client sends still arrives, its answer does not; with
   * `breakAll` afterwards that is a commit whose reply was lost.
   */
  pause(what: 'replies' | 'everything' = 'everything'): void {
    this.held = what;
    for (const link of this.links) this.regulate(link);
  }

  resume(): void {
    this.held = 'nothing';
    for (const link of this.links) this.regulate(link);
  }

  async stop(): Promise<void> {
    const closed = once(this.listener, 'close');
    this.listener.close();
    this.breakAll();
    await closed;
  }

  private join(client: Socket, target: { host: string; port: number }): void {
    if (this.isCut) {
      client.resetAndDestroy();
      return;
    }
    const link: Link = { client, server: connect({ ...target, allowHalfOpen: true }) };
    this.links.add(link);
    this.forward(link, client, link.server);
    this.forward(link, link.server, client);
    this.regulate(link);
  }

  private forward(link: Link, from: Socket, to: Socket): void {
    from.on('data', (chunk) => {
      if (!to.write(chunk)) from.pause();
    });
    to.on('drain', () => this.regulate(link));
    from.on('end', () => to.end());
    from.on('error', () => to.resetAndDestroy());
    from.on('close', () => {
      to.destroySoon();
      this.links.delete(link);
    });
  }

  private regulate({ client, server }: Link): void {
    if (this.held === 'everything') client.pause();
    else client.resume();
    if (this.held === 'nothing') server.resume();
    else server.pause();
  }
}
