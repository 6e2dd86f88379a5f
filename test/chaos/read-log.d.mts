import type { LogRecord } from './checker.mjs';

export function readLog(brokers: string[], topic: string): Promise<(LogRecord & { readonly key: string | null })[]>;
