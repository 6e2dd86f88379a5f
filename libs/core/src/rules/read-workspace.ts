import type { Diagnostic, WorkspaceFile } from './diagnostic.js';
import type { FileKind } from './diagnostic-codes.js';
import { orderDiagnostics } from './order-diagnostics.js';
import { fileFinding } from './file-finding.js';
import { checkRules, type RuleRead } from './language/check-rules.js';
import { readEvents } from './language/events.js';
import { readRule } from './language/rule.js';
import { readSettings, settingsNames } from './language/settings.js';
import { readTemplates } from './language/template.js';
import { NO_SEGMENTS, readSegments, segmentsNames } from './language/segments.js';
import type { Computed, Workspace } from './model.js';
import { misplacedFiles } from './misplaced-files.js';
import { Reading } from './reading/reading.js';
import { NO_NAMES, type WorkspaceNames } from './reading/workspace-names.js';
import { type GuardedYaml, readYaml } from './yaml/read-yaml.js';
import type { YamlNode } from './yaml/yaml-node.js';

export interface WorkspaceReading {
  /** null when there is any error. */
  readonly workspace: Workspace | null;
  /** All problems of all files, ordered by file and position; at most 20 a file, then their number. */
  readonly diagnostics: readonly Diagnostic[];
}

const SETTINGS_FILE = 'kairos.yaml';
const SEGMENTS_FILE = 'segments.yaml';
const EVENTS_FILE = 'events.yaml';
const NO_SEGMENT_NAMES = { segments: new Set<string>(), computed: new Map<string, Computed['kind']>() } as const;
const RULE_FILE = /^rules\/[^/]+\.yaml$/;

/**
 * Reads and checks a whole workspace. Pure and total: whatever the bytes are, the answer is a workspace or diagnostics
 * that say where, what and how to mend it. Tests of rules (`*.test.yaml`) are not looked at.
 */
export function readWorkspace(files: readonly WorkspaceFile[]): WorkspaceReading {
  const yaml = (path: string, kind: FileKind) => {
    const file = files.find((each) => each.path === path);
    return file && readYaml(file, kind);
  };
  const [settingsYaml, segmentsYaml, eventsYaml] = [
    yaml(SETTINGS_FILE, 'settings'),
    yaml(SEGMENTS_FILE, 'segments'),
    yaml(EVENTS_FILE, 'events'),
  ];
  const ruleFiles = files.filter(isRuleFile);
  const events = readPart(eventsYaml, NO_NAMES, readEvents);
  const plain: WorkspaceNames = {
    ...NO_NAMES,
    ...(settingsYaml?.root ? settingsNames(settingsYaml.root) : {}),
    ...(segmentsYaml === undefined ? NO_SEGMENT_NAMES : segmentsYaml.root ? segmentsNames(segmentsYaml.root) : {}),
    rules: new Set(ruleFiles.map(({ path }) => path.slice('rules/'.length, -'.yaml'.length))),
    events: events.value ?? null,
  };
  const settings = readPart(settingsYaml, plain, readSettings);
  const templates = readTemplates(
    files.filter((file) => file.path.startsWith('templates/')),
    settings.value?.locale ?? null,
  );
  const names = { ...plain, templates: templates.templates };
  const segments = readPart(segmentsYaml, names, readSegments);
  const rules = readRules(ruleFiles, names);
  const diagnostics = orderDiagnostics([
    ...(settingsYaml === undefined ? missingSettings() : []),
    ...[settings, events, templates, segments, rules].flatMap((part) => part.diagnostics),
    ...misplacedFiles(files),
  ]);
  if (settings.value === undefined || diagnostics.some((diagnostic) => diagnostic.severity === 'error'))
    return { workspace: null, diagnostics };
  return {
    workspace: {
      settings: settings.value,
      rules: rules.rules.map((read) => read.rule).sort((a, b) => (a.name < b.name ? -1 : 1)),
      ...(segments.value ?? NO_SEGMENTS),
      events: events.value ?? null,
      templates: Object.fromEntries(templates.templates),
    },
    diagnostics,
  };
}

export function isRuleFile(file: WorkspaceFile): boolean {
  return RULE_FILE.test(file.path) && !file.path.endsWith('.test.yaml');
}

interface Part<T> {
  readonly value: T | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** A file of its own kind; a file that is not there has no value and no fault. */
function readPart<T>(
  yaml: GuardedYaml | undefined,
  names: WorkspaceNames,
  read: (root: YamlNode, reading: Reading) => T | undefined,
): Part<T> {
  if (yaml === undefined) return { value: undefined, diagnostics: [] };
  if (yaml.root === null) return { value: undefined, diagnostics: yaml.diagnostics };
  const reading = new Reading(yaml.reading.source, yaml.reading.kind, names);
  return { value: read(yaml.root, reading), diagnostics: reading.diagnostics };
}

function missingSettings(): readonly Diagnostic[] {
  return fileFinding(SETTINGS_FILE, 'file/missing', 'the workspace has no kairos.yaml, which holds its settings');
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
