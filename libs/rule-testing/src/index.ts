export * from './simulation/format-decision.js';
export * from './simulation/simulate.js';
export * from './simulation/simulated-shop.js';
export { formatJson } from './tests/formats/format-json.js';
export { formatJunit } from './tests/formats/format-junit.js';
export { formatPretty, type Paint, PLAIN } from './tests/formats/format-pretty.js';
export { readTestFile, type TestFileReading } from './tests/reading/read-test-file.js';
export { runRuleTests, type RuleTestOptions } from './tests/run-rule-tests.js';
export type * from './tests/test-results.js';
