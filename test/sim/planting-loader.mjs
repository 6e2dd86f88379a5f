import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { transformSync } from '@swc/core';
import { BUGS_OF_PROCESSES } from '../chaos/planted-bugs.mjs';
import { PLANTED_BUGS } from './planted-bugs.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const bug = [...PLANTED_BUGS, ...BUGS_OF_PROCESSES].find(({ name }) => name === process.env.PLANTED_BUG);
if (bug === undefined) throw new Error(`There is no bug "${process.env.PLANTED_BUG}".`);
const target = `${root}dist/${bug.file.replace(/\.ts$/, '.js')}`;

/** The compiler's own settings, without what belongs to its configuration file. */
function settings() {
  const options = { ...JSON.parse(readFileSync(`${root}.swcrc`, 'utf8')), swcrc: false, configFile: false };
  delete options.$schema;
  return { ...options, sourceMaps: false };
}

export async function load(url, context, next) {
  if (!url.startsWith('file:') || fileURLToPath(url) !== target) return next(url, context);
  let source = readFileSync(root + bug.file, 'utf8');
  const instead = [bug.instead].flat();
  for (const [n, find] of [bug.find].flat().entries()) {
    const parts = source.split(find);
    if (parts.length !== 2)
      throw new Error(`"${bug.name}" is to be planted at ${parts.length - 1} places of ${bug.file}.`);
    source = parts.join(instead[n]);
  }
  const { code } = transformSync(source, { ...settings(), filename: root + bug.file });
  return { format: 'module', source: code, shortCircuit: true };
}
