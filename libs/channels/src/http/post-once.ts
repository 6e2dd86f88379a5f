import type { Dispatcher } from 'undici';

export interface PostRequest {
  /** Where the dispatcher is not bound to one. */
  readonly origin?: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: string | Buffer;
}

export type PostOutcome =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly retryAfter: string | undefined;
      /** null: nobody wanted it, or it was lost on its way although the status had come. */
      readonly body: string | null;
    }
  /** `begun`: bytes of the request may have left. */
  | { readonly kind: 'error'; readonly error: Error; readonly begun: boolean };

/** Of an answer's body so much is read; errors are shorter. */
const MOST_BODY_BYTES = 64 * 1024;

/**
 * One POST, never repeated, no redirects. `answer`: is the status all that is wanted (the body is then thrown away as it
 * comes), or the body, too? On undici's `dispatch`, since `request` does not tell whether a request that failed had begun.
 */
export function postOnce(
  dispatcher: Dispatcher,
  request: PostRequest,
  withinMs: number,
  answer: 'status' | 'body' = 'status',
): Promise<PostOutcome> {
  return new Promise((resolve) => new Exchange(withinMs, answer, resolve).begin(dispatcher, request));
}

class Exchange implements Dispatcher.DispatchHandler {
  private begun = false;
  private over = false;
  private abort: (reason: Error) => void = () => undefined;
  private status: { readonly status: number; readonly retryAfter: string | undefined } | null = null;
  private readonly body: Buffer[] = [];
  private bytes = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly withinMs: number,
    private readonly wanted: 'status' | 'body',
    private readonly resolve: (outcome: PostOutcome) => void,
  ) {}

  begin(dispatcher: Dispatcher, { origin, path, headers, body }: PostRequest): void {
    this.timer = setTimeout(() => {
      this.fail(new Error(`nothing for ${this.withinMs} ms`));
      this.abort(new Error('given up'));
    }, this.withinMs);
    const to = origin === undefined ? { path } : { origin, path };
    dispatcher.dispatch({ ...to, method: 'POST', headers: { ...headers }, body }, this);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // It waited for a connection until nobody wanted it any more: it must not leave now.
    if (this.over) return controller.abort(new Error('given up'));
    this.begun = true;
    this.abort = (reason) => controller.abort(reason);
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: { [name: string]: string | string[] | undefined },
  ): void {
    // 1xx come before the answer.
    if (status < 200) return;
    const retryAfter = headers['retry-after'];
    this.status = { status, retryAfter: Array.isArray(retryAfter) ? retryAfter[0] : retryAfter };
    if (this.wanted === 'status') this.finish({ kind: 'answer', ...this.status, body: null });
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.over || this.bytes > MOST_BODY_BYTES) return;
    this.bytes += chunk.length;
    this.body.push(chunk);
  }

  onResponseEnd(): void {
    if (this.status === null) return this.fail(new Error('the answer had no status'));
    this.finish({ kind: 'answer', ...this.status, body: Buffer.concat(this.body).toString('utf8') });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.fail(error);
  }

  /** Whatever goes wrong after the status has come, the status says what it says. */
  private fail(error: Error): void {
    if (this.status !== null) this.finish({ kind: 'answer', ...this.status, body: null });
    else this.finish({ kind: 'error', error, begun: this.begun });
  }

  private finish(outcome: PostOutcome): void {
    if (this.over) return;
    this.over = true;
    clearTimeout(this.timer);
    this.resolve(outcome);
  }
}
