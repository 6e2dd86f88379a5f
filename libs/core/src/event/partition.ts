/**
 * Kafka's default partitioning, `toPositive(murmur2(key)) mod N`, as org.apache.kafka.common.utils.Utils and
 * kafkajs' default partitioner do it: so that every producer that keeps to the default agrees on a customer's home.
 */
const encoder = new TextEncoder();

export function partitionFor(key: string | Uint8Array, partitions: number): number {
  return (murmur2(typeof key === 'string' ? encoder.encode(key) : key) & 0x7fffffff) % partitions;
}

/** 32-bit MurmurHash2 with Kafka's seed, as a signed integer. */
export function murmur2(bytes: Uint8Array): number {
  const m = 0x5bd1e995;
  const length = bytes.length;
  let hash = 0x9747b28c ^ length;
  const whole = length & ~3;
  for (let i = 0; i < whole; i += 4) {
    let k = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    k = Math.imul(k, m);
    k = Math.imul(k ^ (k >>> 24), m);
    hash = Math.imul(hash, m) ^ k;
  }
  const left = length & 3;
  if (left === 3) hash ^= bytes[whole + 2]! << 16;
  if (left >= 2) hash ^= bytes[whole + 1]! << 8;
  if (left >= 1) hash = Math.imul(hash ^ bytes[whole]!, m);
  hash = Math.imul(hash ^ (hash >>> 13), m);
  return hash ^ (hash >>> 15);
}
