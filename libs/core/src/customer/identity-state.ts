import type { StoredEvent } from './stored-event.js';

/** Ids that are one customer, and what a hand-over between them needs (engine.md, Identity). */
export interface IdentityState {
  /** Ids whose states were joined to this one, in the order of joining, the latest `KEPT_IDS`. */
  readonly merged: string[];
  /** Ids that were asked for their state and have not answered; one that is somebody else's never will. */
  readonly asked: string[];
  /** The customer whom this id belongs to: all that was known is hers. null: this is a customer of its own. */
  redirect: string | null;
  /** Both ids of the redirect were known, so whoever is one with this id is one with that customer. */
  glued: boolean;
  /** An event has named her by a userId: she is no guest. */
  named: boolean;
  /**
   * Her latest events that some rule stops, reaches its goal or ends a wait with, with the properties that those rules
   * compare, ascending by time: a run that is handed over is held against them.
   */
  readonly ring: StoredEvent[];
  /** She was erased at this instant, ms: what happened before it is not heard of again. null: she was not. */
  erased: number | null;
}

/** A device forgets who used it, a person has a few: more than these are somebody's mistake. */
export const KEPT_IDS = 200;

/** How long it is known that a customer was erased, ms: events of hers that were late come within it. */
export const TOMBSTONE_MS = 30 * 86_400_000;

export function newIdentityState(): IdentityState {
  return { merged: [], asked: [], redirect: null, glued: false, named: false, ring: [], erased: null };
}

/** Nothing must be remembered of who she is. */
export function isNobodyElse({ merged, asked, redirect, ring, erased }: IdentityState): boolean {
  return merged.length === 0 && asked.length === 0 && redirect === null && ring.length === 0 && erased === null;
}

/** Remembers ids that are this customer's from now on. */
export function rememberIds({ merged, asked }: IdentityState, ids: readonly string[]): void {
  for (const id of ids) if (!merged.includes(id)) merged.push(id);
  if (merged.length > KEPT_IDS) merged.splice(0, merged.length - KEPT_IDS);
  for (let i = asked.length - 1; i >= 0; i--) if (merged.includes(asked[i]!)) asked.splice(i, 1);
}

/** Remembers that an id was asked for its state; false where it was before, or is hers. */
export function rememberAsked({ merged, asked }: IdentityState, id: string): boolean {
  if (merged.includes(id) || asked.includes(id)) return false;
  asked.push(id);
  if (asked.length > KEPT_IDS) asked.shift();
  return true;
}
