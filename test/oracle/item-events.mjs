// Events about things: they start rules for every customer whose list holds the thing, and are nothing else to her.
import { entriesOf, idOfList } from './computed.mjs';
import { holds, isEqual } from './conditions.mjs';
import { scopeOf } from './customer.mjs';
import { applyEmitted, startOrMeet } from './triggers.mjs';

/** The entry of the thing in a list of the customer, undefined where she has none. */
function entryOf(list, thing, scope) {
  const name = list.slice('customer.'.length);
  const id = idOfList(name, scope.workspace);
  return entriesOf(name, scope).find((entry) => isEqual(entry[id], thing));
}

/** One run for each entry: its key is the thing. */
function startByItem(context, rule, event) {
  const scope = scopeOf(context.customer, context.workspace, event.time, { event });
  for (const occasion of rule.starts) {
    if (occasion.kind !== 'item' || !occasion.names.includes(event.name)) continue;
    const item = entryOf(occasion.list, event.thing, scope);
    if (item === undefined || !holds(occasion.where, { ...scope, item })) continue;
    const isTooLate = context.clock - event.time > rule.tooLateAfter;
    startOrMeet(context, rule, String(event.thing), { time: event.time, event, isTooLate, isEvent: true });
    return;
  }
}

export function applyItem(context, event) {
  const { customer, workspace } = context;
  if (customer.seenIds.has(event.id)) return;
  customer.seenIds.add(event.id);
  for (const rule of workspace.rules) startByItem(context, rule, event);
  applyEmitted(context);
}
