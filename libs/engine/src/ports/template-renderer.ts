import type { Channel, EventSnapshot, JsonObject } from '#core';

/** What a template sees (rule-language.md, Steps). */
export interface TemplateContext {
  /** Events that `as` has named stand beside these under their names. */
  readonly [name: string]: unknown;
  readonly with: JsonObject;
  readonly customer: { readonly [name: string]: unknown };
  readonly start: { readonly [name: string]: unknown };
  readonly starts: readonly { readonly [name: string]: unknown }[];
  readonly shop: JsonObject;
  readonly message: {
    readonly id: string;
    readonly rule: string;
    readonly step: string;
    readonly key: string | readonly string[] | null;
    readonly category: string;
    readonly channel: Channel;
    /** ISO 8601. */
    readonly planned_at: string;
    readonly start_id: string;
  };
}

export interface RenderRequest {
  /** Ruleset whose templates are meant. */
  readonly ruleset: number;
  readonly template: string;
  readonly channel: Channel;
  /** BCP 47; falls back to the workspace's. */
  readonly locale: string;
  /** Of the template, where it has that in the language; null: none is wished for. */
  readonly style: string | null;
  /** IANA, of the customer, else of the workspace: for dates; may be unknown to this machine. */
  readonly timeZone: string;
  readonly context: TemplateContext;
  /** Null where the category needs no consent: no footer then. */
  readonly unsubscribeUrl: string | null;
  /** Address of the customer's preference centre. */
  readonly preferencesUrl: string;
  /** Null: not at all. */
  readonly tracking: Tracking | null;
}

/** How opens and clicks are noticed; a template may want neither. */
export interface Tracking {
  /** The address by which a click on this one is noticed; null: clicks are not. */
  readonly click: ((target: string) => string) | null;
  /** Address of the picture that says that the mail was opened; null: opens are not noticed. */
  readonly openPixel: string | null;
}

/** `html` and `subject` are null on channels that have none. */
export interface RenderedMessage {
  readonly subject: string | null;
  readonly html: string | null;
  readonly text: string;
  /** The locale that was used. */
  readonly locale: string;
}

/** A template could not be rendered for this message; the message fails with `template_error`, the renderer lives on. */
export class TemplateError extends Error {
  readonly code = 'template_error';
  readonly retryable = false;

  constructor(
    message: string,
    readonly file: string,
    options?: { cause?: unknown },
  ) {
    super(`${file}: ${message}`, options);
    this.name = 'TemplateError';
  }
}

/** Renders in a guarded place, with limits of time and output. Throws TemplateError. */
export interface TemplateRenderer {
  render(request: RenderRequest): Promise<RenderedMessage>;
  close(): Promise<void>;
}

/** `start` or an entry of `starts` as templates see it: the properties, and the event's own name, id and time. */
export function templateEvent(event: EventSnapshot): { readonly [name: string]: unknown } {
  return { ...event.properties, event: event.name, id: event.id, timestamp: new Date(event.time).toISOString() };
}
