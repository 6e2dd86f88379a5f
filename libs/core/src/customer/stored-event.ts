import type { EventSnapshot, JsonObject } from '../event/event.js';
import { ByteReader } from './byte-reader.js';
import { ByteWriter } from './byte-writer.js';

const writer = new ByteWriter();
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

interface Content {
  readonly id: string;
  readonly name: string | null;
  readonly properties: JsonObject;
}

/**
 * An event that the state keeps. Its content stays encoded until somebody asks: most states are read and written again
 * without a look at it. What is read is always what the bytes say, whether or not the state was stored in between.
 */
export class StoredEvent {
  static #latest: { readonly event: EventSnapshot; readonly stored: StoredEvent } | null = null;
  #content: Content | null = null;

  private constructor(
    /** Event time, ms. */
    readonly time: number,
    readonly bytes: Uint8Array,
  ) {}

  /** Several rules keep the same event, one after the other: it is encoded once. */
  static of(event: EventSnapshot): StoredEvent {
    if (this.#latest?.event !== event) this.#latest = { event, stored: StoredEvent.#encode(event) };
    return this.#latest.stored;
  }

  static #encode(event: EventSnapshot): StoredEvent {
    writer.reset();
    writer.text(event.id);
    writer.byte(event.name === null ? 0 : 1);
    if (event.name !== null) writer.text(event.name);
    writer.block(encoder.encode(JSON.stringify(event.properties)));
    return new StoredEvent(event.time, writer.take());
  }

  static read(time: number, bytes: Uint8Array): StoredEvent {
    return new StoredEvent(time, bytes);
  }

  get id(): string {
    return this.#read().id;
  }

  get name(): string | null {
    return this.#read().name;
  }

  get properties(): JsonObject {
    return this.#read().properties;
  }

  snapshot(): EventSnapshot {
    const { id, name, properties } = this.#read();
    return { id, name, time: this.time, properties };
  }

  #read(): Content {
    if (this.#content !== null) return this.#content;
    const reader = new ByteReader(this.bytes);
    const id = reader.text();
    const name = reader.byte() === 0 ? null : reader.text();
    const properties = JSON.parse(decoder.decode(reader.block())) as JsonObject;
    return (this.#content = { id, name, properties });
  }
}
