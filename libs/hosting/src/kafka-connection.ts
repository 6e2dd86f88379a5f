import type { KafkaConfig } from '#config';
import type { KafkaConnection } from '#streams';

export function kafkaConnection({ brokers, ssl, sasl }: KafkaConfig): KafkaConnection {
  return sasl === null ? { brokers, ssl } : { brokers, ssl, sasl };
}
