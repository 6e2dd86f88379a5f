import type { Json } from '../event/event.js';
import { ByteReader } from './byte-reader.js';
import { ByteWriter } from './byte-writer.js';

interface Trait {
  readonly time: number;
  /** JSON text in UTF-8; null is a trait that was taken away, remembered against older news. */
  readonly json: Uint8Array;
  /** undefined: not yet parsed. */
  value: Json | undefined;
}

const writer = new ByteWriter();
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** A customer's traits, each with the event time of the word that was last; decoded when first asked for. */
export class Traits {
  #stored: Uint8Array | null;
  #map: Map<string, Trait> | null = null;

  constructor(stored: Uint8Array = new Uint8Array(0)) {
    this.#stored = stored;
  }

  get isEmpty(): boolean {
    return this.#stored !== null ? this.#stored.length === 0 : this.#map!.size === 0;
  }

  /** undefined: missing, or null in the words of the client. */
  get(name: string): Json | undefined {
    const trait = this.#read().get(name);
    if (trait === undefined) return undefined;
    trait.value ??= JSON.parse(decoder.decode(trait.json)) as Json;
    return trait.value ?? undefined;
  }

  /** Last writer wins on event time; of two at one instant the later in the stream. Returns whether it was taken. */
  set(name: string, value: Json, time: number): boolean {
    const map = this.#read();
    const known = map.get(name);
    if (known !== undefined && known.time > time) return false;
    this.#stored = null;
    map.set(name, { time, json: encoder.encode(JSON.stringify(value)), value: undefined });
    return true;
  }

  names(): string[] {
    return [...this.#read().keys()];
  }

  stored(): Uint8Array {
    if (this.#stored !== null) return this.#stored;
    writer.reset();
    for (const [name, trait] of this.#map!) {
      writer.text(name);
      writer.instant(trait.time);
      writer.block(trait.json);
    }
    return (this.#stored = writer.take());
  }

  #read(): Map<string, Trait> {
    if (this.#map !== null) return this.#map;
    const map = new Map<string, Trait>();
    const reader = new ByteReader(this.#stored!);
    while (!reader.done) map.set(reader.text(), { time: reader.instant(), json: reader.block(), value: undefined });
    return (this.#map = map);
  }
}
