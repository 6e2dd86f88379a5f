import type { ItemEvent } from '#core';
import type { DeadLetter } from '../ports/partition-store.js';

/** The core threw on this record: the batch is evaluated again with it parked. */
export class PoisonedRecordError extends Error {
  readonly code = 'poison';

  constructor(
    readonly index: number,
    options: { cause: unknown },
  ) {
    super(options.cause instanceof Error ? options.cause.message : String(options.cause), options);
    this.name = 'PoisonedRecordError';
  }
}

/** An event about a thing on which a rule could not be evaluated, for one customer at least. */
export function itemLetter(event: ItemEvent, offset: number, error: unknown): DeadLetter {
  const why = error instanceof Error ? error.message : String(error);
  return {
    offset,
    reason: 'poison',
    detail: `a rule could not be evaluated on this event for every customer: ${why}`,
    key: null,
    value: new TextEncoder().encode(JSON.stringify(event)),
    headers: null,
  };
}
