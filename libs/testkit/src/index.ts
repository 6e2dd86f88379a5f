export { Arrivals } from './arrivals.js';
export { HttpSink, type ReceivedRequest, type SinkAnswer } from './http-sink.js';
export { describeWhereKafkaCanRun, useKafka, type KafkaForTests } from './kafka.js';
export { useDatabase, type DatabaseForTests } from './postgres.js';
export { randomName } from './random-name.js';
export { SmtpSink, type ReceivedMail, type SmtpFault } from './smtp-sink.js';
export { TcpProxy } from './tcp-proxy.js';
export { waitUntil } from './wait-until.js';
export { WaitedInVainError } from './waited-in-vain-error.js';
