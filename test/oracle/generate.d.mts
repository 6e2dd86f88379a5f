export interface GeneratedCase {
  readonly files: Readonly<Record<string, string>>;
  readonly events: readonly unknown[];
  readonly customers: readonly unknown[];
  readonly args: readonly string[];
}
export function generate(seed: number): GeneratedCase;
export function writeCase(folder: string, generated: GeneratedCase): void;
