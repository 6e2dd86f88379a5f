import type { SmtpSink } from '#testkit';
import type { InputEvent } from '../checker.mjs';
import { EVENTS_TOPIC } from '../kairos-on-kafka.js';
import { WRITE_KEY } from '../installation.js';
import { TrafficUnderWay } from '../send-traffic.js';
import { httpClient, kafkaProducer, type ShopClient } from '../shop-client.js';
import { scheduledIds, shopTraffic, type Visit } from '../traffic.js';
import type { Run } from './points.mjs';

const EVENTS = 30;
const PERSON = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0' };

/** Visitors of the shop who come whenever a point is to be reached, and read their mails. */
export class Customers {
  private readonly visits: Visit[] = [];
  private readonly traffics: TrafficUnderWay[] = [];
  private readonly optedOut = new Set<string>();
  private readonly opened = new Set<string>();

  private constructor(
    private readonly http: ShopClient,
    /** null: nobody but the collector writes to the log. */
    private readonly producer: ShopClient | null,
    private readonly sink: SmtpSink,
  ) {}

  static async open(
    url: string,
    kafka: { readonly brokers: string[]; readonly partitions: number } | null,
    sink: SmtpSink,
  ): Promise<Customers> {
    const producer = kafka === null ? null : await kafkaProducer(kafka.brokers, EVENTS_TOPIC, kafka.partitions);
    return new Customers(httpClient(url, WRITE_KEY), producer, sink);
  }

  /** Some more of them, who do what leads to this point. */
  come(run: Run): void {
    const wave = this.traffics.length;
    // Named after what they met: a violation says where to look.
    const name = `${run.point}-${run.mode}-${wave}-`.replaceAll(/[^a-z0-9-]/g, '');
    const visits = shopTraffic({ seed: wave, events: EVENTS, lengthMs: 0, name, devices: true, guests: 0.3 });
    const overHttp = visits.filter(({ by }) => by === 'http' || this.producer === null);
    const lanes = [{ client: this.http, visits: overHttp }];
    if (this.producer !== null)
      lanes.push({ client: this.producer, visits: visits.filter(({ by }) => by === 'kafka') });
    this.visits.push(...visits);
    this.traffics.push(new TrafficUnderWay(lanes));
    if (run.point === 'consent of a customer') this.optOut();
    if (run.point === 'feedback') this.openMail();
  }

  /** Resolves when all of them have said what they came for. */
  get done(): Promise<unknown> {
    return Promise.all(this.traffics.map((traffic) => traffic.done));
  }

  get sent(): { scheduled: string[]; input: InputEvent[]; optOuts: string[] } {
    return {
      scheduled: scheduledIds(this.visits),
      input: this.traffics.flatMap(({ input }) => input),
      optOuts: [...this.optedOut],
    };
  }

  async leave(): Promise<void> {
    await Promise.all([this.http.close(), this.producer?.close()]);
  }

  /** By the one click that the mail's header offers. */
  private optOut(): void {
    const mail = this.sink.mails.all.find(
      ({ to, header }) => header('list-unsubscribe') !== undefined && !this.optedOut.has(customerAt(to)),
    );
    if (mail === undefined) return;
    this.optedOut.add(customerAt(mail.to));
    const url = /<(https?:[^>]+)>/.exec(mail.header('list-unsubscribe')!)![1]!;
    const form = { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' } };
    // Whoever got no answer would click again; here others do.
    void fetch(url, { ...form, body: 'List-Unsubscribe=One-Click' }).catch(() => undefined);
  }

  private openMail(): void {
    const pictures = this.sink.mails.all.flatMap(
      ({ parsed }) => /src="(https?:[^"]+\/o\/[^"]+)"/.exec(parsed.html ?? '')?.[1] ?? [],
    );
    const picture = pictures.find((url) => !this.opened.has(url));
    if (picture === undefined) return;
    this.opened.add(picture);
    void fetch(picture, { headers: PERSON }).catch(() => undefined);
  }
}

function customerAt(to: readonly string[]): string {
  return to[0]!.split('@')[0]!;
}
