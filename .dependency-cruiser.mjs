// Who may import whom: the table of ARCHITECTURE.md, one rule a row. Tests (*.spec.ts) are freer than what they test.
const spec = '\\.spec\\.ts$';
const nestFiles = '/nest/|\\.module\\.ts$';
const nest = '^node_modules/@nestjs/';
const adapters = ['streams', 'postgres', 'channels', 'templates'];
const purePackages = ['zod', 'yaml', 'temporal-polyfill', 're2js', '@noble/hashes'];

const lib = (...names) => names.map((name) => `^libs/${name}/`);
const npm = (...names) => names.map((name) => `^node_modules/${name}/`);

// `name` may import only what `allowed` lists (and itself).
const only = (name, comment, allowed) => ({
  name: `${name}-imports`,
  comment,
  severity: 'error',
  from: { path: `^libs/${name}/`, pathNot: spec },
  to: { pathNot: [...lib(name), ...allowed] },
});

// The same with one's own choice of packages and Node built-ins, which these rules leave to others.
const onlyLibs = (name, comment, allowed) => ({
  name: `${name}-imports`,
  comment,
  severity: 'error',
  from: { path: `^libs/${name}/`, pathNot: spec },
  to: { path: '^(libs|apps|test|bench)/', pathNot: [...lib(name), ...lib(...allowed)] },
});

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    only('core', 'The core is pure: data and functions of data.', npm(...purePackages)),
    only('engine', 'Use-cases know the core, the wire types and their own ports.', [
      ...lib('core', 'contracts'),
      ...npm(...purePackages),
    ]),
    only('rule-testing', 'Rule tests run on the core alone, as in a browser.', [
      ...lib('core'),
      ...npm(...purePackages),
    ]),
    only('contracts', 'Wire types are shared with the web: zod and nothing else.', npm('zod')),
    ...adapters.map((name) =>
      onlyLibs(name, 'An adapter knows the core, the ports and the wire types, and no other adapter.', [
        'core',
        'engine',
        'contracts',
      ]),
    ),
    onlyLibs('observability', 'It implements the ports for logs and metrics.', ['core', 'engine']),
    onlyLibs('config', 'Small and boring.', ['core']),
    {
      name: 'nest-at-the-edge',
      comment: 'Nest wires and hosts: apps, and nest/ or *.module.ts of a lib.',
      severity: 'error',
      from: { path: '^libs/', pathNot: [nestFiles, spec, '^libs/testkit/'] },
      to: { path: nest },
    },
    {
      name: 'libs-know-no-apps',
      comment: 'What an app has and a lib needs belongs into a lib.',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^apps/' },
    },
    {
      name: 'services-know-no-other-app',
      comment:
        'Services meet in the stream and in the database; only standalone and the command line put them together.',
      severity: 'error',
      from: { path: '^apps/(collector|trigger-engine|delivery)/', pathNot: spec },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'nothing-knows-the-command-line',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: '^apps/cli/' },
      to: { path: '^apps/cli/' },
    },
    {
      name: 'testkit-in-tests-only',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: [spec, '^libs/testkit/'] },
      to: { path: ['^libs/testkit/', '^test/', '^bench/'] },
    },
    {
      name: 'no-deep-imports',
      comment: 'From outside a lib is its index.ts.',
      severity: 'error',
      from: { path: '^(apps|libs|test|bench)/([^/]+)/' },
      to: { path: '^libs/([^/]+)/', pathNot: ['^libs/[^/]+/src/index\\.ts$', '^$1/$2/'] },
    },
    {
      name: 'libs-by-name',
      comment: 'Another lib is imported as "#name", so that sources, dist, tests and tools agree where it is.',
      severity: 'error',
      from: { path: '^(apps|libs|test|bench)/([^/]+)/' },
      to: { path: '^libs/', pathNot: '^$1/$2/', dependencyTypesNot: ['aliased-subpath-import'] },
    },
    {
      name: 'no-cycles',
      comment: 'Only the oracle may: conditions lean on computed values and moments, and those on conditions.',
      severity: 'error',
      from: { pathNot: '^test/oracle/' },
      to: { circular: true },
    },
    {
      name: 'resolvable',
      comment: 'The import leads nowhere.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-development-packages',
      comment: 'A package that runs in production belongs into "dependencies".',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: [spec, '^libs/testkit/'] },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-undeclared-packages',
      comment: 'Not in package.json: it is there by chance.',
      severity: 'error',
      from: { path: '^(apps|libs|test|bench)/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['^dist/', '^[^/]+/[^/]+/node_modules/'] },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'node', 'default', 'types'],
      mainFields: ['main', 'types'],
    },
  },
};
