import { setTimeout as pause } from 'node:timers/promises';
import { waitUntil } from '#testkit';
import type { Service } from '../installation.js';
import type { KairosOnKafka } from '../kairos-on-kafka.js';
import type { KairosProcess } from '../kairos-process.js';
import type { Network } from './network.js';
import type { OwnDatabase } from './own-database.js';

const SECOND = 1_000;
/** Of a member of the group of engines. */
const SESSION_MS = 30 * SECOND;
/** Of one delivery process to the mail server. */
const CONNECTIONS = 10;
const EACH = 2;
const SERVICES: readonly Service[] = ['collector', 'trigger-engine', 'trigger-engine', 'delivery', 'delivery'];

type Act = () => Promise<void>;

/** Everything that may happen to an installation but the loss of data, in an order that follows from the seed. */
export class Torture {
  /** What was done, and how often. */
  readonly done = new Map<string, number>();
  /** Mails whose outcome nobody may know: connections that were cut, or whose process was, while a permit was given. */
  unknownBound = 0;
  private readonly supervised: (() => Promise<void>)[] = [];
  private readonly asleep = new Set<KairosProcess>();

  constructor(
    private readonly kairos: KairosOnKafka,
    private readonly database: OwnDatabase,
    private readonly network: Network,
    private readonly random: () => number,
  ) {}

  /** Two engines, two deliveries, a collector. */
  begin(): Promise<unknown> {
    for (const service of SERVICES) this.supervised.push(this.kairos.installation.supervise(service));
    return Promise.all(SERVICES.map((service) => waitUntil(service, () => this.ready(service))));
  }

  /** Four things at once, each from one of these lists, until the time is over; then all is mended. */
  async run(lengthMs: number): Promise<void> {
    const end = performance.now() + lengthMs;
    const hands = [this.toProcesses(), this.toDatabase(), this.toBrokersAndMail(), this.toSleepers()];
    await Promise.all(hands.map((acts) => this.play(acts, end)));
    this.network.mend();
    await Promise.all(this.supervised.map((callOff) => callOff()));
  }

  private ready(service: Service): boolean {
    return this.kairos.installation.running(service).every(({ wasReady }) => wasReady);
  }

  private async play(acts: { readonly [what: string]: Act }, end: number): Promise<void> {
    const names = Object.keys(acts);
    while (performance.now() < end) {
      await pause(this.between(1, 6));
      const name = names[Math.floor(this.random() * names.length)]!;
      await acts[name]!();
      this.done.set(name, (this.done.get(name) ?? 0) + 1);
    }
  }

  private toProcesses(): { readonly [what: string]: Act } {
    return {
      'an engine is killed': () => this.end('trigger-engine', (engine) => engine.kill()),
      'an engine is stopped': () => this.end('trigger-engine', (engine) => engine.stop()),
      'a delivery is killed': () => {
        this.unknownBound += CONNECTIONS;
        return this.end('delivery', (delivery) => delivery.kill());
      },
      'the collector is killed': () => this.end('collector', (collector) => collector.kill()),
      'engines come and go': () => this.rebalanceStorm(),
    };
  }

  private toDatabase(): { readonly [what: string]: Act } {
    const { server } = this.database;
    const { database } = this.network;
    const cutting = (act: Act): Act => {
      return () => {
        // A permit whose answer was lost was given all the same.
        this.unknownBound += EACH * CONNECTIONS;
        return act();
      };
    };
    return {
      'the database is restarted in a hurry': cutting(() => server.restart('SIGQUIT')),
      'the database is killed': cutting(() => server.restart('SIGKILL')),
      'the database stands still': async () => {
        await server.pause();
        await pause(this.between(1, 12));
        await server.resume();
      },
      'connections to the database break': cutting(async () => {
        database.breakAll(() => this.random() < 0.5);
      }),
      'answers of the database are lost': cutting(async () => {
        database.pause('replies');
        await pause(this.between(0.1, 1));
        database.breakAll();
        database.resume();
      }),
      'there is no way to the database': cutting(async () => {
        database.cut();
        await pause(this.between(0.5, 8));
        database.mend();
      }),
    };
  }

  private toBrokersAndMail(): { readonly [what: string]: Act } {
    const { kafka, mail } = this.network;
    const { cluster } = this.kairos;
    const one = <T>(all: readonly T[]): T => all[Math.floor(this.random() * all.length)]!;
    const mailCut = (act: Act): Act => {
      return () => {
        this.unknownBound += EACH * CONNECTIONS;
        return act();
      };
    };
    return {
      'a broker is killed': async () => {
        const broker = one(cluster.running());
        await cluster.kill(broker);
        await cluster.restart(broker);
      },
      'a broker stands still': async () => {
        const broker = one(cluster.running());
        cluster.pause(broker);
        await pause(this.between(1, 12));
        cluster.resume(broker);
      },
      'connections to a broker break': async () => {
        one(kafka).breakAll(() => this.random() < 0.5);
      },
      'answers of a broker are lost': async () => {
        const way = one(kafka);
        way.pause('replies');
        await pause(this.between(0.1, 2));
        way.breakAll();
        way.resume();
      },
      'mails are cut before the dot or after it': mailCut(async () => {
        mail.pause('replies');
        await pause(this.between(0.1, 1));
        mail.breakAll();
        mail.resume();
      }),
      'there is no way to the mail server': mailCut(async () => {
        mail.cut();
        await pause(this.between(0.5, 5));
        mail.mend();
      }),
    };
  }

  private toSleepers(): { readonly [what: string]: Act } {
    return {
      'an engine sleeps longer than its session': () => this.sleep('trigger-engine', SESSION_MS + this.between(2, 10)),
      'an engine sleeps for a moment': () => this.sleep('trigger-engine', this.between(1, 8)),
      'a delivery sleeps': () => {
        this.unknownBound += CONNECTIONS;
        return this.sleep('delivery', this.between(1, 40));
      },
    };
  }

  /** Ends one that is awake; its supervisor starts another. */
  private async end(service: Service, how: (victim: KairosProcess) => Promise<unknown>): Promise<void> {
    const victim = this.oneAwake(service);
    if (victim !== undefined) await how(victim);
  }

  private async rebalanceStorm(): Promise<void> {
    const { installation } = this.kairos;
    const comers: Promise<unknown>[] = [];
    for (let k = 0; k < 3; k++) {
      const comer = installation.spawn('trigger-engine');
      await pause(this.between(0.2, 3));
      comers.push(this.random() < 0.5 ? comer.kill() : comer.stop());
    }
    await Promise.all(comers);
  }

  private async sleep(service: Service, ms: number): Promise<void> {
    const sleeper = this.oneAwake(service);
    if (sleeper === undefined) return;
    this.asleep.add(sleeper);
    sleeper.freeze();
    await pause(ms);
    sleeper.thaw();
    this.asleep.delete(sleeper);
  }

  private oneAwake(service: Service): KairosProcess | undefined {
    const awake = this.kairos.installation.running(service).filter((process) => !this.asleep.has(process));
    return awake[Math.floor(this.random() * awake.length)];
  }

  /** ms, from seconds. */
  private between(least: number, most: number): number {
    return SECOND * (least + (most - least) * this.random());
  }
}
