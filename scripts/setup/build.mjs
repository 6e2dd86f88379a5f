import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { readJson, root, say } from './project.mjs';
import { SetupError } from './setup-error.mjs';
import { builtPath, compilerHash, listSources } from './sources.mjs';

const dist = `${root}dist/`;
const manifestFile = `${dist}.manifest.json`;

function readManifest() {
  const compiler = compilerHash();
  const known = existsSync(manifestFile) ? readJson(manifestFile) : undefined;
  return known?.compiler === compiler ? known : { compiler, files: {} };
}

function compare(sources, built) {
  return {
    changed: Object.keys(sources).filter((path) => sources[path] !== built[path]),
    removed: Object.keys(built).filter((path) => !(path in sources)),
  };
}

/** Does dist hold what the sources say? By content, since a fresh clone or a checkout moves every date. */
export function buildIsCurrent() {
  const { changed, removed } = compare(listSources(), readManifest().files);
  return changed.length === 0 && removed.length === 0;
}

// Renamed into place: a process that is just starting from dist never reads half a file.
function place(path, content) {
  const target = dist + path;
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(`${target}.${process.pid}`, content);
  renameSync(`${target}.${process.pid}`, target);
}

async function compile(path, swc, options) {
  if (!path.endsWith('.ts')) return place(path, readFileSync(root + path));
  const target = builtPath(path);
  const mapName = `${target.split('/').at(-1)}.map`;
  const { code, map } = await swc.transform(readFileSync(root + path, 'utf8'), {
    ...options,
    filename: root + path,
    sourceFileName: relative(dirname(dist + target), root + path),
    swcrc: false,
    configFile: false,
  });
  place(`${target}.map`, map);
  place(target, `${code}//# sourceMappingURL=${mapName}\n`);
}

/** Brings dist up to date: compiles what changed, copies other files, removes what has no source any more. */
export async function build() {
  const swc = await import('@swc/core');
  const options = readJson(`${root}.swcrc`);
  delete options.$schema;
  const sources = listSources();
  const manifest = readManifest();
  const { changed, removed } = compare(sources, manifest.files);
  if (changed.length > 20) say(`Building ${changed.length} files ...`);
  for (const path of removed) {
    rmSync(dist + builtPath(path), { force: true });
    rmSync(`${dist}${builtPath(path)}.map`, { force: true });
    delete manifest.files[path];
  }
  const problems = [];
  await Promise.all(
    changed.map((path) =>
      compile(path, swc, options).then(
        () => (manifest.files[path] = sources[path]),
        // After the frame with the place swc tells its own call stack.
        (error) => problems.push(error.message.split('\n\nCaused by')[0].trim()),
      ),
    ),
  );
  place('.manifest.json', JSON.stringify(manifest));
  if (problems.length > 0) throw new SetupError(`Some sources do not compile:\n${problems.join('\n')}`);
}
