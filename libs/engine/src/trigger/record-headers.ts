/** Kinds of Kairos' own records (header `kairos-kind`). */
export const KIND_TICK = 'tick';
export const KIND_FORWARD = 'forward';
export const KIND_EMITTED = 'emitted';
export const KIND_RULESET = 'ruleset';
/** Those already inside a rule are to be started. */
export const KIND_START = 'start';
/** An event about a thing, as each partition gets it. */
export const KIND_ITEM = 'item';
/** Two ids are one customer: the partition of the one is asked for its state. */
export const KIND_LINK = 'link';
/** The state of an id on its way to its customer. */
export const KIND_HANDOVER = 'handover';
/** A customer is to be forgotten. */
export const KIND_ERASE = 'erase';

/** A timer that was suspended is armed again. */
export const KIND_TIMER = 'timer';

export const HEADER_ID = 'kairos-id';
/** When what it carries came into the stream first; of an emitted event, of a hand-over: when it was said. */
export const HEADER_APPEND = 'kairos-append';
export const HEADER_HOPS = 'kairos-hops';
/** How many rules, one by the other, emitted it; kept when it is forwarded. */
export const HEADER_EMITS = 'kairos-emits';

export const MAX_HOPS = 8;
