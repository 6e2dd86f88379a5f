export * from './delivery/decision.js';
export * from './event/event.js';
export * from './rules/diagnostic.js';
export * from './rules/model.js';
export * from './rules/read-workspace.js';
export * from './trigger/effects.js';
