import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const NOT_OURS = new Set(['node_modules', 'dist', 'coverage']);

export interface MarkdownFile {
  /** From the root of the project, with `/`. */
  readonly path: string;
  readonly text: string;
}

export interface CodeBlock {
  /** `docs/tutorial.md:12`, the line of the block's first line. */
  readonly place: string;
  readonly language: string;
  readonly text: string;
}

/** Every Markdown file of the project. */
export function markdownFiles(root: string, folder = ''): readonly MarkdownFile[] {
  return readdirSync(join(root, folder)).flatMap((name) => {
    const path = folder === '' ? name : `${folder}/${name}`;
    if (name.startsWith('.') || NOT_OURS.has(name)) return [];
    if (statSync(join(root, path)).isDirectory()) return markdownFiles(root, path);
    return name.endsWith('.md') ? [{ path, text: readFileSync(join(root, path), 'utf8') }] : [];
  });
}

/** Fenced blocks that stand at the beginning of a line. */
export function codeBlocks({ path, text }: MarkdownFile): readonly CodeBlock[] {
  return [...text.matchAll(/^```(\S*)\n([\s\S]*?)^```$/gm)].map((match) => ({
    place: `${path}:${text.slice(0, match.index).split('\n').length + 1}`,
    language: match[1] ?? '',
    text: match[2] ?? '',
  }));
}

/** Targets of links to files of the project and to headings, outside of code. */
export function localLinks({ text }: MarkdownFile): readonly string[] {
  const prose = text.replace(/^```[\s\S]*?^```$/gm, '').replace(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => match[1] ?? '')
    .filter((target) => !/^[a-z]+:/.test(target));
}

/** The anchors of a file's headings, as GitHub makes them. */
export function anchors({ text }: MarkdownFile): ReadonlySet<string> {
  const headings = [...text.replace(/^```[\s\S]*?^```$/gm, '').matchAll(/^#+ (.+)$/gm)];
  return new Set(
    headings.map((match) =>
      (match[1] ?? '')
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replace(/ /g, '-'),
    ),
  );
}
