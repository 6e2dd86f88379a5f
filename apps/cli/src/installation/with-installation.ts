import type { Config } from '#config';
import type { ContactView } from '#core';
import type { Log } from '#engine';
import { EVENTS_TOPIC, openBackbone, prepareInstallation, systemClock, type Backbone } from '#hosting';
import { createLog } from '#observability';
import {
  type KeptOfCustomer,
  type CustomerIds,
  pendingMigrations,
  PostgresContactBook,
  PostgresCustomerEraser,
  PostgresDeadLetterBook,
  PostgresEventHistory,
  PostgresMessageLedger,
  PostgresPartitionStore,
  PostgresPool,
  PostgresRulesetStore,
  readKept,
  readStreamLayout,
  visitStates,
} from '#postgres';
import type { DeadLetterBook, EventHistory, MessageLedger, PartitionStore, RulesetStore } from '#engine';
import { CommandError } from '../terminal/command-error.js';
import type { Terminal } from '../terminal/terminal.js';
import { openDatabase, type Database } from './open-database.js';

const NO_MESSAGE = '00000000-0000-0000-0000-000000000000';

/** Warnings of the adapters; what a command has to say it says itself. */
export function commandLog({ log: { level, format } }: Config): Log {
  return createLog({ level: level === 'info' ? 'warn' : level, format, service: 'kairos' });
}

/** Events, with the stream of the installation. Throws CommandError and what the adapters throw. */
export async function withBackbone<T>(
  terminal: Terminal,
  config: Config,
  use: (backbone: Backbone) => Promise<T>,
): Promise<T> {
  return withReadyDatabase(terminal, config, true, async ({ url }) => {
    const backbone = await openBackbone({
      config,
      databaseUrl: url,
      service: 'cli',
      clock: systemClock,
      log: commandLog(config),
    });
    try {
      return await use(backbone);
    } finally {
      await backbone.close();
    }
  });
}

export interface Tables {
  readonly ledger: MessageLedger;
  readonly deadLetters: DeadLetterBook;
  /** Consents and preferences of a customer (UUID text), or of whom her id turned out to be. */
  readonly viewContact: (customerId: string) => Promise<ContactView>;
  readonly rulesets: RulesetStore;
  readonly store: PartitionStore;
  /** null: none is kept (`KAIROS_HISTORY_DAYS=0`). */
  readonly history: EventHistory | null;
  /** Of the event stream; 0 where there is none yet. */
  readonly partitions: () => Promise<number>;
  /** Throws CommandError where there is no event stream yet. */
  readonly eraser: () => Promise<PostgresCustomerEraser>;
  readonly readKept: (ids: CustomerIds) => Promise<KeptOfCustomer>;
  /** Every customer's encoded state, one after the other. */
  readonly visitStates: (visit: (state: Uint8Array) => void) => Promise<void>;
}

/** The tables alone: no stream, no secrets. @param make see openDatabase */
export async function withTables<T>(
  terminal: Terminal,
  config: Config,
  make: boolean,
  use: (tables: Tables) => Promise<T>,
): Promise<T> {
  return withReadyDatabase(terminal, config, make, async ({ url }) => {
    const pool = new PostgresPool({
      url,
      applicationName: 'kairos-cli',
      max: 2,
      log: (line) => terminal.err.line(line),
    });
    const partitions = async (): Promise<number> => (await readStreamLayout(pool, EVENTS_TOPIC)) ?? 0;
    try {
      return await use({
        ledger: new PostgresMessageLedger(pool, { stream: EVENTS_TOPIC, clock: systemClock }),
        deadLetters: new PostgresDeadLetterBook(pool, systemClock),
        rulesets: new PostgresRulesetStore(pool, EVENTS_TOPIC),
        store: new PostgresPartitionStore(pool, EVENTS_TOPIC),
        history: config.historyDays === 0 ? null : new PostgresEventHistory(pool, EVENTS_TOPIC),
        partitions,
        viewContact: async (customerId) => {
          const use = { clock: systemClock, stream: EVENTS_TOPIC, partitions: await partitions() };
          // No message leads to it; an id that is none.
          return new PostgresContactBook(pool, use).view({ customerId, messageId: NO_MESSAGE });
        },
        eraser: async () => {
          const use = { clock: systemClock, stream: EVENTS_TOPIC, partitions: await partitions() };
          if (use.partitions === 0)
            throw new CommandError('there is no event stream yet; start Kairos first (kairos start)');
          return new PostgresCustomerEraser(pool, use);
        },
        readKept: (ids) => readKept(pool, ids),
        visitStates: (visit) => visitStates(pool, visit),
      });
    } finally {
      await pool.end();
    }
  });
}

/** A database of several processes is set up by `kairos migrate` alone; the embedded one is ours. */
async function withReadyDatabase<T>(
  terminal: Terminal,
  config: Config,
  make: boolean,
  use: (database: Database) => Promise<T>,
): Promise<T> {
  const database = await openDatabase(terminal, config, make);
  try {
    const pending = await pendingMigrations(database.url);
    if (pending.length > 0) {
      if (!database.embedded)
        throw new CommandError('the database is not set up for this version of Kairos; run: kairos migrate');
      await prepareInstallation(config, database.url, commandLog(config));
    }
    return await use(database);
  } finally {
    await database.close();
  }
}
