export * from './simulation/format-decision.js';
export * from './simulation/simulate.js';
export * from './simulation/simulated-shop.js';
