import type { ChannelProvider, WebhookCaller } from '#engine';
import { Limiter, type LimiterOptions } from './limiter.js';

/** A provider whose attempts keep to the rate, the pauses and the circuit that all processes share. */
export function limitedProvider(inner: ChannelProvider, options: LimiterOptions): ChannelProvider {
  const limiter = new Limiter(options);
  const send: ChannelProvider['send'] = (message, permit) => limiter.run(() => inner.send(message, permit));
  return { ...rest(inner), send };
}

/** As `limitedProvider`, for the address of a `webhook` step. */
export function limitedCaller(inner: WebhookCaller, options: LimiterOptions): WebhookCaller {
  const limiter = new Limiter(options);
  const call: WebhookCaller['call'] = (request, permit) => limiter.run(() => inner.call(request, permit));
  return { ...rest(inner), call };
}

/** What is the same whatever leaves. */
function rest<Inner extends ChannelProvider | WebhookCaller>(
  inner: Inner,
): Pick<Inner, 'kind' | 'concurrency' | 'answerWithinMs' | 'close'> {
  const { kind, concurrency, answerWithinMs } = inner;
  return { kind, concurrency, answerWithinMs, close: () => inner.close() };
}
