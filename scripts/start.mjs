// node scripts/start.mjs PROGRAM [ARGUMENTS]: installs and builds when needed, then runs dist/PROGRAM.
import { runProgram } from './setup/run-program.mjs';

const [program = 'apps/standalone/src/main.js', ...args] = process.argv.slice(2);
await runProgram(program, args);
