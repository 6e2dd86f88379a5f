import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { root } from '../setup/project.mjs';

const saysNothing = /^(common|shared|utils?|helpers?)(\.|$)/;
const skipped = new Set(['node_modules', 'dist', 'lib']);

/** Files and folders below `folder` whose name says nothing about what they hold. */
export function findEmptyNames(folder) {
  if (!existsSync(root + folder)) return [];
  return readdirSync(root + folder, { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.name.startsWith('.') || skipped.has(entry.name)) return [];
    const below = entry.isDirectory() ? findEmptyNames(path) : [];
    return saysNothing.test(entry.name) ? [path, ...below] : below;
  });
}

/** Libs without a README.md, or with one of more than 40 lines. */
export function findReadmeProblems() {
  if (!existsSync(`${root}libs`)) return [];
  return readdirSync(`${root}libs`).flatMap((name) => {
    const readme = `${root}libs/${name}/README.md`;
    if (!existsSync(readme)) return [`libs/${name} has no README.md (what it is, what not, entry point, how it fails)`];
    const lines = readFileSync(readme, 'utf8').trimEnd().split('\n').length;
    return lines > 40 ? [`libs/${name}/README.md has ${lines} lines, more than 40`] : [];
  });
}
