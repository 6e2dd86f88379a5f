import type { Json } from '../event/event.js';
import { ByteReader, type Span } from './byte-reader.js';
import { ByteWriter } from './byte-writer.js';

interface Trait {
  readonly time: number;
  /** JSON text; `null` is a trait that was taken away, remembered against older news. */
  readonly json: string;
  /** undefined: not yet parsed. */
  value: Json | undefined;
}

const writer = new ByteWriter();
const NONE: Span = { bytes: new Uint8Array(0), start: 0, end: 0 };

/** A customer's traits, each with the event time of the word that was last; decoded when first asked for. */
export class Traits {
  #stored: Span | null;
  #map: Map<string, Trait> | null = null;
  #changes = 0;

  constructor(stored: Span = NONE) {
    this.#stored = stored;
  }

  get isEmpty(): boolean {
    return this.#stored !== null ? this.#stored.start === this.#stored.end : this.#map!.size === 0;
  }

  /** How often a trait was set since the state was read. */
  get changes(): number {
    return this.#changes;
  }

  /** undefined: missing, or null in the words of the client. */
  get(name: string): Json | undefined {
    if (this.isEmpty) return undefined;
    const trait = this.#read().get(name);
    if (trait === undefined) return undefined;
    trait.value ??= JSON.parse(trait.json) as Json;
    return trait.value ?? undefined;
  }

  /** Last writer wins on event time; of two at one instant the later in the stream. Returns whether it was taken. */
  set(name: string, value: Json, time: number): boolean {
    const map = this.#read();
    const known = map.get(name);
    if (known !== undefined && known.time > time) return false;
    this.#stored = null;
    this.#changes++;
    map.set(name, { time, json: JSON.stringify(value), value: undefined });
    return true;
  }

  /** Whether `set` would be taken: nothing newer is known of it. */
  takes(name: string, time: number): boolean {
    const known = this.#read().get(name);
    return known === undefined || known.time <= time;
  }

  /**
   * Takes over what another id of the same customer knows: last writer wins on event time. Of two at one instant nobody
   * can say which came later, so the greater text stays, whoever is joined to whom.
   */
  join(other: Traits): void {
    if (other.isEmpty) return;
    const map = this.#read();
    for (const [name, { time, json }] of other.#read()) {
      const known = map.get(name);
      if (known !== undefined && (known.time > time || (known.time === time && known.json >= json))) continue;
      this.#stored = null;
      this.#changes++;
      map.set(name, { time, json, value: undefined });
    }
  }

  /** Event time of the word that was last about it, ms; -Infinity: there was none. */
  timeOf(name: string): number {
    return this.isEmpty ? -Infinity : (this.#read().get(name)?.time ?? -Infinity);
  }

  names(): string[] {
    return [...this.#read().keys()];
  }

  stored(): Span {
    if (this.#stored !== null) return this.#stored;
    writer.reset();
    for (const [name, trait] of this.#map!) {
      writer.text(name);
      writer.instant(trait.time);
      writer.text(trait.json);
    }
    const bytes = writer.take();
    return (this.#stored = { bytes, start: 0, end: bytes.length });
  }

  #read(): Map<string, Trait> {
    if (this.#map !== null) return this.#map;
    const map = new Map<string, Trait>();
    const { bytes, start, end } = this.#stored!;
    const reader = new ByteReader(bytes, start, end);
    while (!reader.done) {
      const name = reader.text();
      const time = reader.instant();
      map.set(name, { time, json: reader.text(), value: undefined });
    }
    return (this.#map = map);
  }
}
