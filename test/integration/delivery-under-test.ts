import { deliveryPolicy, readWorkspace, rulesetsOf, compileRuleset, type Channel, type PlannedMessage } from '#core';
import {
  claimDecider,
  DeliveryWorker,
  type Clock,
  type ChannelProvider,
  type MessageLedger,
  type OutgoingMessage,
  type SendResult,
} from '#engine';
import { fixStreamLayout, PostgresMessageLedger, PostgresPartitionStore, PostgresPool } from '#postgres';
import { EMPTY } from './ledger-decisions.js';
import { plannedMessage } from './planned-message.js';

export const STREAM = 'kairos.events';
const PARTITIONS = 24;

/** What a provider took, at which instant of the clock port. */
export interface Taken {
  readonly id: string;
  readonly customer: string;
  readonly rule: string;
  readonly channel: Channel;
  readonly at: number;
}

export interface SetUp {
  readonly databaseUrl: string;
  /** Text of kairos.yaml. */
  readonly settings: string;
  /** Templates by name, each with its channels. */
  readonly templates: { readonly [name: string]: readonly Channel[] };
  readonly clock: Clock;
  /** What becomes of an attempt, after its permit; default accepted. */
  readonly answer?: (message: OutgoingMessage, channel: Channel) => SendResult | Promise<SendResult>;
}

/** Whose version 1 the messages of `plannedMessage` name. */
const RULE = `
rule: abandoned-cart
category: promotional
start: { event: Product Added }
steps: [ { send: hello } ]
`;
const ACCEPTED: SendResult = { kind: 'accepted', providerId: null, detail: null };

/**
 * Delivery as it runs live, over the real ledger, with providers that write down what they took. Customers have consented
 * and have an address everywhere, until they say otherwise.
 */
export class DeliveryUnderTest {
  readonly taken: Taken[] = [];
  readonly pool: PostgresPool;
  readonly ledger: PostgresMessageLedger;
  readonly store: PostgresPartitionStore;

  private constructor(
    private readonly use: SetUp,
    private readonly workspace: NonNullable<ReturnType<typeof readWorkspace>['workspace']>,
  ) {
    this.pool = new PostgresPool({ url: use.databaseUrl, applicationName: 'test', max: 12, log: () => undefined });
    this.ledger = new PostgresMessageLedger(this.pool, { stream: STREAM, clock: use.clock });
    this.store = new PostgresPartitionStore(this.pool, STREAM);
  }

  static async start(use: SetUp): Promise<DeliveryUnderTest> {
    const files = { 'kairos.yaml': use.settings, 'rules/abandoned-cart.yaml': RULE, ...templateFiles(use.templates) };
    const bytes = Object.entries(files).map(([path, text]) => ({ path, bytes: Buffer.from(text) }));
    const { workspace, diagnostics } = readWorkspace(bytes);
    if (workspace === null) throw new Error(JSON.stringify(diagnostics));
    const started = new DeliveryUnderTest(use, workspace);
    await fixStreamLayout(started.pool, STREAM, PARTITIONS);
    return started;
  }

  /** One more process at work; `ledger`: over another one than its own. */
  worker(number: number, ledger: MessageLedger = this.ledger): DeliveryWorker {
    const { clock } = this.use;
    const policy = deliveryPolicy(this.workspace, { assumeConsent: true });
    return new DeliveryWorker({
      ledger,
      decide: claimDecider({
        rulesets: rulesetsOf(compileRuleset(this.workspace, 1, {})),
        policy,
        spreadReleases: false,
        onDecision: () => undefined,
      }),
      prepare: ({ plan, channel }) => Promise.resolve(outgoing(plan, channel as Channel)),
      providers: new Map(this.workspace.settings.channels.map((channel) => [channel, this.provider(channel)])),
      callers: new Map(),
      outcomeEvent: () => null,
      resendCategories: [],
      clock,
      observer: {
        delivered: () => undefined,
        due: () => undefined,
        leftUnknown: () => undefined,
        closed: () => undefined,
      },
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      worker: number,
    });
  }

  /** As the engine plans them, in one commit. */
  async plan(
    ...messages: readonly { readonly customer: string; readonly changes?: Partial<PlannedMessage> }[]
  ): Promise<PlannedMessage[]> {
    const due = this.use.clock.now();
    const planned = messages.map(({ customer, changes = {} }) => plannedMessage(customer, { due, ...changes }));
    await this.commit({ planned });
    return planned.map(({ message }) => message);
  }

  async cancel(...messageIds: readonly string[]): Promise<void> {
    const at = this.use.clock.now();
    await this.commit({
      cancelled: messageIds.map((messageId) => ({ messageId, reason: 'run_stopped' as const, at })),
    });
  }

  stop(): Promise<void> {
    return this.pool.end();
  }

  /** One commit of partition 0, as its owner makes it. */
  async commit(what: object): Promise<void> {
    const from = await this.store.takeOver(0, 'test');
    await this.store.commit(0, { ...EMPTY, from, nextOffset: 0, logTime: 0, firedThrough: 0, ruleset: 0, ...what });
  }

  private provider(channel: Channel): ChannelProvider {
    const { answer = () => ACCEPTED, clock } = this.use;
    return {
      kind: 'test',
      concurrency: 8,
      answerWithinMs: 2_000,
      send: async (message, permit) => {
        if (!(await permit())) return { kind: 'not permitted' };
        const result = await answer(message, channel);
        const { id, customer, rule } = message;
        if (result.kind === 'accepted') this.taken.push({ id, customer, rule, channel, at: clock.now() });
        return result;
      },
      close: () => Promise.resolve(),
    };
  }
}

function outgoing(plan: PlannedMessage, channel: Channel): OutgoingMessage {
  const { id, customer, rule, template, category, plannedAt } = plan;
  return {
    id,
    channel,
    address: `${customer}@shop.test`,
    customer,
    rule,
    template,
    category,
    plannedAt,
    rendered: {} as OutgoingMessage['rendered'],
    unsubscribeUrl: null,
  } as OutgoingMessage;
}

const FILES: { readonly [channel: string]: readonly string[] } = {
  email: ['email.hbs', 'subject.hbs'],
  sms: ['sms.hbs'],
  push: ['push.hbs'],
  telegram: ['telegram.hbs'],
};

function templateFiles(templates: SetUp['templates']): { readonly [path: string]: string } {
  return Object.fromEntries(
    Object.entries(templates).flatMap(([name, channels]) =>
      channels.flatMap((channel) => FILES[channel]!.map((file) => [`templates/${name}/${file}`, 'Hello'] as const)),
    ),
  );
}
