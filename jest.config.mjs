import { readFileSync } from 'node:fs';

const { imports } = JSON.parse(readFileSync(new URL('./package.json', import.meta.url), 'utf8'));

const rootDir = new URL('.', import.meta.url).pathname;

// package.json's `imports` point at dist for node; under Jest they point at the sources.
const libraries = Object.fromEntries(
  Object.entries(imports).map(([name, target]) => [`^${name}$`, `<rootDir>/${target.source.slice(2)}`]),
);

const base = {
  rootDir,
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': '@swc/jest' },
  moduleNameMapper: { ...libraries, '^(\\.{1,2}/.*)\\.js$': ['$1.js', '$1.ts'] },
  modulePathIgnorePatterns: ['<rootDir>/dist'],
};

const under = (name, globs) => ({ ...base, displayName: name, testMatch: globs.map((glob) => `<rootDir>/${glob}`) });

// One PostgreSQL and one Kafka for all files of a run, started when the first test asks for them.
const withServers = (name) => ({
  ...under(name, [`test/${name}/**/*.spec.ts`]),
  globalSetup: '<rootDir>/libs/testkit/servers/jest-setup.mjs',
  globalTeardown: '<rootDir>/libs/testkit/servers/jest-teardown.mjs',
});

export default {
  projects: [
    under('unit', ['libs/**/*.spec.ts', 'apps/**/*.spec.ts', 'scripts/**/*.spec.mjs', 'tools/**/*.spec.mjs']),
    under('sim', ['test/sim/**/*.spec.ts']),
    withServers('integration'),
    withServers('e2e'),
    withServers('chaos'),
  ],
  testTimeout: 120_000,
  maxWorkers: 2,
  workerIdleMemoryLimit: '700MB',
  coverageProvider: 'v8',
};
