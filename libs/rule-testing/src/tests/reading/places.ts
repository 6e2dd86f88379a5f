import type { Reader, Reading, Rule, YamlNode } from '#core';

/** What the parts of one test file refer to. */
export interface TestPlaces {
  readonly at: Reader<number>;
  readonly customer: Reader<string>;
  readonly rule: Reader<string>;
  /** null: not known, since the workspace has errors. */
  readonly rules: readonly Rule[] | null;
}

export function lineOf(node: YamlNode, reading: Reading): number {
  return reading.source.position(node.span.start).line;
}
