// Node does not see all of this CommonJS package's names.
import kafkajs, { type ISocketFactory, type Kafka, type KafkaConfig, type LogEntry, type SASLOptions } from 'kafkajs';
import type { ConnectionOptions } from 'node:tls';
import type { Log } from '#engine';

export interface KafkaConnection {
  /** `host:port` each. */
  readonly brokers: readonly string[];
  readonly ssl?: boolean | ConnectionOptions;
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    readonly username: string;
    readonly password: string;
  } | null;
  /** Names this process to the brokers. Default `kairos`. */
  readonly clientId?: string;
  /** Makes the connections to brokers, where they cannot be reached under the address they give. */
  readonly socketFactory?: ISocketFactory;
}

/** Gives up after about ten seconds; whoever called may come again. */
export const RETRY = { initialRetryTime: 100, multiplier: 2, factor: 0.2, maxRetryTime: 2_000, retries: 8 };

/** A kafkajs client whose log goes where ours goes. `onLog` sees every line of warnings and errors. */
export function kafkaClient(connection: KafkaConnection, log: Log, onLog?: (entry: LogEntry) => void): Kafka {
  const { brokers, ssl, sasl, clientId = 'kairos', socketFactory } = connection;
  const config: KafkaConfig = {
    clientId,
    brokers: [...brokers],
    connectionTimeout: 3_000,
    requestTimeout: 15_000,
    retry: RETRY,
    logLevel: kafkajs.logLevel.WARN,
    logCreator: () => (entry) => {
      onLog?.(entry);
      passOn(log, entry);
    },
  };
  if (ssl !== undefined) config.ssl = ssl;
  if (sasl) config.sasl = sasl as SASLOptions;
  if (socketFactory !== undefined) config.socketFactory = socketFactory;
  return new kafkajs.Kafka(config);
}

/** What kafkajs shouts about and Kairos expects and handles. */
const EXPECTED = [
  /rebalancing/i,
  /not aware of this member/i,
  /^Limiting retries/,
  /^Restarting the consumer/,
  /leader.*election|not.*leader/i,
];
/** Fields of kafkajs' entries that help; others may hold contents of records. */
const FIELDS = ['broker', 'error', 'topic', 'partition', 'groupId', 'retryCount'];

/** kafkajs' errors are retried or end up as errors of ours: a warning is enough for both of its levels. */
function passOn(log: Log, { namespace, log: entry }: LogEntry): void {
  const text = `${entry.message} ${String(entry['error'] ?? '')}`;
  if (EXPECTED.some((pattern) => pattern.test(text))) return;
  const fields: Record<string, unknown> = { namespace };
  for (const name of FIELDS)
    if (typeof entry[name] === 'string' || typeof entry[name] === 'number') fields[name] = entry[name];
  log.warn(`kafka: ${entry.message}`, fields);
}
