import { customerIdOf, type CustomerEvent } from '#core';

/** An id that belongs to somebody else's. */
interface Belonging {
  readonly to: string;
  /** Both were known: who is one with this id is one with that customer. */
  readonly glued: boolean;
}

/**
 * Who is who in a recording: a device belongs to the first userId that came with it, of two known customers that an
 * `alias` makes one the one with the smaller internal id stays (engine.md, Identity).
 */
export class Identities {
  readonly #belongings = new Map<string, Belonging>();

  /** @param isNamed whether somebody of this id is known by a userId */
  constructor(private readonly isNamed: (id: string) => boolean) {}

  /** How many ids turned out to be somebody else's. */
  get size(): number {
    return this.#belongings.size;
  }

  rootOf(id: string): string {
    let root = id;
    for (let found = this.#belongings.get(root); found !== undefined; found = this.#belongings.get(root))
      root = found.to;
    return root;
  }

  /**
   * The event as its customer's, and the id whose state becomes hers before it is applied; null: there is none.
   */
  meet(event: CustomerEvent): { readonly event: CustomerEvent; readonly joins: string | null } {
    const root = this.rootOf(event.customer);
    const joins = this.#joinedBy(event, root);
    const customer = this.rootOf(root);
    return { event: customer === event.customer ? event : { ...event, customer }, joins };
  }

  #joinedBy({ other }: CustomerEvent, root: string): string | null {
    if (other === undefined) return null;
    const known = this.#belongings.get(other.id);
    // The first wins: a shared device does not make two customers one.
    if (known !== undefined && !(known.glued && other.kind === 'alias')) return null;
    const found = this.rootOf(other.id);
    if (found === root) return null;
    const glued = other.kind === 'alias' && this.isNamed(found) && this.isNamed(root);
    const [joined, to] = glued && customerIdOf(found) < customerIdOf(root) ? [root, found] : [found, root];
    this.#belongings.set(joined, { to, glued });
    return joined;
  }
}
