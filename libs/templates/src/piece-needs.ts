import type { TemplatePartial } from '#core';
import { parseTemplate, TemplateSyntaxError } from './parse-template.js';
import { namesFromRoot, visitTemplate } from './visit-template.js';

/** A value that must be there. */
export interface Need {
  /** From the root: `with.discount`. */
  readonly text: string;
  /** What is asked for around it. */
  readonly present: readonly string[];
}

/** What a piece needs of those who put it in, of all its languages and of the pieces in it; each text once. */
export function pieceNeeds(name: string, pieces: readonly TemplatePartial[]): readonly Need[] {
  const needs = new Map<string, Need>();
  collect(name, [], pieces, new Set(), (need) => {
    const known = needs.get(need.text);
    if (known === undefined || need.present.length < known.present.length) needs.set(need.text, need);
  });
  return [...needs.values()];
}

function collect(
  name: string,
  present: readonly string[],
  pieces: readonly TemplatePartial[],
  seen: Set<string>,
  found: (need: Need) => void,
): void {
  if (seen.has(name)) return;
  seen.add(name);
  for (const piece of pieces) {
    if (piece.name !== name) continue;
    try {
      visitTemplate(parseTemplate(piece.source), {
        value: (path, around) => {
          const names = namesFromRoot(path, around.scopes);
          if (names !== null && !around.lenient)
            found({ text: names.join('.'), present: [...present, ...around.present] });
          return path;
        },
        lenientResult: (call) => call,
        call: () => undefined,
        unescaped: () => undefined,
        partial: (node, inner, around) => {
          const isPlain = node.params.length === 0 && (node.hash as hbs.AST.Hash | undefined) === undefined;
          if (isPlain && around.scopes.length === 0)
            collect(inner, [...present, ...around.present], pieces, seen, found);
        },
        unsupported: () => undefined,
      });
    } catch (error) {
      // Told where the piece itself is checked.
      if (!(error instanceof TemplateSyntaxError)) throw error;
    }
  }
}
