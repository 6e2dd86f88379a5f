import type { Reader, Reading, Workspace, YamlNode } from '#core';
import type { Place } from '../test-file.js';

/** What the parts of one test file refer to. */
export interface TestPlaces {
  /** ms; null: not known, since it is written wrongly. */
  readonly clock: number | null;
  readonly at: Reader<number>;
  readonly customer: Reader<string>;
  readonly rule: Reader<string>;
  /** null: not known, since the workspace has errors. */
  readonly workspace: Workspace | null;
}

/** Where a node stands; of a map that is written as a block only its first line counts as a place to look at. */
export function placeOf({ span }: Pick<YamlNode, 'span'>, { source }: Reading): Place {
  const start = source.position(span.start);
  const end = source.position(Math.max(span.start, span.end));
  return { line: start.line, column: start.column, endLine: end.line, endColumn: end.column };
}
