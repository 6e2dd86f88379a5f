// node test/sim/try-all-bugs.mjs [SEEDS [WORDS OF THE NAME]]: which planted bugs the judge finds.
import { tryBug } from './try-bug.mjs';
import { PLANTED_BUGS } from './planted-bugs.mjs';

const [seeds = '400', words = ''] = process.argv.slice(2);
for (const { name } of PLANTED_BUGS.filter((bug) => bug.name.includes(words))) {
  const { found, said } = tryBug(name, Number(seeds));
  console.log(`${found ? 'found' : 'NOT FOUND'}\t${name}\t${said.slice(0, 160)}`);
}
