// What is added to the random workspaces, feature by feature. Each has its own chance with its own seed, so that a seed stays as it is when other
// features are switched off: ORACLE_FEATURES=split,repeat names those that are on (`none`: the plain workspaces), default all.
import { daysOf } from './generate-workspace.mjs';
import { randomOf } from './random.mjs';
import { CALENDAR_FEATURES } from './generate-calendar.mjs';
import { IDENTITY_EVENTS_FOR, IDENTITY_FEATURES } from './generate-identities.mjs';
import { addRestocks, ITEM_FEATURES } from './generate-items.mjs';
import { breakCycle, MESSAGE_EVENTS_FOR, MESSAGE_FEATURES } from './generate-messages.mjs';
import { addProductsOf, SEGMENT_FEATURES } from './generate-segments.mjs';
import { STEP_FEATURES } from './generate-steps.mjs';

/** Name → [share of the cases that have it, what it does to a workspace]. */
const FEATURES = {
  ...STEP_FEATURES,
  ...SEGMENT_FEATURES,
  ...CALENDAR_FEATURES,
  ...MESSAGE_FEATURES,
  ...ITEM_FEATURES,
  ...IDENTITY_FEATURES,
};

export const FEATURE_NAMES = Object.keys(FEATURES);

/** The features that are on; a name that does not exist is an error, so that a comparison is never of nothing. */
export function chosenFeatures(text = process.env.ORACLE_FEATURES) {
  if (text === undefined || text === '' || text === 'all') return FEATURE_NAMES;
  const names = text.split(',').filter((name) => name !== 'none');
  const unknown = names.filter((name) => !FEATURE_NAMES.includes(name));
  if (unknown.length > 0) throw new Error(`no feature ${unknown.join(', ')}; there are ${FEATURE_NAMES.join(', ')}`);
  return names;
}

const hashOf = (text) => [...text].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) >>> 0, 7);

const randomFor = (seed, purpose) => randomOf((seed * 2654435761 + hashOf(purpose)) >>> 0);

export function addFeatures(seed, scene, workspace, chosen = chosenFeatures()) {
  workspace.features = [];
  for (const name of FEATURE_NAMES) {
    const random = { ...randomFor(seed, name), isNight: workspace.isNight, days: daysOf(scene), zones: scene.zones };
    const [share, add] = FEATURES[name];
    if (!random.chance(share) || !chosen.includes(name)) continue;
    add(random, workspace);
    workspace.features.push(name);
  }
  breakCycle(workspace);
  return workspace;
}

/** Name → what it does to the lines of a recording. */
const EVENTS_FOR = { lists: addProductsOf, items: addRestocks, ...MESSAGE_EVENTS_FOR, ...IDENTITY_EVENTS_FOR };

/** Makes events for the features that a workspace has. */
export function addEventsFor(seed, workspace, events) {
  for (const name of workspace.features) EVENTS_FOR[name]?.(randomFor(seed, `events for ${name}`), events, workspace);
  return events;
}
