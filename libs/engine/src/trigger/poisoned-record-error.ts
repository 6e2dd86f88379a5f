import { mayPass } from '#core';
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

/** What concerns many could not be evaluated for one of them: a dead letter once, whomever it was. */
export function poisonLetter(offset: number, json: object, error: unknown): DeadLetter {
  const why = error instanceof Error ? error.message : String(error);
  return {
    offset,
    reason: 'poison',
    detail: `a rule could not be evaluated on this event for every customer: ${why}`,
    key: null,
    value: new TextEncoder().encode(JSON.stringify(json)),
    headers: null,
    replayable: false,
  };
}

/** What this throws, and what cannot pass by itself, is the fault of the record at `index` in its batch. */
export function orPark(index: number, evaluate: () => void): void {
  try {
    evaluate();
  } catch (cause) {
    if (mayPass(cause)) throw cause;
    throw new PoisonedRecordError(index, { cause });
  }
}
