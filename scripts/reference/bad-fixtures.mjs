import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { root } from '../setup/project.mjs';

const folder = join(root, 'test/fixtures/diagnostics');
const valid = join(folder, 'workspace');

/** `# rules/cart.yaml`, `# kairos.yaml: missing`, … begins a file in a fixture. */
const HEAD =
  /^# ((?:[\w -]+\/)*[\w.-]+\.(?:ya?ml|hbs|mjml|html|md))(?:: (missing|saved as UTF-16|filled up to 300 KB))?\n/gm;

/**
 * Each NAME.bad.yaml of test/fixtures/diagnostics: the code that is its place, and the files by which it differs from the
 * valid workspace beside it; null takes one away.
 */
export function badFixtures() {
  const paths = filesBelow(folder).filter((path) => path.endsWith('.bad.yaml'));
  return paths.map((path) => {
    const text = readFileSync(join(folder, path), 'utf8');
    const heads = [...text.matchAll(HEAD)];
    const files = heads.map(({ 0: line, 1: name, 2: how, index }, k) => {
      const content = text.slice(index + line.length, heads[k + 1]?.index ?? text.length);
      return [name, how === 'missing' ? null : bytesOf(content, how)];
    });
    return { code: path.slice(0, -'.bad.yaml'.length), files: new Map(files) };
  });
}

/** All that `kairos rules validate` and the commands that read mappings find in it, with the files they look at. */
export async function findingsIn({ files }) {
  const { isRuleFile, orderDiagnostics, readMapping, readWorkspace } = await import('#core');
  const { readTestFile } = await import('#rule-testing');
  const { findTemplateProblems } = await import('#templates');
  const all = new Map(filesBelow(valid).map((path) => [path, readFileSync(join(valid, path))]));
  for (const [path, bytes] of files) all.set(path, bytes);
  const present = [...all].flatMap(([path, bytes]) => (bytes === null ? [] : [{ path, bytes }]));
  const { workspace, diagnostics, toCheck } = readWorkspace(present.filter(({ path }) => !isMapping(path)));
  const tests = present.filter(({ path }) => path.endsWith('.test.yaml') && !isRuleFile(path));
  return {
    files: present,
    diagnostics: orderDiagnostics([
      ...diagnostics,
      ...(await findTemplateProblems(toCheck)),
      ...tests.flatMap((file) => readTestFile(file, workspace).diagnostics),
      ...present.filter(({ path }) => isMapping(path)).flatMap((file) => readMapping(file).diagnostics),
    ]),
  };
}

function isMapping(path) {
  return path.endsWith('.mapping.yaml');
}

function filesBelow(directory) {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
}

function bytesOf(text, how) {
  if (how === 'saved as UTF-16') return Buffer.from(`\ufeff${text}`, 'utf16le');
  return Buffer.from(how === undefined ? text : `${text}#${'x'.repeat(300 * 1024 - text.length)}`);
}

/** One finding of each code as it is printed, by code. */
export async function exampleFindings() {
  const { decodeText, renderDiagnostic } = await import('#core');
  const examples = badFixtures().map(async (fixture) => {
    const { diagnostics, files } = await findingsIn(fixture);
    const finding = diagnostics.find(({ code }) => code === fixture.code);
    const file = files.find(({ path }) => path === finding.file);
    const text = file === undefined ? null : (decodeText(file, 'rule').source?.text ?? null);
    return [fixture.code, renderDiagnostic(finding, text, { color: false })];
  });
  return new Map(await Promise.all(examples));
}
