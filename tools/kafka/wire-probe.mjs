import { connect } from 'node:net';

/** Kafka's own requests, the oldest versions that Kafka 4 still answers: enough to see that a broker is ready, without a client library. */
const METADATA = { key: 3, version: 1 };
const FIND_COORDINATOR = { key: 10, version: 0 };
const INIT_PRODUCER_ID = { key: 22, version: 0 };
const CLIENT = 'kairos-probe';

/**
 * Whether the broker at this port sees `brokers` live brokers and a controller, knows a group coordinator and hands out producer ids.
 * Open is not ready: for a moment after the port opens, the last two answer "not available". False on any failure, never throws.
 */
export async function isReady(port, brokers) {
  try {
    const seen = readMetadata(await ask(port, METADATA, int32(0)));
    if (seen.brokers < brokers || seen.controller < 0) return false;
    const coordinator = await ask(port, FIND_COORDINATOR, string('kairos-probe'));
    if (coordinator.readInt16BE(0) !== 0) return false;
    const producer = await ask(port, INIT_PRODUCER_ID, Buffer.concat([int16(-1), int32(1000)]));
    return producer.readInt16BE(4) === 0;
  } catch {
    return false;
  }
}

function readMetadata(body) {
  let at = 4;
  const brokers = body.readInt32BE(0);
  for (let i = 0; i < brokers; i += 1) {
    at += 4;
    at += 2 + body.readInt16BE(at);
    at += 4;
    at += 2 + Math.max(0, body.readInt16BE(at));
  }
  return { brokers, controller: body.readInt32BE(at) };
}

/** Sends one request on a connection of its own and returns the response without its length and correlation id. */
function ask(port, { key, version }, body) {
  const request = Buffer.concat([int16(key), int16(version), int32(1), string(CLIENT), body]);
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(Buffer.concat([int32(request.length), request])));
    let received = Buffer.alloc(0);
    const settle = (finish) => {
      socket.destroy();
      finish();
    };
    socket.setTimeout(2000, () => settle(() => reject(new Error('no answer'))));
    socket.on('error', (error) => settle(() => reject(error)));
    socket.on('close', () => reject(new Error('connection closed')));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length >= 4 && received.length >= 4 + received.readInt32BE(0))
        settle(() => resolve(received.subarray(8)));
    });
  });
}

function int16(value) {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function string(value) {
  return Buffer.concat([int16(Buffer.byteLength(value)), Buffer.from(value)]);
}
