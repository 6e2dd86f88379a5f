import { join } from 'node:path';
import type { Diagnostic } from '#core';
import { readTestFile } from '#rule-testing';
import { commandSettings, shownPath } from '../installation/command-settings.js';
import { EXIT, type ExitStatus } from '../terminal/command-error.js';
import type { Terminal } from '../terminal/terminal.js';
import { loadWorkspace, withTemplateFindings, type LoadedWorkspace } from './load-workspace.js';
import { countDiagnostics, counted, showDiagnostics } from './show-diagnostics.js';
import { watchWorkspace } from './watch-workspace.js';

export interface ValidateOptions {
  readonly format: 'pretty' | 'json' | 'github';
  readonly watch?: boolean;
}

/** `kairos rules validate`. */
export async function validate(terminal: Terminal, options: ValidateOptions): Promise<ExitStatus> {
  const folder = commandSettings(terminal).workspace;
  const once = (): Promise<ExitStatus> => validateOnce(terminal, folder, options);
  return options.watch === true ? watchWorkspace(terminal, { folder }, once) : once();
}

async function validateOnce(terminal: Terminal, folder: string, options: ValidateOptions): Promise<ExitStatus> {
  const loaded = withTests(await withTemplateFindings(await loadWorkspace(folder)));
  switch (options.format) {
    case 'json':
      terminal.out.line(JSON.stringify(loaded.diagnostics, null, 2));
      break;
    case 'github':
      for (const diagnostic of loaded.diagnostics)
        terminal.out.line(githubAnnotation(diagnostic, shownPath(terminal, join(folder, diagnostic.file))));
      break;
    case 'pretty':
      showDiagnostics(terminal.out, loaded.diagnostics, loaded.files);
      terminal.out.line(summary(shownPath(terminal, folder), loaded));
      break;
  }
  return loaded.diagnostics.some(({ severity }) => severity === 'error') ? EXIT.findings : EXIT.fine;
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
