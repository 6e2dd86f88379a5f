import type { Json, JsonObject } from '../../event/event.js';
import type { ValueTree } from '../../rules/model.js';
import { compileOperand } from './compile-path.js';
import type { ConditionContext, Read } from './condition-context.js';
import type { CounterPlans } from './history.js';

/**
 * Values of `with`, `set`, `emit` and `webhook`, as they are when the step is reached. What a path does not find is left
 * out of its map or list.
 */
export function compileValueTree(tree: ValueTree, plans: CounterPlans): Read {
  switch (tree.kind) {
    case 'list': {
      const items = tree.items.map((item) => compileValueTree(item, plans));
      return (context) => items.map((read) => read(context)).filter((value) => value !== undefined);
    }
    case 'map':
      return compileValueMap(tree.entries, plans);
    default:
      return compileOperand(tree, plans);
  }
}

export function compileValueMap(
  entries: { readonly [name: string]: ValueTree },
  plans: CounterPlans,
): (context: ConditionContext) => JsonObject {
  const reads = Object.entries(entries).map(([name, tree]) => [name, compileValueTree(tree, plans)] as const);
  return (context) => {
    const values: [string, Json][] = [];
    for (const [name, read] of reads) {
      const value = read(context);
      if (value !== undefined) values.push([name, value]);
    }
    return Object.fromEntries(values);
  };
}
