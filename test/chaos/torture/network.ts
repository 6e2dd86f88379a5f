import { TcpProxy } from '#testkit';

interface Places {
  readonly brokers: string;
  readonly databaseUrl: string;
  readonly smtpUrl: string;
}

/** Stands between the processes of an installation and its servers. */
export class Network {
  readonly kafka: TcpProxy[] = [];
  private made: { readonly database: TcpProxy; readonly mail: TcpProxy } | undefined;

  get database(): TcpProxy {
    return this.made!.database;
  }

  get mail(): TcpProxy {
    return this.made!.mail;
  }

  /** A way to the broker that listens at this port: where it begins. */
  async toBroker(port: number): Promise<number> {
    const proxy = await TcpProxy.to(`127.0.0.1:${port}`);
    this.kafka.push(proxy);
    return proxy.port;
  }

  /** The same places by way of it. */
  async between({ databaseUrl, smtpUrl }: Places): Promise<Places> {
    const [database, mail] = await Promise.all([TcpProxy.to(databaseUrl), TcpProxy.to(smtpUrl)]);
    this.made = { database, mail };
    return {
      brokers: this.kafka.map(({ port }) => `127.0.0.1:${port}`).join(','),
      databaseUrl: database.through(databaseUrl),
      smtpUrl: `smtp://127.0.0.1:${mail.port}`,
    };
  }

  /** All is well again. */
  mend(): void {
    for (const proxy of [...this.kafka, this.database, this.mail]) {
      proxy.resume();
      proxy.mend();
    }
  }

  async stop(): Promise<void> {
    const proxies = [...this.kafka, ...(this.made === undefined ? [] : [this.made.database, this.made.mail])];
    await Promise.all(proxies.map((proxy) => proxy.stop()));
  }
}
