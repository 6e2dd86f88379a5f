import { findEntry, type Reader } from '../reading/fields.js';
import type { Step } from '../model.js';
import type { YamlMap, YamlNode } from '../yaml/yaml-node.js';
import { eventsOfOccasions, type PossibleEvents } from './events-at.js';
import { type Scope, SCOPES } from './path.js';

/** What a step is read with: what it may refer to, and what a `send` takes over from its rule. */
export interface StepContext {
  readonly scope: Scope;
  readonly category: string;
  readonly priority: number;
  /** How often at most the steps around go round: 1 outside of every `repeat`. */
  readonly rounds: number;
}

/** Reads a list of steps inside a step; handed down, since steps hold steps. */
export type StepsReader = (context: StepContext) => Reader<readonly Step[]>;

/** For the tables of keys as the reference shows them. */
export const ANY_CONTEXT: StepContext = { scope: SCOPES.run, category: '', priority: 50, rounds: 1 };

/** Every name that the `as` of some `wait` in this part of the file gives, and the events it may be. */
export function namesGiven(node: YamlNode): readonly (readonly [string, PossibleEvents])[] {
  switch (node.kind) {
    case 'scalar':
      return [];
    case 'list':
      return node.items.flatMap(namesGiven);
    case 'map':
      return node.entries.flatMap(({ key, value }) => {
        return [...(key === 'wait' && value.kind === 'map' ? givenBy(value) : []), ...namesGiven(value)];
      });
  }
}

/** What `wait: { for, as }` gives. */
export function givenBy(wait: YamlMap): readonly (readonly [string, PossibleEvents])[] {
  const as = findEntry(wait, 'as')?.value;
  const name = as?.kind === 'scalar' ? String(as.value) : '';
  return isAsName(name) ? [[name, eventsOfOccasions(findEntry(wait, 'for')?.value)]] : [];
}

const AS_NAME = /^[a-z][a-z0-9_]{0,63}$/;
/** What a template sees under its own name, and the roots of paths. */
export const TAKEN_NAMES = [
  'customer',
  'start',
  'starts',
  'event',
  'item',
  'repeat',
  'with',
  'shop',
  'message',
  'constructor',
];

export function isAsName(name: string): boolean {
  return AS_NAME.test(name) && !TAKEN_NAMES.includes(name);
}
