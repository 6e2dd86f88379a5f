// npm run deps: who imports whom (.dependency-cruiser.mjs), names that say nothing, READMEs of the libs.
import { existsSync } from 'node:fs';
import { root } from './setup/project.mjs';
import { findEmptyNames, findReadmeProblems } from './testing/layout.mjs';
import { runNode } from './testing/run-command.mjs';

const cruiser = 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs';
const folders = ['apps', 'libs', 'test', 'bench'].filter((folder) => existsSync(root + folder));

const { status } = await runNode([cruiser, '--config', '.dependency-cruiser.mjs', ...folders], { shown: true });
const problems = [
  ...['apps', 'libs', 'test', 'bench', 'scripts', 'tools']
    .flatMap(findEmptyNames)
    .map((path) => `${path}: name it after what it holds`),
  ...findReadmeProblems(),
];
problems.forEach((problem) => console.error(problem));
process.exitCode = status === 0 && problems.length === 0 ? 0 : 1;
