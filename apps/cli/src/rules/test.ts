import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { readFile } from 'node:fs/promises';
import type { WorkspaceFile } from '#core';
import {
  formatJson,
  formatJunit,
  formatPretty,
  PLAIN,
  runRuleTests,
  type Paint,
  type RuleTestResults,
} from '#rule-testing';
import { matchesGlob } from '../files/matches-glob.js';
import { commandSettings, shownPath } from '../installation/command-settings.js';
import { CommandError, EXIT, type ExitStatus } from '../terminal/command-error.js';
import type { Output, Terminal } from '../terminal/terminal.js';
import { loadValidWorkspace, loadWholeWorkspace } from './load-workspace.js';
import { showDiagnostics } from './show-diagnostics.js';
import { watchWorkspace } from './watch-workspace.js';

export interface TestOptions {
  readonly run?: RegExp;
  readonly format: 'pretty' | 'json' | 'junit';
  readonly coverage?: boolean;
  readonly watch?: boolean;
}

/** `kairos rules test`: fails when there is nothing to test, too. Throws CommandError. */
export async function test(terminal: Terminal, patterns: readonly string[], options: TestOptions): Promise<ExitStatus> {
  if (options.coverage === true && options.format === 'junit')
    throw new CommandError('JUnit has no place for coverage; use --coverage with --format pretty or json');
  const folder = commandSettings(terminal).workspace;
  const once = (): Promise<ExitStatus> => testOnce(terminal, folder, patterns, options);
  if (options.watch !== true) return once();
  const files = patterns.map((pattern) => resolve(terminal.directory, pattern));
  return watchWorkspace(terminal, { folder, files: files.filter((file) => !file.startsWith(folder + sep)) }, once);
}

async function testOnce(
  terminal: Terminal,
  folder: string,
  patterns: readonly string[],
  options: TestOptions,
): Promise<ExitStatus> {
  const loaded = await loadValidWorkspace(terminal, folder, loadWholeWorkspace);
  if (loaded === null) return EXIT.findings;
  const chosen = await chooseFiles(terminal, folder, loaded.files, patterns);
  for (const pattern of chosen.unmatched) terminal.err.line(`kairos: no test file matches ${pattern}`);
  const results = runRuleTests(loaded.workspace, chosen.files, {
    only: options.run ?? null,
    coverage: options.coverage ?? false,
  });
  for (const { diagnostics } of results.files) showDiagnostics(terminal.err, diagnostics, chosen.files);
  terminal.out.line(format(results, options.format, terminal.out));
  if (results.passed + results.failed === 0) {
    terminal.err.line(`kairos: ${nothingRan(results, options.run, shownPath(terminal, folder))}`);
    return EXIT.findings;
  }
  return results.failed > 0 || chosen.unmatched.length > 0 ? EXIT.findings : EXIT.fine;
}

function nothingRan({ skipped }: RuleTestResults, run: RegExp | undefined, folder: string): string {
  if (run !== undefined && skipped > 0)
    return `no test was run: of ${skipped} tests none has a name that matches ${run.source}`;
  return `no test was run; tests of ${folder} are written in rules/NAME.test.yaml`;
}

interface ChosenFiles {
  readonly files: readonly WorkspaceFile[];
  readonly unmatched: readonly string[];
}

/** Patterns are meant from the workspace or from here; a file outside of the workspace may be named as it is. */
async function chooseFiles(
  { directory }: Terminal,
  folder: string,
  all: readonly WorkspaceFile[],
  patterns: readonly string[],
): Promise<ChosenFiles> {
  const tests = all.filter(({ path }) => path.endsWith('.test.yaml'));
  if (patterns.length === 0) return { files: tests, unmatched: [] };
  const chosen = new Map<string, WorkspaceFile>();
  const unmatched: string[] = [];
  for (const pattern of patterns) {
    const fromFolder = relative(folder, resolve(directory, pattern)).split(sep).join('/');
    let found = tests.filter(({ path }) => matchesGlob(path, pattern) || matchesGlob(path, fromFolder));
    if (found.length === 0) found = await readNamed(directory, pattern);
    if (found.length === 0) unmatched.push(pattern);
    for (const file of found) chosen.set(file.path, file);
  }
  return { files: [...chosen.values()], unmatched };
}

async function readNamed(directory: string, path: string): Promise<WorkspaceFile[]> {
  const bytes = await readFile(isAbsolute(path) ? path : join(directory, path)).catch(() => null);
  return bytes === null ? [] : [{ path, bytes }];
}

function format(results: RuleTestResults, name: TestOptions['format'], { color }: Output): string {
  switch (name) {
    case 'pretty':
      return formatPretty(results, color ? COLORS : PLAIN);
    case 'json':
      return formatJson(results);
    case 'junit':
      return formatJunit(results);
  }
}

const painted = (code: number) => (text: string) => `\u001b[${code}m${text}\u001b[0m`;
const COLORS: Paint = { good: painted(32), bad: painted(31), faint: painted(2) };
