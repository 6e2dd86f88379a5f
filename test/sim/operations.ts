import { StoreError } from '#engine';
import type { Random } from './random.js';

/** What a process asked of the world and has no answer to yet. */
interface Operation {
  readonly process: number;
  readonly name: string;
  readonly execute: () => unknown;
  readonly answer: (value: unknown) => void;
  readonly fail: (error: Error) => void;
  outcome: { readonly value: unknown } | { readonly error: Error } | null;
}

/** How a step of the world treats what was asked of it. */
export type Treatment = 'as asked' | 'refused' | 'done but lost';

/**
 * Everything asked of the database and the log, each in two steps that may lie far apart: it is done, and its answer
 * arrives. In between a process may die, be stopped, or be taken for dead while it lives.
 */
export class Operations {
  private waiting: Operation[] = [];
  /** Processes that are stopped: what they asked for may be done, but they hear of it later. */
  readonly deaf = new Set<number>();
  private readonly dead = new Set<number>();

  constructor(private readonly random: Random) {}

  ask<T>(process: number, name: string, execute: () => T): Promise<T> {
    if (this.dead.has(process)) return new Promise(() => undefined);
    return new Promise<T>((answer, fail) => {
      this.waiting.push({ process, name, execute, answer: answer as (value: unknown) => void, fail, outcome: null });
    });
  }

  /** What it has asked for is on its way and may still be done; it hears nothing any more. */
  kill(process: number): void {
    this.dead.add(process);
    this.waiting = this.waiting.filter((operation) => operation.process !== process || this.isOnItsWay(operation));
  }

  get hasOpen(): boolean {
    return this.movable.length > 0;
  }

  /** One of them, whichever: of one process too they overtake each other, as on several connections. */
  step(treatment: Treatment): string | null {
    const movable = this.movable;
    if (movable.length === 0) return null;
    const operation = this.random.pick(movable);
    return operation.outcome === null ? this.execute(operation, treatment) : this.answer(operation);
  }

  private get movable(): Operation[] {
    return this.waiting.filter(({ process, outcome }) => outcome === null || !this.deaf.has(process));
  }

  private isOnItsWay({ outcome }: Operation): boolean {
    return outcome === null && this.random.chance(0.5);
  }

  private execute(operation: Operation, treatment: Treatment): string {
    operation.outcome = treatment === 'refused' ? { error: away('it was not done') } : this.outcomeOf(operation);
    if (treatment === 'done but lost') operation.outcome = { error: away('whether it was done is not known') };
    if (this.dead.has(operation.process)) this.drop(operation);
    return `${operation.process} ${operation.name}: ${treatment}`;
  }

  private outcomeOf({ execute }: Operation): NonNullable<Operation['outcome']> {
    try {
      return { value: execute() };
    } catch (error) {
      return { error: error as Error };
    }
  }

  private answer(operation: Operation): string {
    const outcome = operation.outcome!;
    this.drop(operation);
    if ('value' in outcome) operation.answer(outcome.value);
    else operation.fail(outcome.error);
    return `${operation.process} ${operation.name}: answered`;
  }

  private drop(operation: Operation): void {
    this.waiting = this.waiting.filter((other) => other !== operation);
  }
}

function away(what: string): StoreError {
  return new StoreError(`the connection broke: ${what}`, 'connection_lost', true);
}
