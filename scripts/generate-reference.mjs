// node scripts/generate-reference.mjs            writes the generated pages of docs/reference
// node scripts/generate-reference.mjs --check    says which of them are not as they would be written, and writes nothing
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { referencePages } from './reference/pages.mjs';
import { prepareOrExit } from './setup/prepare.mjs';
import { root } from './setup/project.mjs';

const folder = 'docs/reference/';
const isCheck = process.argv.includes('--check');

await prepareOrExit();
const pages = Object.entries(await referencePages());
const old = pages.filter(([name, text]) => {
  const path = root + folder + name;
  return !existsSync(path) || readFileSync(path, 'utf8') !== text;
});
for (const [name, text] of old) {
  if (isCheck) console.log(`${folder}${name} is not up to date; run: node scripts/generate-reference.mjs`);
  else writeFileSync(root + folder + name, text);
}
if (!isCheck)
  console.log(old.length === 0 ? 'All pages are up to date.' : `Written: ${old.map(([name]) => name).join(', ')}`);
process.exitCode = isCheck && old.length > 0 ? 1 : 0;
