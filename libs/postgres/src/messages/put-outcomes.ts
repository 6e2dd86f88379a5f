import { partitionFor } from '#core';
import type { OutcomeEvent } from '#engine';
import { byteaArray, int2Array, textArray, uuidArray } from '../binary/binary-arrays.js';
import type { PreparedCall } from '../connect/postgres-pool.js';
import { PUT_OUTCOMES } from './outcome-statements.js';

/** Events for the stream that go out with the transaction that records what they tell. */
export interface Outcomes {
  readonly outcomes: readonly OutcomeEvent[];
  readonly stream: string;
  /** Of the stream: a customer's row waits for the owner of her partition. */
  readonly partitions: number;
}

export function outcomeCalls({ outcomes, stream, partitions }: Outcomes): PreparedCall[] {
  if (outcomes.length === 0) return [];
  return [
    [
      PUT_OUTCOMES,
      [
        stream,
        int2Array(outcomes.map((outcome) => partitionFor(outcome.customerKey, partitions))),
        textArray(outcomes.map((outcome) => outcome.recordId)),
        byteaArray(outcomes.map((outcome) => Buffer.from(outcome.customerKey))),
        byteaArray(outcomes.map((outcome) => outcome.value)),
        uuidArray(outcomes.map((outcome) => outcome.messageId)),
      ],
    ],
  ];
}
