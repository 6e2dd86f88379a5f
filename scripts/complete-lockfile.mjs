// Adds to package-lock.json the packages for other platforms (optional dependencies such as @swc/core-darwin-arm64) that npm left out.
//
// npm leaves out what the registry in use does not carry, and `npm ci` then refuses the lockfile on every machine: it finds
// the dependency in its parent and no entry for it. Run this after changing dependencies; it changes nothing when all are there.
import { readFileSync, writeFileSync } from 'node:fs';

const lockfile = new URL('../package-lock.json', import.meta.url);
const systems = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const processors = ['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64'];

function platformOf(name) {
  const words = name.replace('windows', 'win32').split(/[/-]/);
  const os = systems.find((system) => words.includes(system));
  const cpu = processors.find((processor) => words.includes(processor) || words.includes(`${processor}-gnueabihf`));
  return os && cpu ? { cpu: [cpu], os: [os] } : undefined;
}

const lock = JSON.parse(readFileSync(lockfile, 'utf8'));
const added = [];
for (const [parent, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    if (lock.packages[`node_modules/${name}`] ?? lock.packages[`${parent}/node_modules/${name}`]) continue;
    const platform = platformOf(name);
    if (!platform || !/^\d+\.\d+\.\d+/.test(version)) {
      throw new Error(
        `${name}@${version}, wanted by ${parent}, has no entry and no platform in its name: add it by hand.`,
      );
    }
    lock.packages[`node_modules/${name}`] = {
      version,
      cpu: platform.cpu,
      ...(entry.dev && { dev: true }),
      optional: true,
      os: platform.os,
    };
    added.push(name);
  }
}
// npm's own order, so that the next `npm install` changes nothing.
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en')));
writeFileSync(lockfile, `${JSON.stringify(lock, null, 2)}\n`);
console.log(added.length === 0 ? 'Nothing was missing.' : `Added ${added.length}: ${added.join(', ')}`);
