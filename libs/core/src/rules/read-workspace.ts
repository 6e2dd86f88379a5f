import type { Diagnostic, WorkspaceFile } from './diagnostic.js';
import { orderDiagnostics } from './order-diagnostics.js';
import { fileFinding } from './file-finding.js';
import { checkRules, type RuleRead } from './language/check-rules.js';
import { readRule } from './language/rule.js';
import { readSettings, settingsNames } from './language/settings.js';
import { readTemplates } from './language/template.js';
import type { Settings, Workspace } from './model.js';
import { misplacedFiles } from './misplaced-files.js';
import { Reading } from './reading/reading.js';
import { NO_NAMES, type WorkspaceNames } from './reading/workspace-names.js';
import { readYaml } from './yaml/read-yaml.js';

export interface WorkspaceReading {
  /** null when there is any error. */
  readonly workspace: Workspace | null;
  /** All problems of all files, ordered by file and position; at most 20 a file, then their number. */
  readonly diagnostics: readonly Diagnostic[];
}

const SETTINGS_FILE = 'kairos.yaml';
const RULE_FILE = /^rules\/[^/]+\.yaml$/;

/**
 * Reads and checks a whole workspace. Pure and total: whatever the bytes are, the answer is a workspace or diagnostics
 * that say where, what and how to mend it. Tests of rules (`*.test.yaml`) are not looked at.
 */
export function readWorkspace(files: readonly WorkspaceFile[]): WorkspaceReading {
  const {
    settings,
    names,
    locale,
    diagnostics: ofSettings,
  } = readSettingsFile(files.find((file) => file.path === SETTINGS_FILE));
  const { templates, diagnostics: ofTemplates } = readTemplates(
    files.filter((file) => file.path.startsWith('templates/')),
    locale,
  );
  const { rules, diagnostics: ofRules } = readRules(files.filter(isRuleFile), {
    ...names,
    templates,
    rules: new Set(files.filter(isRuleFile).map((file) => file.path.slice('rules/'.length, -'.yaml'.length))),
  });
  const diagnostics = orderDiagnostics([...ofSettings, ...ofTemplates, ...ofRules, ...misplacedFiles(files)]);
  if (settings === undefined || diagnostics.some((diagnostic) => diagnostic.severity === 'error'))
    return { workspace: null, diagnostics };
  const sorted = rules.map((read) => read.rule).sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    workspace: {
      settings,
      rules: sorted,
      segments: {},
      computed: {},
      events: null,
      templates: Object.fromEntries(templates),
    },
    diagnostics,
  };
}

export function isRuleFile(file: WorkspaceFile): boolean {
  return RULE_FILE.test(file.path) && !file.path.endsWith('.test.yaml');
}

interface SettingsRead {
  readonly settings: Settings | undefined;
  readonly names: WorkspaceNames;
  readonly locale: string | null;
  readonly diagnostics: readonly Diagnostic[];
}

function readSettingsFile(file: WorkspaceFile | undefined): SettingsRead {
  const unread = { settings: undefined, names: NO_NAMES, locale: null };
  if (file === undefined) {
    return {
      ...unread,
      diagnostics: fileFinding(
        SETTINGS_FILE,
        'file/missing',
        'the workspace has no kairos.yaml, which holds its settings',
      ),
    };
  }
  const yaml = readYaml(file, 'settings');
  if (yaml.root === null) return { ...unread, diagnostics: yaml.diagnostics };
  const names = { ...NO_NAMES, ...settingsNames(yaml.root) };
  const reading = new Reading(yaml.reading.source, 'settings', names);
  const settings = readSettings(yaml.root, reading);
  return { settings, names, locale: settings?.locale ?? null, diagnostics: reading.diagnostics };
}

function readRules(
  files: readonly WorkspaceFile[],
  names: WorkspaceNames,
): { readonly rules: readonly RuleRead[]; readonly diagnostics: readonly Diagnostic[] } {
  const rules: RuleRead[] = [];
  const readings: Reading[] = [];
  const diagnostics: Diagnostic[] = [];
  if (files.length === 0)
    diagnostics.push(
      ...fileFinding(SETTINGS_FILE, 'file/no-rules', 'the workspace has no rules: write rules/NAME.yaml', 'warning'),
    );
  for (const file of files) {
    const yaml = readYaml(file, 'rule', names);
    if (yaml.root === null) {
      diagnostics.push(...yaml.diagnostics);
      continue;
    }
    const rule = readRule(yaml.root, yaml.reading);
    readings.push(yaml.reading);
    if (rule !== undefined) rules.push({ rule, root: yaml.root, reading: yaml.reading });
  }
  checkRules(rules);
  return { rules, diagnostics: [...diagnostics, ...readings.flatMap((reading) => reading.diagnostics)] };
}
