import { resolve } from 'node:path';
import { ConfigError } from './config-error.js';
import { EnvironmentReader, type Address } from './environment-reader.js';

export interface KafkaConfig {
  readonly brokers: readonly string[];
  readonly ssl: boolean;
  readonly sasl: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    readonly username: string;
    readonly password: string;
  } | null;
}

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';

/** The environment, read once (interfaces.md, Environment); nothing else looks at `process.env`. Frozen. */
export interface Config {
  /** Folder with kairos.yaml, absolute. */
  readonly workspace: string;
  /** Embedded PostgreSQL, outbox, generated secrets; absolute. */
  readonly data: string;
  /** null: the embedded PostgreSQL under `data`. */
  readonly databaseUrl: string | null;
  /** Only read when the stream is created. */
  readonly partitions: number;
  /** null: the embedded event log. */
  readonly kafka: KafkaConfig | null;
  readonly http: Address;
  readonly ops: Address;
  /** Base of links in messages, without a slash at its end. */
  readonly publicUrl: string;
  /** null: generated once and kept in `data`. */
  readonly writeKey: string | null;
  readonly secret: string | null;
  readonly smtpUrl: string | null;
  /** Days for which events are kept in the history; 0: none is written. */
  readonly historyDays: number;
  /** Days for which messages, what became of them, and what lies in inboxes are kept. */
  readonly messageDays: number;
  /** Days for which is kept what runs did. */
  readonly traceDays: number;
  readonly log: { readonly level: LogLevel; readonly format: 'pretty' | 'json' };
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/**
 * @param env the process' environment
 * @param defaults what interfaces.md leaves to the place: the folder relative paths are meant from, and the workspace
 * @throws ConfigError naming every variable that cannot be used
 */
export function readConfig(
  env: { readonly [name: string]: string | undefined },
  defaults: { readonly directory: string; readonly workspace: string; readonly terminal: boolean },
): Config {
  const reader = new EnvironmentReader(env);
  const http = reader.address('KAIROS_HTTP', '127.0.0.1:8080');
  const ops = reader.address('KAIROS_OPS', '127.0.0.1:8081');
  if (http.port === ops.port && http.port !== 0 && http.host === ops.host) {
    reader.problem(`KAIROS_HTTP and KAIROS_OPS are both ${http.host}:${http.port}; give one of them another port`);
  }
  const config: Config = {
    workspace: resolve(defaults.directory, env['KAIROS_WORKSPACE'] || defaults.workspace),
    data: resolve(defaults.directory, env['KAIROS_DATA'] || '.kairos'),
    databaseUrl: reader.url(
      'DATABASE_URL',
      ['postgres:', 'postgresql:'],
      'postgresql://user:password@host:5432/kairos',
    ),
    partitions: reader.integer('KAIROS_PARTITIONS', 24, 1, 1024),
    kafka: readKafka(reader),
    http,
    ops,
    publicUrl: (
      reader.url('KAIROS_PUBLIC_URL', ['http:', 'https:'], 'https://mail.shop.example') ??
      `http://${http.host.includes(':') ? `[${http.host}]` : http.host}:${http.port}`
    ).replace(/\/+$/, ''),
    writeKey: reader.secret('KAIROS_WRITE_KEY', 16),
    secret: reader.secret('KAIROS_SECRET', 32),
    smtpUrl: reader.url('SMTP_URL', ['smtp:', 'smtps:'], 'smtp://user:password@host:587'),
    historyDays: reader.integer('KAIROS_HISTORY_DAYS', 90, 0, 3_650),
    // Which channel she answers on is measured over 90 days.
    messageDays: reader.integer('KAIROS_MESSAGE_DAYS', 400, 91, 3_650),
    traceDays: reader.integer('KAIROS_TRACE_DAYS', 90, 1, 3_650),
    log: {
      level: reader.oneOf('KAIROS_LOG', LOG_LEVELS, 'info'),
      format: reader.oneOf('KAIROS_LOG_FORMAT', ['pretty', 'json'] as const, defaults.terminal ? 'pretty' : 'json'),
    },
  };
  if (reader.problems.length > 0) throw new ConfigError(reader.problems);
  return Object.freeze(config);
}

function readKafka(reader: EnvironmentReader): KafkaConfig | null {
  const brokers = reader.addresses('KAFKA_BROKERS');
  const ssl = reader.truth('KAFKA_SSL', false);
  const mechanism = reader.oneOf('KAFKA_SASL_MECHANISM', ['plain', 'scram-sha-256', 'scram-sha-512'] as const, 'plain');
  const username = reader.text('KAFKA_SASL_USERNAME');
  const password = reader.text('KAFKA_SASL_PASSWORD');
  if ((username === null) !== (password === null))
    reader.problem('KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD belong together; set both or none');
  if (brokers === null) return null;
  return { brokers, ssl, sasl: username !== null && password !== null ? { mechanism, username, password } : null };
}
