import type { Log } from '#engine';
import { pino, type Logger } from 'pino';
import { prettyLines } from './pretty-lines.js';

export interface LogOptions {
  readonly level: string;
  readonly format: 'pretty' | 'json';
  /** Name of the process: `collector`, `trigger-engine`, … */
  readonly service: string;
}

/**
 * A structured log on standard error: results of commands go to standard output, everything else here. Callers pass
 * numbers, names and codes, never addresses or traits; the likeliest slips are cut out all the same.
 */
export function createLog(options: LogOptions): Log & { readonly pino: Logger } {
  const destination =
    options.format === 'pretty' ? prettyLines(process.stderr) : pino.destination({ dest: 2, sync: true });
  const logger = pino(
    {
      level: options.level,
      base: { service: options.service },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: {
        paths: [
          'email',
          'phone',
          'address',
          'password',
          'traits',
          '*.email',
          '*.phone',
          '*.password',
          'req.headers.authorization',
        ],
        censor: '…',
      },
    },
    destination,
  );
  return {
    pino: logger,
    info: (message, fields) => logger.info(fields ?? {}, message),
    warn: (message, fields) => logger.warn(fields ?? {}, message),
    error: (message, fields) => logger.error(fields ?? {}, message),
  };
}
