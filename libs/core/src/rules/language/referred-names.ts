import { closestName } from '../reading/closest-name.js';
import type { Reader } from '../reading/fields.js';
import { checkName, readScalar } from '../reading/scalars.js';
import type { DiagnosticCode } from '../diagnostic-codes.js';
import type { WorkspaceNames } from '../reading/workspace-names.js';

interface Referred {
  /** As in `the name of a segment`. */
  readonly what: string;
  readonly code: DiagnosticCode;
  readonly known: (names: WorkspaceNames) => Iterable<string> | null;
  /** How to make one, for the sentence. */
  readonly make: (name: string) => string;
}

/** The name of something that another file of the workspace defines. */
function referred({ what, code, known, make }: Referred): Reader<string> {
  return {
    type: `name of ${what}`,
    read(node, reading) {
      const scalar = readScalar(node, reading, `the name of ${what}`);
      const found = scalar && checkName(String(scalar.value), scalar.span, reading, what);
      const all = known(reading.names);
      if (scalar === undefined || found === undefined || all === null) return found;
      const names = [...all];
      if (names.includes(found)) return found;
      const closest = closestName(found, names);
      const hint = closest === null ? make(found) : `did you mean "${closest}"?`;
      return reading.error(
        scalar.span,
        code,
        `there is no ${what.replace(/^an? /, '')} "${found}" (${hint})`,
        closest ?? undefined,
      );
    },
  };
}

/** The name of a template of the workspace. */
export const templateName = referred({
  what: 'a template',
  code: 'rule/unknown-template',
  known: (names) => names.templates?.keys() ?? null,
  make: (name) => `make a folder templates/${name}`,
});

export const segmentName = referred({
  what: 'a segment',
  code: 'rule/unknown-segment',
  known: (names) => names.segments,
  make: () => 'segments are defined under `segments` in segments.yaml',
});

export const webhookName = referred({
  what: 'a webhook',
  code: 'rule/unknown-webhook',
  known: (names) => names.webhooks,
  make: () => 'webhooks are defined under `webhooks` in kairos.yaml',
});

export const ruleName = referred({
  what: 'a rule',
  code: 'rule/unknown-rule',
  known: (names) => names.rules,
  make: (name) => `rules/${name}.yaml does not exist`,
});
