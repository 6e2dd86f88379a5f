/** The little of Express that the controllers use. */
export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  /** Path and query, as asked for. */
  readonly originalUrl: string;
  readonly body: unknown;
  readonly query: { readonly [name: string]: unknown };
  readonly params: { readonly [name: string]: string };
  readonly headers: { readonly [name: string]: string | string[] | undefined };
}

export interface HttpResponse {
  readonly headersSent: boolean;
  status(code: number): HttpResponse;
  type(mime: string): HttpResponse;
  setHeader(name: string, value: string): void;
  json(body: unknown): void;
  send(body: string | Uint8Array): void;
  end(): void;
}
