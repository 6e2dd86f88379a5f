import { Server, type CustomTransportStrategy } from '@nestjs/microservices';
import type { TriggerEngine } from '#engine';

/**
 * Hosts the engine as a Nest microservice, so that start-up, shutdown and dependency injection are Nest's. Not Nest's own
 * Kafka transport: that hands over one message at a time and commits before the work is done.
 */
export class EngineServer extends Server implements CustomTransportStrategy {
  constructor(private readonly engine: TriggerEngine) {
    super();
  }

  listen(callback: (error?: unknown) => void): void {
    this.engine.start().then(
      () => callback(),
      (error: unknown) => callback(error),
    );
  }

  /** Finishes the batch in hand. */
  async close(): Promise<void> {
    await this.engine.stop();
  }

  /** The engine has no events of its own that handlers could subscribe to. */
  on(): void {
    throw new Error('the trigger engine emits no transport events');
  }

  unwrap<T>(): T {
    return this.engine as T;
  }
}
