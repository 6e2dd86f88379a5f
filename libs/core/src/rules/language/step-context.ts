import type { Reader } from '../reading/fields.js';
import type { Step } from '../model.js';
import type { YamlNode } from '../yaml/yaml-node.js';
import { type Scope, SCOPES } from './path.js';

/** What a step is read with: what it may refer to, and what a `send` takes over from its rule. */
export interface StepContext {
  readonly scope: Scope;
  readonly category: string;
  readonly priority: number;
}

/** Reads a list of steps inside a step; handed down, since steps hold steps. */
export type StepsReader = (context: StepContext) => Reader<readonly Step[]>;

/** For the tables of keys as the reference shows them. */
export const ANY_CONTEXT: StepContext = { scope: SCOPES.run, category: '', priority: 50 };

/** Every name that the `as` of some `wait` in this part of the file gives, right or wrong otherwise. */
export function namesGiven(node: YamlNode): readonly string[] {
  switch (node.kind) {
    case 'scalar':
      return [];
    case 'list':
      return node.items.flatMap(namesGiven);
    case 'map':
      return node.entries.flatMap(({ key, value }) => {
        const as =
          key === 'wait' && value.kind === 'map' ? value.entries.find((entry) => entry.key === 'as') : undefined;
        const own = as?.value.kind === 'scalar' && isAsName(String(as.value.value)) ? [String(as.value.value)] : [];
        return [...own, ...namesGiven(value)];
      });
  }
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
