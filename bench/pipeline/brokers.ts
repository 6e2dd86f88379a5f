import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as kafkaBroker from '../../tools/kafka/kafka-broker.mjs';

/** The cluster of KAFKA_BROKERS, or a broker of our own. */
export async function openBrokers(): Promise<{ readonly brokers: string; stop(): Promise<void> }> {
  const given = process.env['KAFKA_BROKERS'];
  if (given) return { brokers: given, stop: async () => undefined };
  // No part of the build: npm runs its scripts in the project's folder, where it lies.
  const path = pathToFileURL(resolve('tools/kafka/kafka-broker.mjs')).href;
  const { startKafka } = (await import(path)) as typeof kafkaBroker;
  return startKafka();
}
