/** One line of `kairos doctor`. */
export interface Check {
  readonly name: string;
  readonly status: 'ok' | 'warn' | 'fail';
  readonly detail: string;
  /** What to do about it; null where there is nothing to do. */
  readonly cure: string | null;
}

export function ok(name: string, detail: string): Check {
  return { name, status: 'ok', detail, cure: null };
}

export function warn(name: string, detail: string, cure: string): Check {
  return { name, status: 'warn', detail, cure };
}

export function fail(name: string, detail: string, cure: string): Check {
  return { name, status: 'fail', detail, cure };
}

/** Sentences of our errors say what is wrong and, behind a colon or semicolon, how to mend it. */
export function failed(name: string, error: unknown): Check {
  const message = error instanceof Error ? error.message : String(error);
  const at = message.search(/[:;] /);
  if (at < 0) return { name, status: 'fail', detail: message, cure: null };
  return fail(name, message.slice(0, at), message.slice(at + 2));
}
