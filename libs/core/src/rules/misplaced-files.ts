import type { Diagnostic, WorkspaceFile } from './diagnostic.js';
import { fileFinding } from './file-finding.js';

/** Files that look like part of the workspace, but lie or are called so that nobody would read them. */
export function misplacedFiles(files: readonly WorkspaceFile[]): readonly Diagnostic[] {
  return files.flatMap((file) => {
    const { path } = file;
    const meant = meantPath(path, file.bytes);
    if (meant === null || meant === path) return [];
    return fileFinding(path, 'file/overlooked', `this file is not read; it would have to be ${meant}`, 'error', meant);
  });
}

/** Where the file would have to lie to be read, or null for files that have nothing to do with the workspace. */
function meantPath(path: string, bytes: Uint8Array): string | null {
  if (/^(?:kairos|segments|events)\.ya?ml$/i.test(path)) return `${path.toLowerCase().replace(/\.ya?ml$/, '')}.yaml`;
  const rule = /^rules?\/(?:.*\/)?([^/]+?)((?:\.test)?)\.ya?ml$/i.exec(path);
  if (rule !== null) return `rules/${rule[1]}${(rule[2] ?? '').toLowerCase()}.yaml`;
  const atTop = /^([^/]+?)((?:\.test)?)\.ya?ml$/i.exec(path);
  return atTop !== null && beginsWithRule(bytes) ? `rules/${atTop[1]}.yaml` : null;
}

function beginsWithRule(bytes: Uint8Array): boolean {
  return /^rule:/m.test(new TextDecoder('utf-8').decode(bytes.subarray(0, 4_096)));
}
