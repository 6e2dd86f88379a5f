import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { WorkspaceFile } from '#core';

/** Files of a workspace larger than this are handed on cut: their size is refused by the reader, their content not needed. */
const MAX_BYTES = 2 * 1024 * 1024;
/** Not part of a workspace, wherever they lie. */
const SKIPPED = new Set(['node_modules', '.git', '.kairos']);

/** The folder is not there, or is none. */
export class WorkspaceFolderError extends Error {
  readonly code = 'workspace_folder';
  readonly retryable = false;
}

/** All files that may belong to the workspace: kairos.yaml, *.yaml, *.yml and templates. Throws WorkspaceFolderError. */
export async function readWorkspaceFolder(folder: string): Promise<WorkspaceFile[]> {
  const found = await stat(folder).catch(() => null);
  if (found === null)
    throw new WorkspaceFolderError(
      `there is no folder ${folder}; name the workspace with --workspace DIR or KAIROS_WORKSPACE`,
    );
  if (!found.isDirectory())
    throw new WorkspaceFolderError(`${folder} is a file; a workspace is the folder in which kairos.yaml lies`);
  const paths = await listFiles(folder);
  const wanted = paths.filter((path) => /\.ya?ml$/.test(path) || path.startsWith('templates/'));
  return Promise.all(wanted.sort().map(async (path) => ({ path, bytes: await readStart(join(folder, path)) })));
}

async function listFiles(folder: string, below = folder): Promise<string[]> {
  const entries = await readdir(below, { withFileTypes: true });
  const lists = await Promise.all(
    entries.map(async (entry) => {
      if (SKIPPED.has(entry.name)) return [];
      const path = join(below, entry.name);
      if (entry.isDirectory()) return listFiles(folder, path);
      return entry.isFile() ? [relative(folder, path).split(sep).join('/')] : [];
    }),
  );
  return lists.flat();
}

async function readStart(path: string): Promise<Uint8Array> {
  const bytes = await readFile(path);
  return bytes.length > MAX_BYTES ? bytes.subarray(0, MAX_BYTES) : bytes;
}
