import type { Channel, Computed, Template, TrackingPlan } from '../model.js';

/** What a rule may refer to; null where the file that says so could not be read, so that nothing is judged by half of it. */
export interface WorkspaceNames {
  readonly categories: ReadonlySet<string> | null;
  readonly channels: readonly Channel[] | null;
  readonly webhooks: ReadonlySet<string> | null;
  readonly templates: ReadonlyMap<string, Template> | null;
  readonly rules: ReadonlySet<string> | null;
  readonly segments: ReadonlySet<string> | null;
  /** Computed attributes without `customer.`, and of which kind they are. */
  readonly computed: ReadonlyMap<string, Computed['kind']> | null;
  /** null also where there is no events.yaml: then every name is right. */
  readonly events: TrackingPlan | null;
  /** Events that rules of this workspace emit. */
  readonly emitted: ReadonlySet<string>;
}

export const NO_NAMES: WorkspaceNames = {
  categories: null,
  channels: null,
  webhooks: null,
  templates: null,
  rules: null,
  segments: null,
  computed: null,
  events: null,
  emitted: new Set(),
};
