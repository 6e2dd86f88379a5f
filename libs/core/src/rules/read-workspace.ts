import type { JsonObject } from '../event/event.js';
import type { Diagnostic, WorkspaceFile } from './diagnostic.js';
import type { FileKind } from './diagnostic-codes.js';
import { orderDiagnostics } from './order-diagnostics.js';
import { fileFinding } from './file-finding.js';
import { checkRules } from './language/check-rules.js';
import type { RuleRead } from './language/rule-read.js';
import { readEvents } from './language/events.js';
import { readRule } from './language/rule.js';
import { readSettings, settingsNames } from './language/settings.js';
import { readTemplates } from './language/template.js';
import { NO_SEGMENTS, readSegments, type Segments, segmentsNames } from './language/segments.js';
import { type SendValues, templateValues } from './language/template-values.js';
import type { Computed, Template, TemplatePartial, Workspace } from './model.js';
import { misplacedFiles } from './misplaced-files.js';
import { findEntry } from './reading/fields.js';
import { Reading } from './reading/reading.js';
import { NO_NAMES, type WorkspaceNames } from './reading/workspace-names.js';
import { type GuardedYaml, readYaml } from './yaml/read-yaml.js';
import type { YamlNode } from './yaml/yaml-node.js';

export interface WorkspaceReading {
  /** null when there is any error. */
  readonly workspace: Workspace | null;
  /** All problems of all files, ordered by file and position; at most 20 a file, then their number. */
  readonly diagnostics: readonly Diagnostic[];
  /** For those who judge what is in templates; there also when `workspace` is not, so that all is found at once. */
  readonly toCheck: TemplatesToCheck;
}

/** The templates, and what the rest of the workspace gives to them. */
export interface TemplatesToCheck {
  readonly templates: { readonly [name: string]: Template };
  readonly partials: readonly TemplatePartial[];
  /** null: kairos.yaml cannot be read. */
  readonly shop: JsonObject | null;
  /** By template, every send of it; null: not all are known, since a rule has errors. */
  readonly sends: ReadonlyMap<string, readonly SendValues[]> | null;
  /** Names that some `as` gives, in rules with errors too; null: a file of a rule is not even YAML. */
  readonly named: ReadonlySet<string> | null;
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
  const settingsYaml = yamlOf(files, SETTINGS_FILE, 'settings');
  const segmentsYaml = yamlOf(files, SEGMENTS_FILE, 'segments');
  const eventsYaml = yamlOf(files, EVENTS_FILE, 'events');
  const ruleFiles = files.filter(isRuleFile).map((file): RuleFile => ({ file, yaml: readYaml(file, 'rule') }));
  const events = readPart(eventsYaml, NO_NAMES, readEvents);
  const plain: WorkspaceNames = {
    ...NO_NAMES,
    ...(settingsYaml?.root ? settingsNames(settingsYaml.root) : {}),
    ...(segmentsYaml === undefined ? NO_SEGMENT_NAMES : segmentsYaml.root ? segmentsNames(segmentsYaml.root) : {}),
    rules: new Set(ruleFiles.map(({ file }) => file.path.slice('rules/'.length, -'.yaml'.length))),
    emitted: new Set(ruleFiles.flatMap(({ yaml }) => (yaml.root === null ? [] : emittedIn(yaml.root)))),
    events: events.value ?? null,
  };
  const settings = readPart(settingsYaml, plain, readSettings);
  const templates = readTemplates(
    files.filter((file) => file.path.startsWith('templates/')),
    settings.value?.locale ?? null,
  );
  const names = { ...plain, templates: templates.templates };
  const segments = readPart(segmentsYaml, names, readSegments);
  const rules = readRules(ruleFiles, names, segments.value ?? NO_SEGMENTS);
  const diagnostics = orderDiagnostics([
    ...(settingsYaml === undefined ? missingSettings() : []),
    ...[settings, events, templates, segments, rules].flatMap((part) => part.diagnostics),
    ...misplacedFiles(files),
  ]);
  const toCheck: TemplatesToCheck = {
    templates: Object.fromEntries(templates.templates),
    partials: templates.partials,
    shop: settings.value?.shop ?? null,
    ...givenByRules(rules.rules, ruleFiles),
  };
  if (settings.value === undefined || diagnostics.some((diagnostic) => diagnostic.severity === 'error'))
    return { workspace: null, diagnostics, toCheck };
  return {
    workspace: {
      settings: settings.value,
      rules: rules.rules.map((read) => read.rule).sort((a, b) => (a.name < b.name ? -1 : 1)),
      ...(segments.value ?? NO_SEGMENTS),
      events: events.value ?? null,
      templates: toCheck.templates,
      partials: toCheck.partials,
    },
    diagnostics,
    toCheck,
  };
}

function yamlOf(files: readonly WorkspaceFile[], path: string, kind: FileKind): GuardedYaml | undefined {
  const file = files.find((each) => each.path === path);
  return file && readYaml(file, kind);
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

interface RuleFile {
  readonly file: WorkspaceFile;
  readonly yaml: GuardedYaml;
}

function readRules(
  files: readonly RuleFile[],
  names: WorkspaceNames,
  segments: Segments,
): { readonly rules: readonly RuleRead[]; readonly diagnostics: readonly Diagnostic[] } {
  const rules: RuleRead[] = [];
  const readings: Reading[] = [];
  const diagnostics: Diagnostic[] = [];
  if (files.length === 0)
    diagnostics.push(
      ...fileFinding(SETTINGS_FILE, 'file/no-rules', 'the workspace has no rules: write rules/NAME.yaml', 'warning'),
    );
  for (const { yaml } of files) {
    if (yaml.root === null) {
      diagnostics.push(...yaml.diagnostics);
      continue;
    }
    const reading = new Reading(yaml.reading.source, 'rule', names);
    const rule = readRule(yaml.root, reading);
    readings.push(reading);
    if (rule !== undefined) rules.push({ rule, root: yaml.root, reading });
  }
  checkRules(rules, segments);
  return { rules, diagnostics: [...diagnostics, ...readings.flatMap((reading) => reading.diagnostics)] };
}

function givenByRules(
  rules: readonly RuleRead[],
  files: readonly RuleFile[],
): Pick<TemplatesToCheck, 'sends' | 'named'> {
  const roots = files.map(({ yaml }) => yaml.root).filter((root) => root !== null);
  return {
    sends: rules.length < files.length ? null : templateValues(rules.map((read) => read.rule)),
    named: roots.length < files.length ? null : new Set(roots.flatMap(namedIn)),
  };
}

/** Every event that some `emit` of a rule names, right or wrong otherwise. */
function emittedIn(root: YamlNode): readonly string[] {
  return valuesOf('emit', root).flatMap((value) => {
    const event = value.kind === 'map' ? findEntry(value, 'event')?.value : undefined;
    return event?.kind === 'scalar' && typeof event.value === 'string' ? [event.value.normalize('NFC')] : [];
  });
}

/** Every name that some `as` of a rule gives, right or wrong otherwise. */
function namedIn(root: YamlNode): readonly string[] {
  return valuesOf('as', root).flatMap((value) => (value.kind === 'scalar' ? [String(value.value)] : []));
}

/** Of all entries with this key, however deep. */
function valuesOf(key: string, node: YamlNode): readonly YamlNode[] {
  if (node.kind === 'scalar') return [];
  if (node.kind === 'list') return node.items.flatMap((item) => valuesOf(key, item));
  return node.entries.flatMap((entry) => [...(entry.key === key ? [entry.value] : []), ...valuesOf(key, entry.value)]);
}
