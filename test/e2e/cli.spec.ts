import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { CLONE, kairos, THANKFUL_SHOP, useFolder } from './run-kairos.js';

const SHOP = join(CLONE, 'examples/shop');
const EVENTS = [
  {
    type: 'track',
    event: 'Product Added',
    userId: 'ann',
    messageId: '1',
    timestamp: '2026-03-02T09:00:00Z',
    properties: { price: 30 },
  },
  { type: 'track', event: 'Product Viewed', userId: 'bob', messageId: '2', timestamp: '2026-03-02T10:30:00Z' },
];
const RECORDING = EVENTS.map((event) => JSON.stringify(event)).join('\n');
const SENT =
  '{"at":"2026-03-02T10:00:00.000Z","customer":"ann","rule":"abandoned-cart","key":null,"step":"2","template":"cart-reminder","channel":"email","outcome":"sent","reason":null}\n';

describe('kairos', () => {
  it('explains itself on standard output, and each command with examples', async () => {
    const help = await kairos(['--help']);
    expect(help).toMatchObject({ status: 0, stderr: '' });
    for (const command of ['start', 'rules', 'events', 'messages', 'migrate', 'doctor'])
      expect(help.stdout).toContain(`  ${command}`);
    expect((await kairos(['rules', 'simulate', '--help'])).stdout).toContain('Examples:');
  });

  it.each([
    [['rules', 'valdate'], "unknown command 'valdate'\n(Did you mean validate?)"],
    [['rules', 'validate', '--format', 'xml'], 'Allowed choices are pretty, json, github'],
    [['rules', 'simulate'], 'say which events: --events FILE for a recording, or --history'],
    [['rules', 'explain', '--customer', 'ann'], 'say which events: --events FILE for a recording, or --history'],
    [['rules', 'simulate', '--events', '-', '--from', 'soon'], 'Write a day or an instant'],
    [['rules', 'simulate', '--events', '-', '--sample', '0%'], 'Write a percentage above 0% and up to 100%'],
    [['rules', 'simulate', '--events', '-', '--report', 'nowhere/a.html'], 'there is no folder nowhere'],
    [['rules', 'simulate', '--events', 'a.csv'], 'say with --mapping FILE which column is what'],
    [['rules', 'simulate', '--events', 'a.ndjson', '--mapping', 'm.yaml'], '--mapping is for tables'],
    [['rules', 'simulate', '--events', '-', '--against', 'nowhere'], 'there is no folder nowhere'],
    [['rules', 'simulate', '--events', '-', '--against', '.', '--format', 'ndjson'], 'choose --format json'],
    [['rules', 'simulate', '--events', '-', '--report', '.'], '--report . is a folder'],
    [['rules', 'simulate', '--events', 'nowhere.ndjson'], 'there is no file nowhere.ndjson'],
    [['rules', 'test', '--run', '('], 'not a regular expression'],
    [['rules', 'validate', '--workspace', 'nowhere'], 'name the workspace with --workspace DIR or KAIROS_WORKSPACE'],
    [['events', 'send', 'track', '--user', 'ann'], 'a track call names its event'],
    [['events', 'send', 'page'], 'say whose event it is'],
    [['messages', 'why', 'm1'], 'is not the id of a message'],
  ])('answers wrong usage with status 2 and a sentence: %j', async (args, sentence) => {
    const run = await kairos(args);
    expect(run).toMatchObject({ status: 2, stdout: '' });
    expect(run.stderr).toContain(sentence);
  });

  it('names every setting that it cannot use, at once', async () => {
    const { status, stderr } = await kairos(['messages'], { env: { KAIROS_HTTP: 'here', DATABASE_URL: 'mysql://x' } });
    expect(status).toBe(2);
    expect(stderr).toMatch(/KAIROS_HTTP must be HOST:PORT[\s\S]*DATABASE_URL is not an address/);
  });
});

describe('kairos rules validate', () => {
  const folder = useFolder();

  it('finds the example fine from any folder', async () => {
    const run = await kairos(['rules', 'validate', '--workspace', SHOP], { directory: folder.path });
    expect(run.status).toBe(0);
    expect(run.stdout).toContain('3 rules, 6 templates');
  });

  it('shows all problems of all files with their places, on standard output and with status 1', async () => {
    folder.write({
      ...THANKFUL_SHOP,
      'rules/thanks.yaml': THANKFUL_SHOP['rules/thanks.yaml'].replace('category:', 'categry:'),
      'rules/thanks.test.yaml': 'clock: now\n',
      'templates/thanks/email.hbs': '{{#if}',
    });
    const pretty = await kairos(['rules', 'validate'], { directory: folder.path });
    expect(pretty.status).toBe(1);
    expect(pretty.stdout).toContain(
      'rules/thanks.yaml:3:1 error[rule/unknown-field] unknown field "categry" (did you mean "category"?)',
    );
    expect(pretty.stdout).toContain('rules/thanks.test.yaml:1:8 error[test/moment]');
    expect(pretty.stdout).toMatch(/templates\/thanks\/email\.hbs:1:\d+ error\[template\/syntax\]/);
    expect(pretty.stdout).not.toContain('\u001b[');

    const json = await kairos(['rules', 'validate', '--format', 'json'], { directory: folder.path });
    expect(JSON.parse(json.stdout)).toContainEqual({
      file: 'rules/thanks.yaml',
      line: 3,
      column: 1,
      endLine: 3,
      endColumn: 8,
      severity: 'error',
      code: 'rule/unknown-field',
      message: 'unknown field "categry" (did you mean "category"?)',
      suggestion: 'category',
    });

    const github = await kairos(['rules', 'validate', '--format', 'github'], { directory: folder.path });
    expect(github.stdout).toContain(
      '::error file=rules/thanks.yaml,line=3,endLine=3,col=1,endColumn=8,title=rule/unknown-field::unknown field',
    );
  });
});

describe('kairos rules validate --show-storage', () => {
  const folder = useFolder();
  const validate = (...args: string[]) => kairos(['rules', 'validate', ...args], { directory: folder.path });

  it('shows what is kept of each customer, for whom, how long and how many bytes, in words and as an object', async () => {
    folder.write(THANKFUL_SHOP);
    const run = await validate('--show-storage');
    expect(run.status).toBe(0);
    expect(run.stdout).toMatch(/a run, one for each +│ rule thanks │ until its last step +│ +\d+ B │ +\d+ B │/);
    const json = await validate('--show-storage', '--format', 'json');
    const { diagnostics, storage } = JSON.parse(json.stdout) as {
      diagnostics: unknown[];
      storage: { kept: { kind: string; for: string[]; first: number; full: number }[] };
    };
    expect(diagnostics).toEqual([]);
    expect(storage.kept).toContainEqual(expect.objectContaining({ kind: 'run', for: ['rule thanks'] }));
  });

  it('shows nothing of a workspace with errors, and is refused with annotations', async () => {
    folder.write({ ...THANKFUL_SHOP, 'rules/thanks.yaml': 'rule: thanks\n' });
    const run = await validate('--show-storage');
    expect(run.status).toBe(1);
    expect(run.stdout).not.toContain('how long');
    const github = await validate('--show-storage', '--format', 'github');
    expect(github.status).toBe(2);
    expect(github.stderr).toContain('annotations have no place for storage');
  });
});

describe('kairos rules test', () => {
  const folder = useFolder();

  it('passes the tests of the example', async () => {
    const run = await kairos(['rules', 'test', '--workspace', SHOP]);
    expect(run.stdout).toMatch(/\d+ passed, 0 failed\n$/);
    expect(run.status).toBe(0);
  });

  it('fails with expected against actual and the reason', async () => {
    const test = THANKFUL_SHOP['rules/thanks.test.yaml'].replace('+0m, send', '+1m, send');
    folder.write({ ...THANKFUL_SHOP, 'rules/thanks.test.yaml': test });
    const run = await kairos(['rules', 'test'], { directory: folder.path });
    expect(run.status).toBe(1);
    expect(run.stdout).toContain('✗ +1m thanks to ann  │ +0m thanks to ann by email');
    expect(run.stdout).toContain('it was decided at +0m, not at +1m');
    const junit = await kairos(['rules', 'test', 'rules/*.test.yaml', '--format', 'junit'], { directory: folder.path });
    expect(junit.status).toBe(1);
    expect(junit.stdout).toContain('<testsuites name="kairos rules test" tests="1" failures="1">');
  });

  it.each([
    ['a pattern without a match', ['rules/cart*.test.yaml'], 'no test file matches'],
    ['a choice of names without a match', ['--run', 'nothing like it'], 'none has a name that matches'],
  ])('fails when there is nothing to test: %s', async (_, args, sentence) => {
    folder.write(THANKFUL_SHOP);
    const run = await kairos(['rules', 'test', ...args], { directory: folder.path });
    expect(run.status).toBe(1);
    expect(run.stderr).toContain(sentence);
  });
});

describe('kairos rules simulate', () => {
  const folder = useFolder();
  const simulate = (args: readonly string[], stdin?: string | Uint8Array) =>
    kairos(['rules', 'simulate', '--workspace', SHOP, '--assume-consent', ...args], {
      directory: folder.path,
      ...(stdin === undefined ? {} : { stdin }),
    });

  it('says that a file is not in the order of time, not in UTF-8, or holds nothing', async () => {
    const reversed = await simulate(
      ['--events', '-'],
      [...EVENTS]
        .reverse()
        .map((event) => JSON.stringify(event))
        .join('\n'),
    );
    expect(reversed.stderr).toContain('in standard input 1 event lies more than an hour before one above');
    const latin = await simulate(['--events', '-'], Buffer.from(RECORDING.replace('ann', 'jürgen'), 'latin1'));
    expect(latin.stderr).toContain('standard input:1 is not UTF-8; save the file as UTF-8');
    expect(await simulate(['--events', '-'], '# Notes\n')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('standard input holds no line that could be read') as string,
    });
    const later = await simulate(['--events', '-', '--from', '2030-01-01'], RECORDING);
    expect(later.stderr).toContain('no event lies in this time: standard input goes from 2026-03-02T09:00:00.000Z');
  });

  it('gives the same bytes from a file, gzipped, and from standard input', async () => {
    folder.write({ 'a.ndjson': RECORDING, 'b.gz': gzipSync(RECORDING) });
    expect((await simulate(['--events', 'a.ndjson', '--format', 'ndjson'])).stdout).toBe(SENT);
    expect((await simulate(['--events', 'b.gz', '--format', 'ndjson'])).stdout).toBe(SENT);
    expect((await simulate(['--events', '-', '--format', 'ndjson'], gzipSync(RECORDING))).stdout).toBe(SENT);
  });

  it('prints nothing but decisions, and names the lines that it left out on standard error', async () => {
    const run = await simulate(
      ['--events', '-', '--format', 'ndjson'],
      `${RECORDING}\nrubbish\n{"type":"track","event":"E","timestamp":"2026-03-02T09:00:00Z"}\n`,
    );
    expect(run).toMatchObject({ status: 0, stdout: SENT });
    expect(run.stderr).toContain('standard input:3 is not JSON');
    expect(run.stderr).toContain('standard input:4 userId is missing');
    expect(run.stderr).toContain('2 lines of standard input could not be read');
  });

  it('bounds what it prints by --from and ends time by --to', async () => {
    expect(
      (await simulate(['--events', '-', '--format', 'ndjson', '--from', '2026-03-02T10:00:00.001Z'], RECORDING)).stdout,
    ).toBe('');
    expect(
      (await simulate(['--events', '-', '--format', 'ndjson', '--to', '2026-03-02T09:59:59.999Z'], RECORDING)).stdout,
    ).toBe('');
    expect(
      (await simulate(['--events', '-', '--format', 'ndjson', '--to', '2026-03-02T10:00:00Z'], RECORDING)).stdout,
    ).toBe(SENT);
  });

  it('judges by the customers of a file when nothing is assumed', async () => {
    const identify = {
      type: 'identify',
      userId: 'ann',
      timestamp: '2026-03-01T00:00:00Z',
      traits: { email: 'ann@shop.test' },
      context: { consent: { categoryPreferences: { promotional: ['email'] } } },
    };
    folder.write({ 'a.ndjson': RECORDING, 'customers.ndjson': JSON.stringify(identify) });
    const args = ['rules', 'simulate', '--workspace', SHOP, '--events', 'a.ndjson', '--format', 'ndjson'];
    expect((await kairos(args, { directory: folder.path })).stdout).toContain('"reason":"no_consent"');
    expect((await kairos([...args, '--customers', 'customers.ndjson'], { directory: folder.path })).stdout).toBe(SENT);
  });

  it('sums up for people and for programs', async () => {
    const pretty = await simulate(['--events', '-'], RECORDING);
    expect(pretty.stdout).toContain(
      '2 events of 2 customers from 2026-03-02T09:00:00.000Z to 2026-03-02T10:30:00.000Z',
    );
    expect(pretty.stdout).toContain('2026-03-02  ████████████████████████████████████████  1 sent, 0 suppressed');
    expect(pretty.stdout).toContain('1 run and 0 messages were still open');
    expect(pretty.stdout).toContain('1 customer reached (50 % of all) with 1 message: 1 each in the median');
    const json = JSON.parse((await simulate(['--events', '-', '--format', 'json'], RECORDING)).stdout) as object;
    expect(json).toMatchObject({
      events: 2,
      openRuns: 1,
      openMessages: 0,
      unreadableLines: 0,
      timeline: { periods: [{ period: '2026-03-02', sent: 1 }] },
    });
  });

  it('says who would get something else from another folder, and why, the same each time', async () => {
    const rule = readFileSync(join(SHOP, 'rules/abandoned-cart.yaml'), 'utf8').replace(
      '- wait: 1 hour',
      '- wait: 2 hours',
    );
    cpSync(SHOP, join(folder.path, 'other'), { recursive: true });
    folder.write({ 'other/rules/abandoned-cart.yaml': rule });
    const later = EVENTS.map((event) =>
      JSON.stringify({ ...event, timestamp: event.timestamp.replace('T10:30', 'T14:30') }),
    );
    const run = async (...args: readonly string[]) =>
      (await simulate(['--events', '-', '--against', 'other', ...args], later.join('\n'))).stdout;
    const pretty = await run();
    expect(pretty).toContain('1 of 2 customers (50 %) would get something else: 1 difference.');
    expect(pretty).toContain(
      '~ ann  2026-03-02T10:00:00.000Z  email  abandoned-cart: cart-reminder\n    1 hour earlier than there',
    );
    const json = await run('--format', 'json', '--report', 'against.html');
    expect(JSON.parse(json)).toMatchObject({
      sent: 1,
      comparison: {
        against: 'other',
        customers: 1,
        differences: [{ customer: 'ann', change: 'moved', other: { at: '2026-03-02T11:00:00.000Z' } }],
      },
    });
    expect(await run('--format', 'json')).toBe(json);
    expect(readFileSync(join(folder.path, 'against.html'), 'utf8')).toContain('1 hour earlier than there');
  });

  it('takes a table with its mapping for the same events', async () => {
    const rows = EVENTS.map(({ userId, event, timestamp, messageId }) =>
      [userId, event, timestamp, messageId].join(','),
    );
    folder.write({
      'events.csv.gz': gzipSync(['who,what,when,id', ...rows, 'eve,,yesterday,3'].join('\n')),
      'events.mapping.yaml': 'columns: { who: userId, what: event, when: timestamp, id: messageId }\n',
      'wrong.mapping.yaml': 'columns: { who: userid }\n',
    });
    const run = (mapping: string) =>
      simulate(['--events', 'events.csv.gz', '--mapping', mapping, '--format', 'ndjson']);
    const read = await run('events.mapping.yaml');
    expect(read).toMatchObject({ status: 0, stdout: SENT });
    expect(read.stderr).toContain('events.csv.gz:4 column when: "yesterday" is no time');
    const wrong = await run('wrong.mapping.yaml');
    expect(wrong).toMatchObject({ status: 1, stdout: '' });
    expect(wrong.stderr).toContain('wrong.mapping.yaml:1:17 error[value/not-allowed] "userid" is no field');
  });

  it('writes a page beside what it prints, which stays what it is', async () => {
    const report = ['--report', 'report.html'];
    const run = await simulate(['--events', '-', '--format', 'ndjson', ...report], RECORDING);
    expect(run).toMatchObject({ status: 0, stdout: SENT });
    expect(run.stderr).toContain('wrote report.html');
    const page = readFileSync(join(folder.path, 'report.html'), 'utf8');
    expect(page).toContain('1 customer reached (50 % of all) with 1 message');
  });
});
