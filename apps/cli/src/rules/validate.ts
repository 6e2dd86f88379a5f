import { join } from 'node:path';
import { compileRuleset, storageOf, type Diagnostic, type StorageReport, type Workspace } from '#core';
import { readTestFile } from '#rule-testing';
import { commandSettings, shownPath } from '../installation/command-settings.js';
import { CommandError, EXIT, type ExitStatus } from '../terminal/command-error.js';
import type { Terminal } from '../terminal/terminal.js';
import { loadWorkspace, withTemplateFindings, type LoadedWorkspace } from './load-workspace.js';
import { countDiagnostics, counted, showDiagnostics } from './show-diagnostics.js';
import { showStorage } from './show-storage.js';
import { watchWorkspace } from './watch-workspace.js';

export interface ValidateOptions {
  readonly format: 'pretty' | 'json' | 'github';
  readonly watch?: boolean;
  /** What is kept of each customer; only of a workspace without errors. */
  readonly showStorage?: boolean;
}

/** `kairos rules validate`. Throws CommandError. */
export async function validate(terminal: Terminal, options: ValidateOptions): Promise<ExitStatus> {
  if (options.showStorage === true && options.format === 'github')
    throw new CommandError('annotations have no place for storage; use --show-storage with --format pretty or json');
  const folder = commandSettings(terminal).workspace;
  const once = (): Promise<ExitStatus> => validateOnce(terminal, folder, options);
  return options.watch === true ? watchWorkspace(terminal, { folder }, once) : once();
}

async function validateOnce(terminal: Terminal, folder: string, options: ValidateOptions): Promise<ExitStatus> {
  const loaded = withTests(await withTemplateFindings(await loadWorkspace(folder)));
  const storage = options.showStorage === true && loaded.workspace !== null ? storageIn(loaded.workspace) : null;
  switch (options.format) {
    case 'json': {
      const { diagnostics } = loaded;
      const shown = options.showStorage === true ? { diagnostics, storage } : diagnostics;
      terminal.out.line(JSON.stringify(shown, null, 2));
      break;
    }
    case 'github':
      for (const diagnostic of loaded.diagnostics)
        terminal.out.line(githubAnnotation(diagnostic, shownPath(terminal, join(folder, diagnostic.file))));
      break;
    case 'pretty':
      showDiagnostics(terminal.out, loaded.diagnostics, loaded.files);
      terminal.out.line(summary(shownPath(terminal, folder), loaded));
      if (storage !== null) showStorage(terminal.out, storage);
      break;
  }
  return loaded.diagnostics.some(({ severity }) => severity === 'error') ? EXIT.findings : EXIT.fine;
}

function storageIn(workspace: Workspace): StorageReport {
  return storageOf(compileRuleset(workspace, 1, {}), workspace);
}

/** Tests are read with the rest, so that nobody learns of their mistakes later. */
function withTests(loaded: LoadedWorkspace): LoadedWorkspace {
  const tests = loaded.files.filter(({ path }) => path.startsWith('rules/') && path.endsWith('.test.yaml'));
  const found = tests.flatMap((file) => readTestFile(file, loaded.workspace).diagnostics);
  return { ...loaded, diagnostics: [...loaded.diagnostics, ...found] };
}

function summary(folder: string, { workspace, diagnostics }: LoadedWorkspace): string {
  const found = countDiagnostics(diagnostics);
  if (workspace === null) return `${folder}: ${found}`;
  const content = [
    counted(workspace.rules.length, 'rule'),
    counted(Object.keys(workspace.templates).length, 'template'),
  ].join(', ');
  return `${folder}: ${content}, ${found ?? 'no problems'}`;
}

/** https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions */
function githubAnnotation(
  { line, column, endLine, endColumn, severity, code, message }: Diagnostic,
  file: string,
): string {
  const place = { file, line, endLine, col: column, endColumn, title: code };
  const properties = Object.entries(place).map(
    ([name, value]) => `${name}=${escaped(String(value)).replace(/:/g, '%3A').replace(/,/g, '%2C')}`,
  );
  return `::${severity} ${properties.join(',')}::${escaped(message)}`;
}

function escaped(text: string): string {
  return text.replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A');
}
