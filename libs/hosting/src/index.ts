export * from './backbone.js';
export * from './open-backbone.js';
export * from './prepare-installation.js';
export * from './read-workspace-folder.js';
export * from './run-service.js';
export * from './stepped-clock.js';
export * from './system-clock.js';
