import { diagnosticCodes } from '#core';
import { templateDiagnosticCodes } from '#templates';
import { badFixtures, findingsIn } from './bad-fixtures.mjs';

const fixtures = badFixtures();
/** What cannot come alone: it counts twenty others, and of two files only one can be called like a rule. */
const COMPANIONS = { 'file/more': 'condition/null', 'rule/duplicate-name': 'rule/file-name' };
const codes = [...diagnosticCodes().keys(), ...templateDiagnosticCodes().keys()];

describe('the fixtures of diagnostics', () => {
  it('are one for each code there is', () => {
    expect(fixtures.map(({ code }) => code).sort()).toEqual([...new Set(codes)].sort());
  });

  it('change a workspace in which nothing is found', async () => {
    expect((await findingsIn({ files: new Map() })).diagnostics).toEqual([]);
  });

  it.each(fixtures)('$code is found by its own, and nothing else is', async (fixture) => {
    const { diagnostics } = await findingsIn(fixture);
    const found = new Set(diagnostics.map(({ code }) => code));
    expect([...found].filter((code) => code !== COMPANIONS[fixture.code])).toEqual([fixture.code]);
  });
});
