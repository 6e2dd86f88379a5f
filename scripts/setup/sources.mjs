import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { root } from './project.mjs';

const folders = ['apps', 'libs', 'bench', 'test/sim'];
const isLeftOut = (name) => name.startsWith('.') || name === 'node_modules' || /\.(spec\.ts|d\.ts|md)$/.test(name);

const hash = (...parts) => parts.reduce((sum, part) => sum.update(part), createHash('sha256')).digest('hex');

function collect(folder, found) {
  for (const entry of readdirSync(root + folder, { withFileTypes: true })) {
    if (isLeftOut(entry.name)) continue;
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) collect(path, found);
    else found[path] = hash(readFileSync(root + path));
  }
}

/** Everything that is built into dist: path from the clone's root → hash of its content. Tests and texts for people are not. */
export function listSources() {
  const found = {};
  for (const folder of folders) if (existsSync(root + folder)) collect(folder, found);
  return found;
}

/** What the same source depends on to come out as the same code. */
export function compilerHash() {
  const { packages } = JSON.parse(readFileSync(`${root}package-lock.json`, 'utf8'));
  return hash(readFileSync(`${root}.swcrc`), packages['node_modules/@swc/core'].version);
}

/** Where `path` ends up below dist. */
export const builtPath = (path) => path.replace(/\.ts$/, '.js');
