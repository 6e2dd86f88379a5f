export * from './config-error.js';
export * from './config.js';
export * from './environment.js';
export type { Address } from './environment-reader.js';
export * from './kept-secrets.js';
export * from './read-workspace-folder.js';
