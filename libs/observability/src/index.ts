export * from './create-log.js';
export * from './metrics.js';
export * from './ops.module.js';
