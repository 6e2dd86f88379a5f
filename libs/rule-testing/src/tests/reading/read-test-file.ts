import {
  orderDiagnostics,
  type Reading,
  readers,
  readYaml,
  type Diagnostic,
  type Workspace,
  type WorkspaceFile,
  type WorkspaceNames,
  type YamlNode,
} from '#core';
import type { TestFile } from '../test-file.js';
import { knownName } from './known-name.js';
import { instant, moment } from './moment.js';
import type { TestPlaces } from './places.js';
import { customers } from './read-customers.js';
import { ruleTest } from './read-test.js';

export interface TestFileReading {
  /** null when there is any error. */
  readonly file: TestFile | null;
  readonly diagnostics: readonly Diagnostic[];
}

const MOST_TESTS = 500;
const HEAD = { clock: readers.required(instant, ''), customers: readers.withDefault(customers, [], '{}', '') };

/** Reads and checks one `*.test.yaml` against its workspace. Pure and total, as `readWorkspace` is. */
export function readTestFile(file: WorkspaceFile, workspace: Workspace): TestFileReading {
  const yaml = readYaml(file, 'test', namesOf(workspace));
  if (yaml.root === null) return { file: null, diagnostics: yaml.diagnostics };
  const read = readRoot(yaml.root, yaml.reading, workspace);
  const diagnostics = orderDiagnostics(yaml.reading.diagnostics);
  return { file: diagnostics.some(({ severity }) => severity === 'error') ? null : (read ?? null), diagnostics };
}

function readRoot(root: YamlNode, reading: Reading, workspace: Workspace): TestFile | undefined {
  const map = readers.readMap(root, reading, 'a file of tests with `clock`, `customers` and `tests`');
  if (map === undefined) return undefined;
  const head = readers.readFields(map, reading, HEAD, 'a file of tests', ['tests']);
  // What is wrong with the clock or a customer was said; the tests are read all the same, so that all is said at once.
  const places = placesOf(head.values.clock ?? 0, head.values.customers?.map(({ name }) => name) ?? null, workspace);
  const tests = readers.readFields(
    map,
    reading,
    { tests: readers.required(readers.listOf(ruleTest(places), { max: MOST_TESTS }), '') },
    'a file of tests',
    Object.keys(HEAD),
  ).complete;
  if (head.complete === undefined || tests === undefined) return undefined;
  return {
    path: reading.source.path,
    clock: head.complete.clock,
    customers: head.complete.customers,
    tests: tests.tests,
  };
}

/** @param customerNames null: not known, since they could not be read */
function placesOf(clock: number, customerNames: readonly string[] | null, { rules }: Workspace): TestPlaces {
  return {
    at: moment(clock),
    customer: customerNames === null ? readers.text() : knownName('customer', customerNames, 'test/unknown-customer'),
    rule: knownName(
      'rule',
      rules.map(({ name }) => name),
      'test/unknown-rule',
    ),
    rules,
  };
}

function namesOf({ settings, templates }: Workspace): WorkspaceNames {
  return {
    categories: new Set(Object.keys(settings.categories)),
    channels: settings.channels,
    templates: new Map(Object.entries(templates)),
  };
}
