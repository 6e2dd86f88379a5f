import type { ChannelProvider, OutgoingMessage } from '#engine';

let count = 0;

/** A message of its own id. */
export function outgoing(changes: Partial<OutgoingMessage> = {}): OutgoingMessage {
  count++;
  const { address = 'ann@example.test' } = changes;
  return {
    id: `00005150-0000-4000-8000-${count.toString(16).padStart(12, '0')}`,
    channel: 'email',
    address,
    devices: [{ address, keys: null }],
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
  /** A message for this provider, its own channel and address; a mail where it does not matter. */
  outgoing?(): OutgoingMessage;
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
    const message = (): OutgoingMessage => harness.outgoing?.() ?? outgoing();
    const asked: string[] = [];
    beforeEach(() => void asked.splice(0));

    it('hands a message over once and says so', async () => {
      const sent = message();
      expect(await harness.provider.send(sent, yes)).toMatchObject({ kind: 'accepted' });
      expect(await harness.accepted()).toEqual([sent.id]);
    });

    it('asks for the permit once an attempt, before anything is accepted', async () => {
      const sent = message();
      const permit = async () => {
        asked.push(...(await harness.accepted()), 'asked');
        return true;
      };
      await harness.provider.send(sent, permit);
      expect(asked).toEqual(['asked']);
      expect(await harness.accepted()).toEqual([sent.id]);
    });

    it('has handed over nothing when the permit is refused, and goes on', async () => {
      expect(await harness.provider.send(message(), no)).toEqual({ kind: 'not permitted' });
      const next = message();
      await harness.provider.send(next, yes);
      expect(await harness.accepted()).toEqual([next.id]);
    });

    it('has handed over nothing when nobody knows whether the permit was given, and says why', async () => {
      const lost = new Error('the database is gone');
      await expect(harness.provider.send(message(), () => Promise.reject(lost))).rejects.toBe(lost);
      const next = message();
      await harness.provider.send(next, yes);
      expect(await harness.accepted()).toEqual([next.id]);
    });

    it('calls it temporary while the other side cannot, and works again afterwards', async () => {
      await harness.falter();
      const sent = message();
      expect(await harness.provider.send(sent, yes)).toMatchObject({ kind: 'temporary' });
      expect(await harness.accepted()).toEqual([]);
      await harness.recover();
      expect(await harness.provider.send(sent, yes)).toMatchObject({ kind: 'accepted' });
      expect(await harness.accepted()).toEqual([sent.id]);
    });

    it('calls it unknown when the answer is lost', async () => {
      if (harness.loseAnswers === undefined) return expect(['file', 'inbox']).toContain(harness.provider.kind);
      harness.loseAnswers();
      const sent = message();
      expect(await harness.provider.send(sent, yes)).toMatchObject({ kind: 'unknown' });
      expect(await harness.accepted()).toEqual([sent.id]);
    });

    it('carries as many messages at a time as it says, each once', async () => {
      const messages = Array.from({ length: harness.provider.concurrency * 3 }, () => message());
      const queue = [...messages];
      const worker = async () => {
        for (let next = queue.shift(); next; next = queue.shift()) await harness.provider.send(next, yes);
      };
      await Promise.all(Array.from({ length: harness.provider.concurrency }, worker));
      expect([...(await harness.accepted())].sort()).toEqual(messages.map(({ id }) => id).sort());
    });

    it('says nothing about the customer in what it reports', async () => {
      await harness.falter();
      const secret = { ...message(), customer: 'secret' };
      const result = await harness.provider.send(secret, yes);
      expect(JSON.stringify(result)).not.toMatch(/secret/);
      expect(JSON.stringify(result)).not.toContain(secret.address.replace(/^\+/, ''));
    });
  });
}
