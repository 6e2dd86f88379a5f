import type { ChannelProvider, SendResult, WebhookCaller } from '#engine';
import { Limiter, type LimiterOptions } from './limiter.js';

/** A provider whose attempts keep to the rate, the pauses and the circuit that all processes share. */
export function limitedProvider(inner: ChannelProvider, options: LimiterOptions): ChannelProvider {
  const limiter = new Limiter(options);
  const { kind, concurrency, answerWithinMs } = inner;
  return {
    kind,
    concurrency,
    answerWithinMs,
    send: (message, permit): Promise<SendResult> => limiter.run(() => inner.send(message, permit)),
    close: () => inner.close(),
  };
}

export function limitedCaller(inner: WebhookCaller, options: LimiterOptions): WebhookCaller {
  const limiter = new Limiter(options);
  const { kind, concurrency, answerWithinMs } = inner;
  return {
    kind,
    concurrency,
    answerWithinMs,
    call: (call, permit): Promise<SendResult> => limiter.run(() => inner.call(call, permit)),
    close: () => inner.close(),
  };
}
