import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readJson, root, say } from './project.mjs';
import { SetupError } from './setup-error.mjs';

/**
 * Are node_modules what package-lock.json asks for? Compared with npm's own record of what it installed, so an
 * `npm install` by hand counts and an installation that broke off does not. Optional packages may be missing (other
 * platforms), and those for development too unless `development` is set.
 */
export function dependenciesAreCurrent({ development, folder = root }) {
  const record = `${folder}node_modules/.package-lock.json`;
  if (!existsSync(record)) return false;
  const installed = readJson(record).packages;
  return Object.entries(readJson(`${folder}package-lock.json`).packages).every(([path, wanted]) => {
    if (path === '') return true;
    const present = installed[path];
    if (present) return present.version === wanted.version;
    return wanted.optional || wanted.devOptional || (wanted.dev && !development);
  });
}

// npm tells its scripts where it is itself; otherwise it is the one on the path.
function npmCommand() {
  const self = process.env.npm_execpath;
  return self?.endsWith('.js') ? [process.execPath, self] : ['npm'];
}

/** Runs `npm ci`, quietly. Throws SetupError with npm's own last words when it fails. */
export async function installDependencies() {
  const started = Date.now();
  say('Installing dependencies (once, about half a minute) ...');
  const [command, ...first] = npmCommand();
  const options = ['ci', '--include=dev', '--no-audit', '--no-fund', '--no-progress', '--loglevel=error'];
  const npm = spawn(command, [...first, ...options], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32' && first.length === 0,
  });
  let output = '';
  npm.stdout.on('data', (text) => (output += text));
  npm.stderr.on('data', (text) => (output += text));
  const ticking = setInterval(() => say(`  still installing, ${Math.round((Date.now() - started) / 1000)} s`), 15_000);
  const status = await new Promise((resolve) => {
    npm.on('error', (error) => resolve(error.message));
    npm.on('close', resolve);
  });
  clearInterval(ticking);
  if (status !== 0) {
    const last = output.trim().split('\n').slice(-15).join('\n  ');
    throw new SetupError(
      `The dependencies could not be installed ("npm ci" ended with ${status}). Is the npm registry reachable? npm said:\n  ${last}`,
    );
  }
  say(`  installed in ${Math.round((Date.now() - started) / 1000)} s`);
}
