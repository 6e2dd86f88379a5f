import { describe, expect, it } from '@jest/globals';
import { ConfigError } from './config-error.js';
import { readConfig } from './config.js';

const DEFAULTS = { directory: '/srv', workspace: 'examples/shop', terminal: false };

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    readConfig(env, DEFAULTS);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('the environment', () => {
  it('needs nothing to be set', () => {
    const config = readConfig({}, DEFAULTS);
    expect(config).toMatchObject({
      workspace: '/srv/examples/shop',
      data: '/srv/.kairos',
      partitions: 24,
      kafka: null,
      databaseUrl: null,
    });
    expect(config.publicUrl).toBe('http://127.0.0.1:8080');
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('is reported with all its problems at once, each naming its variable', () => {
    const problems = problemsOf({
      KAIROS_HTTP: 'nowhere',
      KAIROS_PARTITIONS: '0',
      DATABASE_URL: 'mysql://x',
      KAFKA_BROKERS: 'a,b',
      KAIROS_LOG: 'loud',
    });
    expect(problems.map((problem) => problem.split(' ')[0])).toEqual([
      'KAIROS_HTTP',
      'DATABASE_URL',
      'KAIROS_PARTITIONS',
      'KAFKA_BROKERS',
      'KAIROS_LOG',
    ]);
  });

  it('never repeats a value, since it may be a secret', () => {
    expect(problemsOf({ DATABASE_URL: 'oracle://me:hunter2@db' }).join()).not.toContain('hunter2');
  });

  it('refuses one port for both listeners', () => {
    expect(problemsOf({ KAIROS_OPS: '127.0.0.1:8080' })).toEqual([expect.stringContaining('both 127.0.0.1:8080')]);
  });

  it('takes an empty variable as not set', () => {
    expect(readConfig({ KAFKA_BROKERS: '', SMTP_URL: ' ' }, DEFAULTS)).toMatchObject({ kafka: null, smtpUrl: null });
  });

  it('wants user and password of Kafka together', () => {
    expect(problemsOf({ KAFKA_BROKERS: 'k:9092', KAFKA_SASL_USERNAME: 'me' })).toEqual([
      expect.stringContaining('belong together'),
    ]);
  });
});
