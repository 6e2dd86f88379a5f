import type { ChildProcess } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitUntil } from '#testkit';
import { kairos, startKairos, THANKFUL_SHOP, useFolder } from './run-kairos.js';

const WAITING = 'Waiting for changes';

describe('kairos rules … --watch', () => {
  const folder = useFolder();
  const running: ChildProcess[] = [];
  afterEach(() => {
    for (const child of running.splice(0)) child.kill('SIGKILL');
  });

  /** Starts it and hands on what it has printed since the last time it began to wait. */
  function watch(command: string) {
    const child = startKairos(['rules', command, '--watch'], { directory: folder.path });
    running.push(child);
    let [out, err] = ['', ''];
    child.stdout!.on('data', (text: Buffer) => (out += text.toString()));
    child.stderr!.on('data', (text: Buffer) => (err += text.toString()));
    const closed = new Promise<number | null>((done) => child.on('close', done));
    return {
      async printed(part: string) {
        await waitUntil(`${command} prints ${part}`, () => out.includes(part) && err.includes(WAITING));
        const all = out;
        [out, err] = ['', ''];
        return all;
      },
      async interrupted() {
        child.kill('SIGINT');
        return closed;
      },
    };
  }

  it('validates again after a change, through files that are half written or gone, and ends with 0', async () => {
    folder.write(THANKFUL_SHOP);
    const rule = join(folder.path, 'rules/thanks.yaml');
    const watched = watch('validate');
    expect(await watched.printed('no problems')).not.toContain('\u001b');
    writeFileSync(rule, 'rule: thanks\nsteps: [');
    expect(await watched.printed('error')).toContain('rules/thanks.yaml:');
    rmSync(join(folder.path, 'rules'), { recursive: true });
    await watched.printed('0 rules');
    folder.write(THANKFUL_SHOP);
    await watched.printed('1 rule, ');
    rmSync(join(folder.path, 'kairos.yaml'));
    await watched.printed('kairos.yaml');
    expect(await watched.interrupted()).toBe(0);
  });

  it('tests again after a change, and ends with 0 although tests have failed', async () => {
    folder.write(THANKFUL_SHOP);
    const watched = watch('test');
    await watched.printed('1 passed, 0 failed');
    folder.write({
      'rules/thanks.test.yaml': THANKFUL_SHOP['rules/thanks.test.yaml'].replace('+0m, send', '+1m, send'),
    });
    await watched.printed('0 passed, 1 failed');
    expect(await watched.interrupted()).toBe(0);
  });

  it('is refused with a sentence where there is no workspace to watch', async () => {
    const run = await kairos(['rules', 'validate', '--watch', '--workspace', 'nowhere'], { directory: folder.path });
    expect(run.status).toBe(2);
    expect(run.stderr).toContain('there is no folder');
  });
});

describe('kairos rules test --coverage', () => {
  const folder = useFolder();
  const rule = `${THANKFUL_SHOP['rules/thanks.yaml']}  - if: { customer.orders: 1 }
    then: [{ send: thanks }]
    else: [stop]
stop: { event: Order Cancelled }
`;

  it('says for each rule what no test has reached, in words and as an object', async () => {
    folder.write({ ...THANKFUL_SHOP, 'rules/thanks.yaml': rule });
    const run = await kairos(['rules', 'test', '--coverage'], { directory: folder.path });
    expect(run.status).toBe(0);
    expect(run.stdout).toContain('✗ thanks   62%  5 of 8');
    expect(run.stdout).toContain('no run is stopped by Order Cancelled');
    expect(run.stdout).toContain('branch 2.then is never taken (if customer.orders: then)');
    expect(run.stdout).toContain('step 2.then.1 is never reached (send thanks)');
    const json = await kairos(['rules', 'test', '--coverage', '--format', 'json'], { directory: folder.path });
    const { coverage } = JSON.parse(json.stdout) as { coverage: { rules: { missed: { place: string }[] }[] } };
    expect(coverage.rules.map(({ missed }) => missed.map(({ place }) => place))).toEqual([['1', '2.then', '2.then.1']]);
  });

  it('is not there where nobody asked, and refused with JUnit', async () => {
    folder.write(THANKFUL_SHOP);
    const plain = await kairos(['rules', 'test', '--format', 'json'], { directory: folder.path });
    expect(JSON.parse(plain.stdout)).not.toHaveProperty('coverage');
    const junit = await kairos(['rules', 'test', '--coverage', '--format', 'junit'], { directory: folder.path });
    expect(junit.status).toBe(2);
    expect(junit.stderr).toContain('JUnit has no place for coverage');
  });
});
