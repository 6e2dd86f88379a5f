import { userInfo } from 'node:os';
import { compileRuleset, readWorkspace, storageOf, type Workspace } from '#core';
import { publishWorkspace, warmingRules, type PublishedRuleset, type PublishRequest } from '#engine';
import { formatPretty, runRuleTests } from '#rule-testing';
import { commandSettings, shownPath } from '../installation/command-settings.js';
import { withTables, type Tables } from '../installation/with-installation.js';
import { EXIT, type ExitStatus } from '../terminal/command-error.js';
import type { Terminal } from '../terminal/terminal.js';
import { loadValidWorkspace, loadWholeWorkspace, type ValidWorkspace } from './load-workspace.js';
import { countRuns, previewLines, previewPublication } from './preview-publication.js';
import { counted, showDiagnostics } from './show-diagnostics.js';
import {
  countLines,
  countThem,
  isConfirmed,
  ruleToStart,
  startRequest,
  type StartExistingOptions,
} from './start-existing.js';
import { storageChanges } from './storage-changes.js';

export interface PublishOptions extends StartExistingOptions {
  readonly removed: 'finish' | 'stop';
  readonly dryRun?: boolean;
}

/** `kairos rules publish`: validates, tests, shows what changes, stores a version and tells every partition. */
export async function publish(terminal: Terminal, options: PublishOptions): Promise<ExitStatus> {
  const config = commandSettings(terminal);
  const loaded = await loadValidWorkspace(terminal, config.workspace, loadWholeWorkspace);
  const shown = shownPath(terminal, config.workspace);
  const passes = loaded !== null && testsPass(terminal, loaded);
  if (loaded === null || (!passes && options.dryRun !== true)) {
    terminal.err.line(`${shown} was not published`);
    return EXIT.findings;
  }
  const rule = ruleToStart(options, loaded.workspace);
  return withTables(terminal, config, true, async (tables) => {
    const latest = await tables.rulesets.latest();
    await showChanges(terminal, loaded, latest, tables, options);
    const count = rule === null ? null : await countThem(terminal, loaded, rule, tables);
    if (count !== null) for (const line of countLines(rule!.name, count, options.perHour!)) terminal.out.line(line);
    if (options.dryRun === true) {
      terminal.out.line(`nothing was published (--dry-run)${passes ? '' : ', nor could it be: tests fail'}`);
      return passes ? EXIT.fine : EXIT.findings;
    }
    if (count !== null && !(await isConfirmed(terminal, options))) {
      terminal.err.line(`${shown} was not published`);
      return EXIT.findings;
    }
    const startExisting = count === null ? undefined : startRequest(rule!.name, count, options.perHour!);
    await store(terminal, loaded, tables, { removed: options.removed, ...(startExisting && { startExisting }) });
    return EXIT.fine;
  });
}

async function showChanges(
  terminal: Terminal,
  { workspace, files }: ValidWorkspace,
  latest: PublishedRuleset | null,
  { rulesets, visitStates }: Tables,
  { removed }: PublishOptions,
): Promise<void> {
  const { runs, visit } = countRuns();
  await visitStates(visit);
  for (const line of previewLines(previewPublication(latest, files, runs), removed)) terminal.out.line(line);
  const before = latest === null ? null : readWorkspace(latest.files).workspace;
  for (const line of storageChanges(before && storageIn(before), storageIn(workspace))) terminal.out.line(line);
  const warming = warmingRules(latest, workspace);
  if (warming.length > 0)
    terminal.out.line(
      `  … ${warming.join(', ')}: nothing starts until what is counted anew is filled from the history of events`,
    );
  for (const [rule, waiting] of await rulesets.startsWaiting())
    terminal.out.line(
      `  … ${rule}: ${counted(waiting, 'customer')} of an earlier --start-existing are still to be started`,
    );
}

async function store(
  terminal: Terminal,
  { files, workspace }: ValidWorkspace,
  { rulesets }: Tables,
  request: Pick<PublishRequest, 'removed' | 'startExisting'>,
): Promise<void> {
  const shown = shownPath(terminal, commandSettings(terminal).workspace);
  const rules = counted(workspace.rules.length, 'rule');
  const { number, unchanged } = await publishWorkspace(rulesets, files, userInfo().username, request);
  terminal.out.line(
    unchanged
      ? `ruleset ${number} (${rules}) is published already: nothing has changed`
      : `published ${shown} as ruleset ${number} (${rules}); engines that run take it within seconds, each partition at its own place in the stream`,
  );
  if (request.startExisting !== undefined)
    terminal.out.line(`those already inside rule ${request.startExisting.rule} are started by the engines from now on`);
}

function storageIn(workspace: Workspace) {
  return storageOf(compileRuleset(workspace, 1, {}), workspace);
}

function testsPass(terminal: Terminal, { files, workspace }: ValidWorkspace): boolean {
  const tests = files.filter(({ path }) => path.endsWith('.test.yaml'));
  if (tests.length === 0) terminal.err.line('the workspace has no tests (rules/NAME.test.yaml)');
  const results = runRuleTests(workspace, tests, { only: null });
  for (const { diagnostics } of results.files) showDiagnostics(terminal.err, diagnostics, tests);
  if (results.failed > 0) terminal.err.line(formatPretty(results));
  return results.failed === 0;
}
