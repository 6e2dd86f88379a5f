import tseslint from 'typescript-eslint';

const specs = ['**/*.spec.ts', '**/*.spec.mjs', 'test/**', 'libs/testkit/**'];

const focusedTest = {
  selector: 'MemberExpression[object.name=/^(describe|it|test)$/][property.name="only"]',
  message: 'A focused test hides all others.',
};

const banned = (names, message) => names.map((name) => ({ name, message }));
const outsideWorld = banned(
  ['process', 'fetch', 'Buffer', 'crypto', 'console'],
  'Nothing of the outside world in here: it comes in as an argument or by a port.',
);
const clock = banned(['Date', 'performance'], 'Time comes in as an argument: time is a record, never a clock.');
const asynchronous = banned(
  ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'],
  'The core is synchronous: what is to happen later is data.',
);
const useTheClockPort = 'The clock is a port: it runs faster in a demonstration.';
const readsTheClock = { object: 'Temporal', property: 'Now', message: useTheClockPort };
const chance = { object: 'Math', property: 'random', message: 'Decisions repeat exactly: use a hash of the ids.' };
const noNode = {
  patterns: [
    { group: ['node:*', 'fs', 'path', 'crypto', '@nestjs/*'], message: 'Neither Node built-ins nor Nest in here.' },
  ],
};

export default tseslint.config(
  { ignores: ['dist/**', 'coverage/**', '**/node_modules/**', '.kairos/**'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommended],
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      // What a type check does not see: a forgotten await, a case that a new union member needs.
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { arguments: false } }],
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/return-await': ['error', 'in-try-catch'],
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unnecessary-type-assertion': 'error',
      '@typescript-eslint/no-base-to-string': 'error',
      '@typescript-eslint/restrict-plus-operands': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', caughtErrors: 'all' }],
      // Nest modules are classes without members.
      '@typescript-eslint/no-extraneous-class': 'off',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
      'no-restricted-syntax': ['error', focusedTest],
      'max-lines-per-function': ['error', { max: 50, skipBlankLines: true, skipComments: true }],
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      'max-params': ['error', { max: 5 }],
    },
  },
  {
    name: 'configuration is read in one place',
    files: ['libs/**/*.ts', 'apps/**/*.ts'],
    ignores: ['libs/config/**', ...specs],
    rules: {
      'no-restricted-properties': [
        'error',
        {
          object: 'process',
          property: 'env',
          message: 'Settings come from #config, which parses the environment once.',
        },
      ],
    },
  },
  {
    name: 'the core is pure and synchronous',
    files: ['libs/core/**/*.ts'],
    ignores: specs,
    rules: {
      'no-restricted-globals': [
        'error',
        { globals: [...outsideWorld, ...clock, ...asynchronous], checkGlobalObject: true },
      ],
      'no-restricted-properties': ['error', chance, readsTheClock],
      'no-restricted-imports': ['error', noNode],
      'no-restricted-syntax': [
        'error',
        focusedTest,
        { selector: ':function[async=true]', message: 'The core is synchronous.' },
        { selector: 'ImportExpression', message: 'The core is synchronous.' },
      ],
    },
  },
  {
    name: 'use-cases see the clock and the world through ports only',
    files: ['libs/engine/**/*.ts', 'libs/rule-testing/**/*.ts'],
    ignores: specs,
    rules: {
      'no-restricted-globals': ['error', { globals: outsideWorld, checkGlobalObject: true }],
      'no-restricted-properties': [
        'error',
        readsTheClock,
        { object: 'Date', property: 'now', message: useTheClockPort },
      ],
      'no-restricted-imports': ['error', noNode],
      'no-restricted-syntax': [
        'error',
        focusedTest,
        { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: useTheClockPort },
      ],
    },
  },
  {
    files: specs,
    rules: { 'max-lines-per-function': 'off', '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  { files: ['apps/cli/**/*.ts', 'bench/**/*.ts', 'test/**/*.ts'], rules: { 'no-console': 'off' } },
  {
    files: ['**/*.mjs'],
    extends: [tseslint.configs.recommended],
    rules: { eqeqeq: ['error', 'always', { null: 'ignore' }], 'no-restricted-syntax': ['error', focusedTest] },
  },
);
