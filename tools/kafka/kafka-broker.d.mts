export interface KafkaOptions {
  /** One for most tests, three (replication 3, `min.insync.replicas` 2) for those about losing a broker. Default 1. */
  brokers?: 1 | 3;
  /** A folder to keep the data in. Default: a temporary folder that is removed at the end. */
  dataDir?: string;
  /** The first broker's port, the others follow it. Default: free ports. */
  port?: number;
  /** Says nothing about fetching Kafka. Default false. */
  quiet?: boolean;
  /**
   * Gives each broker a second address, behind something that stands in between: gets the port at which the broker will listen, returns
   * the one at which it is reached. Clients that begin there stay on such addresses.
   */
  detour?: (port: number) => Promise<number>;
}

export interface KafkaCluster {
  /** `127.0.0.1:port`, with commas between several: the value for KAFKA_BROKERS. */
  readonly brokers: string;
  /** Resolves when a broker ended that nobody killed or stopped, with its node id. */
  readonly lost: Promise<{ id: number; status: string | number | null }>;
  /** Which brokers run, counted from 0 (paused ones too). Broker `i` has Kafka's node id `i + 1`. */
  running(): number[];
  /** Ends everything; the data is gone too unless a folder was given. May be called more than once. */
  stop(): Promise<void>;
  /** `kill -9` of broker `i`, counted from 0. Resolves when it is dead. */
  kill(i: number): Promise<void>;
  /** Freezes broker `i`: its connections stay open and say nothing. */
  pause(i: number): void;
  resume(i: number): void;
  /** Starts broker `i` again after `kill`, on the same port and data. Resolves when all that run see each other (so none may be paused). */
  restart(i: number): Promise<void>;
}

/** Why no broker can be had: the message says what to do. */
export class KafkaSetupError extends Error {
  readonly code:
    | 'no_java'
    | 'old_java'
    | 'no_maven'
    | 'repository_unreachable'
    | 'maven_failed'
    | 'port_taken'
    | 'format_failed'
    | 'start_failed'
    | 'start_timeout';
  readonly retryable: boolean;
  readonly details: Record<string, unknown>;
}

/**
 * Starts Kafka on 127.0.0.1 and resolves when clients can produce and join groups. The brokers end with this process, however it ends.
 * Fetches Kafka by Maven the first time. Throws KafkaSetupError.
 */
export function startKafka(options?: KafkaOptions): Promise<KafkaCluster>;

/** Resolves when this machine has what startKafka needs, without starting anything. Throws KafkaSetupError. */
export function findKafka(): Promise<void>;
