import {
  NO_NAMES,
  orderDiagnostics,
  type Reading,
  readers,
  readYaml,
  type Diagnostic,
  type Workspace,
  type WorkspaceFile,
  type WorkspaceNames,
  type YamlMap,
  type YamlNode,
} from '#core';
import type { TestFile } from '../test-file.js';
import { knownName } from './known-name.js';
import { instant, moment } from '../moment.js';
import type { TestPlaces } from './places.js';
import { customers } from './read-customers.js';
import { ruleTest } from './read-test.js';

export interface TestFileReading {
  /** null when there is any error. */
  readonly file: TestFile | null;
  readonly diagnostics: readonly Diagnostic[];
}

const MOST_TESTS = 500;
/** Every key of a file beside `tests`, which are read by what stands there. */
export const HEAD = {
  clock: readers.required(instant, 'The instant that `+0m` is.'),
  customers: readers.withDefault(customers, [], '{}', 'Known from the beginning, with traits and consents.'),
};

/**
 * Reads and checks one `*.test.yaml` against its workspace. Pure and total, as `readWorkspace` is.
 * @param workspace null: it has errors, so that what it defines is not known; shapes are checked all the same
 */
export function readTestFile(file: WorkspaceFile, workspace: Workspace | null): TestFileReading {
  const yaml = readYaml(file, 'test', namesOf(workspace));
  if (yaml.root === null) return { file: null, diagnostics: yaml.diagnostics };
  const read = readRoot(yaml.root, yaml.reading, workspace);
  const diagnostics = orderDiagnostics(yaml.reading.diagnostics);
  return { file: diagnostics.some(({ severity }) => severity === 'error') ? null : (read ?? null), diagnostics };
}

function readRoot(root: YamlNode, reading: Reading, workspace: Workspace | null): TestFile | undefined {
  const map = readers.readMap(root, reading, 'a file of tests with `clock`, `customers` and `tests`');
  if (map === undefined) return undefined;
  const head = readers.readFields(map, reading, HEAD, 'a file of tests', ['tests']);
  // What is wrong with the clock or a customer was said; the tests are read all the same, so that all is said at once.
  const places = placesOf(head.values.clock ?? null, customerNames(map), workspace);
  const tests = readers.readFields(map, reading, testsIn(places), 'a file of tests', Object.keys(HEAD)).complete;
  if (head.complete === undefined || tests === undefined) return undefined;
  return {
    path: reading.source.path,
    text: reading.source.text,
    clock: head.complete.clock,
    customers: head.complete.customers,
    tests: tests.tests,
  };
}

/** Of all that are written, also where something about one of them is wrong. */
function customerNames(map: YamlMap): readonly string[] {
  const written = readers.findEntry(map, 'customers')?.value;
  return written?.kind === 'map' ? written.entries.map(({ key }) => key) : [];
}

export function testsIn(places: TestPlaces) {
  return { tests: readers.required(readers.listOf(ruleTest(places), { max: MOST_TESTS }), 'The tests.') };
}

export function placesOf(
  clock: number | null,
  customerNames: readonly string[],
  workspace: Workspace | null,
): TestPlaces {
  const rules = workspace?.rules.map(({ name }) => name);
  return {
    clock,
    at: moment(clock ?? 0),
    customer: knownName('customer', customerNames, 'test/unknown-customer'),
    rule: rules === undefined ? readers.text() : knownName('rule', rules, 'test/unknown-rule'),
    workspace,
  };
}

function namesOf(workspace: Workspace | null): WorkspaceNames {
  if (workspace === null) return NO_NAMES;
  const { settings, templates } = workspace;
  return {
    ...NO_NAMES,
    webhooks: new Set(Object.keys(settings.webhooks)),
    categories: new Set(Object.keys(settings.categories)),
    channels: settings.channels,
    templates: new Map(Object.entries(templates)),
  };
}
