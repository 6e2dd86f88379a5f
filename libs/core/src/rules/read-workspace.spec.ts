import { BAD_WORKSPACES } from './fixtures/bad-workspaces.js';
import { KAIROS, RULE, TEXTS, workspaceWith } from './fixtures/valid-workspace.js';
import { WHOLE } from './fixtures/whole-workspace.js';
import { countOfDiagnostic, orderDiagnostics } from './order-diagnostics.js';
import { readWorkspace } from './read-workspace.js';

const places = (changes: Parameters<typeof workspaceWith>[0]) =>
  readWorkspace(workspaceWith(changes)).diagnostics.map((d) => `${d.file}:${d.line}:${d.column} ${d.code}`);

describe('readWorkspace', () => {
  it('reads a workspace without a fault and finds nothing in it', () => {
    const { workspace, diagnostics } = readWorkspace(workspaceWith());
    expect(diagnostics).toEqual([]);
    expect(workspace?.rules.map((rule) => rule.name)).toEqual(['cart']);
    expect(Object.keys(workspace?.templates ?? {})).toEqual(['reminder', 'mail-only']);
  });

  it('reads a workspace that says everything the language can say', () => {
    const { workspace, diagnostics } = readWorkspace(workspaceWith(WHOLE));
    expect(diagnostics).toEqual([]);
    const [rule] = workspace?.rules ?? [];
    expect(new Set(rule?.starts.map(({ kind }) => kind)).size).toBe(8);
    expect(new Set(rule?.steps.map(({ kind }) => kind)).size).toBe(10);
  });

  it.each(BAD_WORKSPACES)('finds $code at $at and nothing else', ({ code, at, files, says, suggests }) => {
    const { workspace, diagnostics } = readWorkspace(workspaceWith(files));
    expect(diagnostics.map((d) => `${d.file}:${d.line}:${d.column} ${d.code}`)).toEqual([`${at} ${code}`]);
    if (says !== undefined) expect(diagnostics[0]?.message).toContain(says);
    if (suggests !== undefined) expect(diagnostics[0]?.suggestion).toBe(suggests);
    expect(workspace === null).toBe(diagnostics[0]?.severity === 'error');
  });

  it('reports the problems of all files at once, kairos.yaml first, then by name and place', () => {
    const found = places({
      'rules/late.yml': RULE,
      'rules/cart.yaml': RULE.replace('priority: 60', 'priority: 160').replace('1 hour', '60'),
      'kairos.yaml': KAIROS.replace('Europe/Berlin', 'Berlin').replace('opt-out', 'maybe'),
      'templates/spring/email.hbs': 'x',
    });
    expect(found).toEqual([
      'kairos.yaml:1:12 value/time-zone',
      'kairos.yaml:6:20 value/not-allowed',
      'rules/cart.yaml:3:11 value/range',
      'rules/cart.yaml:15:11 value/duration-unit',
      'rules/late.yml:1:1 file/overlooked',
      'templates/spring/email.hbs:1:1 template/no-subject',
    ]);
  });

  it('reports what else is wrong with a mail that has no subject', () => {
    const found = places({ 'templates/spring/email.pt-BR.hbs': 'x', 'templates/spring/email.pt-br.hbs': 'y' });
    expect(found).toEqual([
      'templates/spring/email.pt-BR.hbs:1:1 template/no-subject',
      'templates/spring/email.pt-BR.hbs:1:1 template/no-default-locale',
      'templates/spring/email.pt-br.hbs:1:1 template/duplicate',
    ]);
  });

  it('hands over the templates to be checked, whatever else is wrong', () => {
    const answered = RULE.replace('- wait: 1 hour', '- wait: { for: { event: A }, up to: 1 hr, as: answer }');
    const broken = readWorkspace(workspaceWith({ 'rules/cart.yaml': answered, 'kairos.yaml': '[' }));
    expect(broken.workspace).toBeNull();
    expect(broken.toCheck).toMatchObject({ shop: null, sends: null, named: new Set(['answer']) });
    expect(Object.keys(broken.toCheck.templates)).toEqual(['reminder', 'mail-only']);
    expect(readWorkspace(workspaceWith({ 'rules/late.yaml': '[' })).toCheck).toMatchObject({
      sends: null,
      named: null,
    });
    expect([...(readWorkspace(workspaceWith()).toCheck.sends?.keys() ?? [])]).toEqual(['reminder']);
  });

  it('shows 20 problems of a file and counts the others', () => {
    const who = Array.from({ length: 33 }, (_, i) => `  customer.x${i}: null`).join('\n');
    const found = readWorkspace(
      workspaceWith({ 'rules/cart.yaml': RULE.replace('who: { customer.orders: { at most: 3 } }', `who:\n${who}`) }),
    ).diagnostics;
    expect(found).toHaveLength(21);
    expect(found.at(-1)).toMatchObject({ code: 'file/more', severity: 'error', message: 'and 13 more', line: 29 });
    expect(orderDiagnostics(found)).toEqual(found);
    expect(orderDiagnostics([found[0]!, ...found]).at(-1)?.message).toBe('and 14 more');
    expect(found.reduce((sum, each) => sum + countOfDiagnostic(each), 0)).toBe(33);
  });

  it('shows both places of two rules with one name', () => {
    const chart = RULE.replace('rule: cart', 'rule: chart');
    const { diagnostics } = readWorkspace(workspaceWith({ 'rules/cart.yaml': chart, 'rules/chart.yaml': chart }));
    const twice = diagnostics.filter((d) => d.code === 'rule/duplicate-name');
    expect(twice.map((d) => `${d.file} ${d.message}`)).toEqual([
      'rules/cart.yaml two rules are called "chart"; the other one: rules/chart.yaml:1:7',
      'rules/chart.yaml two rules are called "chart"; the other one: rules/cart.yaml:1:7',
    ]);
  });

  it('judges rules by the names of kairos.yaml even where another of its keys is wrong', () => {
    expect(
      places({
        'kairos.yaml': KAIROS.replace('locale: en', 'locale: 7'),
        'rules/cart.yaml': RULE.replace('promotional', 'care-less'),
      }),
    ).toEqual(['kairos.yaml:2:9 value/locale', 'rules/cart.yaml:2:11 rule/unknown-category']);
  });

  it('blames no rule for a kairos.yaml that cannot be read', () => {
    expect(places({ 'kairos.yaml': '[' })).toEqual(['kairos.yaml:1:1 yaml/unclosed']);
  });

  it('accepts a byte order mark and the line ends of Windows, and counts columns in characters', () => {
    const windows = Object.fromEntries(
      Object.entries(TEXTS).map(([path, text]) => [path, `\ufeff${text.replace(/\n/g, '\r\n')}`]),
    );
    expect(places(windows)).toEqual([]);
    const emoji = RULE.replace('{ event.price: { at least: 20 } }', '{ event.note: "🛒🛒", event.price: null }');
    expect(places({ 'rules/cart.yaml': `\ufeff${emoji.replace(/\n/g, '\r\n')}` })).toEqual([
      'rules/cart.yaml:6:43 condition/null',
    ]);
  });

  it('does not look at tests of rules, notes and other files', () => {
    expect(
      places({
        'rules/cart.test.yaml': '[[[',
        'rules/README.md': '# x',
        'README.md': '- [',
        'docker-compose.yaml': 'services: {}',
        'templates/reminder/photo.png': new Uint8Array([0, 255]),
      }),
    ).toEqual([]);
  });

  it('gives the same answer whatever the order of the files', () => {
    const files = workspaceWith({ 'rules/b.yaml': RULE.replace('rule: cart', 'rule: b') });
    expect(readWorkspace([...files].reverse()).workspace?.rules).toEqual(readWorkspace(files).workspace?.rules);
  });
});
