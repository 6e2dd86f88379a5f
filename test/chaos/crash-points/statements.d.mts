type Asked = string | { readonly name?: string; readonly text: string };

export function writes(asked: Asked): boolean;

/** Its name, or what it writes first. */
export function labelOf(asked: Asked): string;

/** Labels of the statements of a TypeScript source that write. */
export function writingStatementsIn(source: string): Set<string>;
