import type { Rule } from '../model.js';
import type { Reading } from '../reading/reading.js';
import type { YamlNode } from '../yaml/yaml-node.js';

/** A rule with the file it was read from, for findings that several rules show together. */
export interface RuleRead {
  readonly rule: Rule;
  readonly root: YamlNode;
  readonly reading: Reading;
}
