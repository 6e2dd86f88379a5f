// node scripts/generate-reference.mjs            writes the generated pages of docs/reference, and schemas/
// node scripts/generate-reference.mjs --check    says which of them are not as they would be written, and writes nothing
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { editorSchemas } from './reference/editor-schemas.mjs';
import { referencePages } from './reference/pages.mjs';
import { prepareOrExit } from './setup/prepare.mjs';
import { root } from './setup/project.mjs';

const isCheck = process.argv.includes('--check');

await prepareOrExit();
if (!isCheck) mkdirSync(`${root}schemas`, { recursive: true });
const inFolder = (folder, files) => Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text]);
const files = [...inFolder('docs/reference', await referencePages()), ...inFolder('schemas', await editorSchemas())];
const old = files.filter(([path, text]) => !existsSync(root + path) || readFileSync(root + path, 'utf8') !== text);
for (const [path, text] of old) {
  if (isCheck) console.log(`${path} is not up to date; run: node scripts/generate-reference.mjs`);
  else writeFileSync(root + path, text);
}
if (!isCheck)
  console.log(old.length === 0 ? 'All files are up to date.' : `Written: ${old.map(([path]) => path).join(', ')}`);
process.exitCode = isCheck && old.length > 0 ? 1 : 0;
