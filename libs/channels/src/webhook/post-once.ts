import type { Dispatcher, Pool } from 'undici';

export type PostOutcome =
  | { readonly kind: 'answer'; readonly status: number; readonly retryAfter: string | undefined }
  /** `begun`: bytes of the request may have left. */
  | { readonly kind: 'error'; readonly error: Error; readonly begun: boolean };

/**
 * One POST, never repeated, no redirects. The answer is its status: its body is thrown away as it comes. On undici's
 * `dispatch`, since `request` does not tell whether a request that failed had begun.
 */
export function postOnce(
  pool: Pool,
  path: string,
  headers: { readonly [name: string]: string },
  body: string,
  withinMs: number,
): Promise<PostOutcome> {
  return new Promise((resolve) => {
    let begun = false;
    let over = false;
    let abort: (reason: Error) => void = () => undefined;
    const finish = (outcome: PostOutcome): void => {
      over = true;
      clearTimeout(timer);
      resolve(outcome);
    };
    const timer = setTimeout(() => {
      finish({ kind: 'error', error: new Error(`nothing for ${withinMs} ms`), begun });
      abort(new Error('given up'));
    }, withinMs);
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart(controller) {
        // It waited for a connection until nobody wanted it any more: it must not leave now.
        if (over) return controller.abort(new Error('given up'));
        begun = true;
        abort = (reason) => controller.abort(reason);
      },
      onResponseStart(_controller, status, answered) {
        // 1xx come before the answer.
        if (status < 200) return;
        const retryAfter = answered['retry-after'];
        finish({ kind: 'answer', status, retryAfter: Array.isArray(retryAfter) ? retryAfter[0] : retryAfter });
      },
      onResponseData: () => undefined,
      onResponseEnd: () => undefined,
      onResponseError: (_controller, error) => finish({ kind: 'error', error, begun }),
    };
    pool.dispatch({ path, method: 'POST', headers: { ...headers }, body }, handler);
  });
}
