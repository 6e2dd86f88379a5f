export * from './backbone.js';
export * from './open-backbone.js';
export * from './prepare-installation.js';
export * from './system-clock.js';
