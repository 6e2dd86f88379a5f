import type { Channel, Template } from '../model.js';

/** What a rule may refer to; null where the file that says so could not be read, so that nothing is judged by half of it. */
export interface WorkspaceNames {
  readonly categories: ReadonlySet<string> | null;
  readonly channels: readonly Channel[] | null;
  readonly templates: ReadonlyMap<string, Template> | null;
}

export const NO_NAMES: WorkspaceNames = { categories: null, channels: null, templates: null };
