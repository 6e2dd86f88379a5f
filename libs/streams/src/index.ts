export { KafkaEventStream, type KafkaEventStreamOptions } from './kafka/kafka-event-stream.js';
export { type KafkaConnection } from './kafka/kafka-client.js';
export { ensureTopics, type TopicLayout } from './kafka/kafka-topics.js';
export {
  EmbeddedEventStream,
  ensureEmbeddedLog,
  type EmbeddedEventStreamOptions,
} from './embedded/embedded-event-stream.js';
