import type { EventSnapshot, Json, JsonObject } from '../event/event.js';
import { ByteReader, type Span } from './byte-reader.js';
import type { ByteWriter } from './byte-writer.js';
import { StateFormatError } from './state-format-error.js';

interface Content {
  readonly id: string;
  readonly name: string | null;
  /** The properties as JSON text; null: not written down yet. */
  json: string | null;
}

/**
 * An event that the state keeps. Read from a state, it stays encoded until somebody asks: most states are read and
 * written again without a look at it. Its properties are always what their JSON text says, whether or not the state
 * was stored in between (JSON knows no -0, for one).
 */
export class StoredEvent {
  static #latest: { readonly event: EventSnapshot; readonly stored: StoredEvent } | null = null;
  #properties: JsonObject | null = null;
  /** Where it stands in what was written with it last. */
  #writing = 0;
  #place = 0;

  private constructor(
    /** Event time, ms. */
    readonly time: number,
    private content: Content | null,
    private readonly stored: Span | null,
  ) {}

  /** Several rules keep the same event, one after the other: it is written down once. */
  static of(event: EventSnapshot): StoredEvent {
    if (this.#latest?.event !== event) {
      const { id, name, time, properties } = event;
      const stored = new StoredEvent(time, { id, name, json: null }, null);
      if (outlivesJson(properties)) stored.#properties = properties;
      else stored.content!.json = JSON.stringify(properties);
      this.#latest = { event, stored };
    }
    return this.#latest.stored;
  }

  static read(reader: ByteReader): StoredEvent {
    if (reader.events === null) return this.#readWhole(reader);
    const place = reader.varint();
    if (place === 0) {
      const event = this.#readWhole(reader);
      reader.events.push(event);
      return event;
    }
    const known = reader.events[place - 1];
    if (known === undefined) throw new StateFormatError('an event is said to stand where none was');
    return known;
  }

  static #readWhole(reader: ByteReader): StoredEvent {
    const time = reader.instant();
    const start = reader.place;
    reader.skipText();
    if (reader.byte() !== 0) reader.skipText();
    reader.skipText();
    return new StoredEvent(time, null, reader.spanFrom(start));
  }

  write(writer: ByteWriter): void {
    if (writer.sharing === 0) {
      writer.instant(this.time);
      return this.#writeContent(writer);
    }
    if (this.#writing === writer.sharing) return writer.varint(this.#place);
    this.#place = writer.event(this.time, (to) => this.#writeContent(to));
    this.#writing = writer.sharing;
  }

  #writeContent(writer: ByteWriter): void {
    if (this.stored !== null) return writer.copy(this.stored.bytes, this.stored.start, this.stored.end);
    const { id, name } = this.#content();
    writer.text(id);
    writer.byte(name === null ? 0 : 1);
    if (name !== null) writer.text(name);
    writer.text(this.#json());
  }

  /** About how many bytes it takes in a state. */
  get size(): number {
    if (this.stored !== null) return this.stored.end - this.stored.start;
    const { id, name } = this.#content();
    return id.length + (name?.length ?? 0) + this.#json().length + 3;
  }

  get id(): string {
    return this.#content().id;
  }

  get name(): string | null {
    return this.#content().name;
  }

  get properties(): JsonObject {
    return (this.#properties ??= JSON.parse(this.#json()) as JsonObject);
  }

  snapshot(): EventSnapshot {
    return { id: this.id, name: this.name, time: this.time, properties: this.properties };
  }

  #json(): string {
    return (this.#content().json ??= JSON.stringify(this.#properties));
  }

  #content(): Content {
    if (this.content !== null) return this.content;
    const { bytes, start, end } = this.stored!;
    const reader = new ByteReader(bytes, start, end);
    const id = reader.text();
    const name = reader.byte() === 0 ? null : reader.text();
    return (this.content = { id, name, json: reader.text() });
  }
}

/** Whether a value comes out of its JSON text as it went in: -0, for one, does not. */
function outlivesJson(value: Json | undefined): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0);
    case 'object':
      return value === null || Object.values(value).every(outlivesJson);
    default:
      return false;
  }
}
