import type { ChannelProvider, OutgoingMessage } from '#engine';

let count = 0;

/** A message of its own id. */
export function outgoing(changes: Partial<OutgoingMessage> = {}): OutgoingMessage {
  count++;
  return {
    id: `00005150-0000-4000-8000-${count.toString(16).padStart(12, '0')}`,
    channel: 'email',
    address: 'ann@example.test',
    customer: 'ann',
    rule: 'abandoned-cart',
    template: 'cart-reminder',
    category: 'promotional',
    plannedAt: Date.parse('2026-03-02T09:00:00Z'),
    rendered: {
      subject: 'Dein Warenkorb wartet – 5 €',
      html: '<p>Grüße &amp; Küsse</p>',
      text: 'Grüße & Küsse',
      locale: 'de',
    },
    unsubscribeUrl: 'https://shop.test/u/token-1',
    feedbackToken: 'feedback-1',
    ...changes,
  };
}

export const yes = () => Promise.resolve(true);
export const no = () => Promise.resolve(false);

/** A provider and the other side of it, which can be told what to do. */
export interface ProviderHarness {
  readonly provider: ChannelProvider;
  /** Ids of what the other side took, in order. */
  accepted(): Promise<readonly string[]>;
  /** The other side cannot just now. */
  falter(): Promise<void> | void;
  recover(): Promise<void> | void;
  /** The other side takes what comes and does not answer any more; absent where there is no answer to lose. */
  loseAnswers?(): void;
  stop(): Promise<void>;
}

/** What every provider keeps (libs/engine, ChannelProvider). */
export function describeProviderContract(name: string, start: () => Promise<ProviderHarness>): void {
  describe(`${name} keeps the contract of providers`, () => {
    let harness: ProviderHarness;
    beforeEach(async () => {
      harness = await start();
    });
    afterEach(async () => {
      await harness.provider.close();
      await harness.stop();
    });
    const asked: string[] = [];
    beforeEach(() => void asked.splice(0));

    it('hands a message over once and says so', async () => {
      const message = outgoing();
      expect(await harness.provider.send(message, yes)).toMatchObject({ kind: 'accepted' });
      expect(await harness.accepted()).toEqual([message.id]);
    });

    it('asks for the permit once an attempt, before anything is accepted', async () => {
      const message = outgoing();
      const permit = async () => {
        asked.push(...(await harness.accepted()), 'asked');
        return true;
      };
      await harness.provider.send(message, permit);
      expect(asked).toEqual(['asked']);
      expect(await harness.accepted()).toEqual([message.id]);
    });

    it('has handed over nothing when the permit is refused, and goes on', async () => {
      expect(await harness.provider.send(outgoing(), no)).toEqual({ kind: 'not permitted' });
      const next = outgoing();
      await harness.provider.send(next, yes);
      expect(await harness.accepted()).toEqual([next.id]);
    });

    it('has handed over nothing when nobody knows whether the permit was given, and says why', async () => {
      const lost = new Error('the database is gone');
      await expect(harness.provider.send(outgoing(), () => Promise.reject(lost))).rejects.toBe(lost);
      const next = outgoing();
      await harness.provider.send(next, yes);
      expect(await harness.accepted()).toEqual([next.id]);
    });

    it('calls it temporary while the other side cannot, and works again afterwards', async () => {
      await harness.falter();
      const message = outgoing();
      expect(await harness.provider.send(message, yes)).toMatchObject({ kind: 'temporary' });
      expect(await harness.accepted()).toEqual([]);
      await harness.recover();
      expect(await harness.provider.send(message, yes)).toMatchObject({ kind: 'accepted' });
      expect(await harness.accepted()).toEqual([message.id]);
    });

    it('calls it unknown when the answer is lost', async () => {
      if (harness.loseAnswers === undefined) return expect(harness.provider.kind).toBe('file');
      harness.loseAnswers();
      const message = outgoing();
      expect(await harness.provider.send(message, yes)).toMatchObject({ kind: 'unknown' });
      expect(await harness.accepted()).toEqual([message.id]);
    });

    it('carries as many messages at a time as it says, each once', async () => {
      const messages = Array.from({ length: harness.provider.concurrency * 3 }, () => outgoing());
      const queue = [...messages];
      const worker = async () => {
        for (let next = queue.shift(); next; next = queue.shift()) await harness.provider.send(next, yes);
      };
      await Promise.all(Array.from({ length: harness.provider.concurrency }, worker));
      expect([...(await harness.accepted())].sort()).toEqual(messages.map(({ id }) => id).sort());
    });

    it('says nothing about the customer in what it reports', async () => {
      await harness.falter();
      const result = await harness.provider.send(
        outgoing({ address: 'secret.person@example.test', customer: 'secret' }),
        yes,
      );
      expect(JSON.stringify(result)).not.toContain('secret');
    });
  });
}
