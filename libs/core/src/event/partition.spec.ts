import fc from 'fast-check';
import { createRequire } from 'node:module';
import { customerIdOf } from './customer-id.js';
import { murmur2, partitionFor } from './partition.js';

const require = createRequire(import.meta.url);
const kafkajsMurmur2 = require('kafkajs/src/producer/partitioners/default/murmur2') as (key: Buffer) => number;

describe('the partition of a customer', () => {
  it("is that of Kafka's Java client", () => {
    // org.apache.kafka.common.utils.UtilsTest
    const cases: [string, number][] = [
      ['21', -973932308],
      ['foobar', -790332482],
      ['a-little-bit-long-string', -985981536],
      ['a-little-bit-longer-string', -1486304829],
      ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ];
    for (const [key, hash] of cases) expect(murmur2(new TextEncoder().encode(key))).toBe(hash);
  });

  it('is that of the default partitioner of kafkajs', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (key) =>
        expect(murmur2(new TextEncoder().encode(key))).toBe(kafkajsMurmur2(Buffer.from(key))),
      ),
    );
  });

  it('lies within the partitions', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 1000 }), (key, partitions) => {
        const partition = partitionFor(key, partitions);
        expect(partition >= 0 && partition < partitions).toBe(true);
      }),
    );
  });
});

describe('the id of a customer', () => {
  it('is the first 128 bits of SHA-256 of the canonical id, as a uuid', () => {
    expect(customerIdOf('ann')).toBe('49915e0d-7d4b-402e-3017-d010bc1c0e83');
  });
});
