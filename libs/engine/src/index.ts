export * from './errors.js';
export type * from './ports/clock.js';
export * from './ports/event-stream.js';
export type * from './ports/message-ledger.js';
export type * from './ports/observer.js';
export type * from './ports/partition-store.js';
export type * from './ports/ruleset-store.js';
export * from './trigger/trigger-engine.js';
