import type { Span } from './source-text.js';

/** What a guarded YAML file holds: no anchors, tags or duplicate keys are left, every part knows where it stands. */
export type YamlNode = YamlMap | YamlList | YamlScalar;

export interface YamlMap {
  readonly kind: 'map';
  readonly entries: readonly YamlEntry[];
  readonly span: Span;
}

export interface YamlEntry {
  readonly key: string;
  readonly keySpan: Span;
  readonly value: YamlNode;
}

export interface YamlList {
  readonly kind: 'list';
  readonly items: readonly YamlNode[];
  readonly span: Span;
}

export interface YamlScalar {
  readonly kind: 'scalar';
  /** null: `null`, `~` or nothing at all (then `empty`). */
  readonly value: string | number | boolean | null;
  /** As written, for plain values; the value's text for quoted ones. */
  readonly written: string;
  readonly quoted: boolean;
  readonly empty: boolean;
  /** What follows on the same line after `#` without a blank behind it: often meant as text (`Order #1`). */
  readonly cutOff: string | null;
  /** Where nothing stands: the key, or the dash of the list item. */
  readonly span: Span;
}
