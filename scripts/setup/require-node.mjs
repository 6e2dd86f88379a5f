import { SetupError } from './setup-error.mjs';

const wanted = [20, 19];

/** Throws SetupError when `version` (as in process.versions.node) is too old for Kairos. */
export function requireNode(version = process.versions.node) {
  const [major, minor] = version.split('.').map(Number);
  if (major > wanted[0] || (major === wanted[0] && minor >= wanted[1])) return;
  throw new SetupError(
    `Kairos needs Node.js ${wanted.join('.')} or newer and this is ${version}: install a current one from nodejs.org, or with "nvm install 20".`,
  );
}
