import { execFileSync } from 'node:child_process';
import { chownSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import PostalMime from 'postal-mime';
import { waitUntil } from '#testkit';
import { freeAddress, processesNaming, StartUnderTest, type Account } from './start-under-test.js';

const SHOP = fileURLToPath(new URL('../../examples/shop', import.meta.url));
const START = fileURLToPath(new URL('../../scripts/start.mjs', import.meta.url));
const LIMIT_MS = 240_000;
const NOBODY = 65_534;

const folders: string[] = [];
function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kairos-start-'));
  folders.push(folder);
  return folder;
}
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** examples/shop with a first wait of seconds, and open at night: the tests run at any hour. */
function quickShop(wait: string, change: (rule: string) => string = (rule) => rule): string {
  const folder = join(temporaryFolder(), 'shop');
  cpSync(SHOP, folder, { recursive: true });
  const edit = (path: string, by: (text: string) => string): void =>
    writeFileSync(join(folder, path), by(readFileSync(join(folder, path), 'utf8')));
  edit('rules/abandoned-cart.yaml', (rule) => change(rule.replace('wait: 1 hour', `wait: ${wait}`)));
  edit('kairos.yaml', (settings) => settings.replace(/^quiet hours:/m, '# $&'));
  return folder;
}

async function settings(data: string, workspace: string): Promise<{ [name: string]: string }> {
  const [http, ops] = [await freeAddress(), await freeAddress()];
  return { KAIROS_DATA: data, KAIROS_WORKSPACE: workspace, KAIROS_HTTP: http, KAIROS_OPS: ops };
}

/** Mails of the outbox, `address: subject`. */
async function outbox(data: string): Promise<string[]> {
  let names: string[] = [];
  try {
    names = readdirSync(join(data, 'outbox')).filter((name) => name.endsWith('.eml'));
  } catch {
    // It is made with the first mail.
  }
  const mails = names.map((name) => PostalMime.parse(readFileSync(join(data, 'outbox', name))));
  return (await Promise.all(mails)).map(({ to, subject }) => `${to?.[0]?.address}: ${subject}`).sort();
}

const mailTo = (name: string): string => `${name}@shop.test: You left something in your cart`;

describe('npm start', () => {
  const data = temporaryFolder();
  let env: { [name: string]: string };
  let kairos: StartUnderTest;
  beforeAll(async () => (env = await settings(data, quickShop('5 seconds'))));
  afterAll(() => kairos?.end('SIGINT'));

  it(
    'says where events and mails go, and a line to copy that ends in a mail',
    async () => {
      kairos = await StartUnderTest.spawn(env).welcomed();
      const key = readFileSync(join(data, 'write-key'), 'utf8').trim();
      for (const said of [
        `http://${env['KAIROS_HTTP']}/v1`,
        key,
        join(data, 'outbox'),
        env['KAIROS_WORKSPACE'],
        'win-back',
      ])
        expect(kairos.stdout).toContain(said);
      const ready = await fetch(`http://${env['KAIROS_OPS']}/health/ready`);
      expect(ready.status).toBe(200);
      expect((await kairos.pasteCurl()).status).toBe(200);
      await waitUntil('the mail', async () => (await outbox(data)).length > 0);
      expect(await outbox(data)).toEqual([mailTo('ann')]);
    },
    LIMIT_MS,
  );

  it(
    'ends with Ctrl-C, and leaves nothing running',
    async () => {
      expect(await processesNaming(data)).not.toEqual([]);
      expect(await kairos.end('SIGINT')).toBe(0);
      expect(await processesNaming(data)).toEqual([]);
    },
    LIMIT_MS,
  );

  it(
    'finds its data again: what waited when it was stopped is sent after the next start',
    async () => {
      kairos = await StartUnderTest.spawn(env).welcomed();
      // Ann has had her mail, so somebody else is offered.
      expect((await kairos.pasteCurl()).sent).toContain('"userId":"ben"');
      expect(await kairos.end('SIGINT')).toBe(0);
      expect(await outbox(data)).toEqual([mailTo('ann')]);

      kairos = await StartUnderTest.spawn(env).welcomed();
      expect(kairos.stdout).toContain(readFileSync(join(data, 'write-key'), 'utf8').trim());
      await waitUntil('the mail', async () => (await outbox(data)).length > 1);
      expect(await outbox(data)).toEqual([mailTo('ann'), mailTo('ben')]);
    },
    LIMIT_MS,
  );

  it(
    'goes on where it was after kill -9, and says what became of the PostgreSQL that was left',
    async () => {
      expect((await kairos.pasteCurl('cleo')).status).toBe(200);
      expect(await kairos.end('SIGKILL')).toBe('SIGKILL');
      expect(await processesNaming(data)).not.toEqual([]);

      kairos = await StartUnderTest.spawn(env).welcomed();
      expect(kairos.stderr).toMatch(
        /PostgreSQL of an earlier start was still running .* since that Kairos was killed: going on with it/,
      );
      await waitUntil('the mail', async () => (await outbox(data)).length > 2);
      expect(await outbox(data)).toEqual([mailTo('ann'), mailTo('ben'), mailTo('cleo')]);
      expect(await kairos.end('SIGTERM')).toBe(0);
      expect(await processesNaming(data)).toEqual([]);
    },
    LIMIT_MS,
  );

  it(
    'that is interrupted while it starts leaves nothing running either',
    async () => {
      kairos = StartUnderTest.spawn(env);
      await waitUntil('its PostgreSQL', async () => (await processesNaming(join(data, 'postgres'))).length > 0, 60_000);
      expect(await kairos.end('SIGINT')).toBe(0);
      expect(await processesNaming(data)).toEqual([]);
    },
    LIMIT_MS,
  );
});

describe('npm start that cannot', () => {
  /** Ends with 2 and one explanation on standard error; nothing else was said, nothing runs. */
  async function refused(env: { [name: string]: string }): Promise<string> {
    const kairos = StartUnderTest.spawn(env);
    expect([await kairos.end(), kairos.stdout]).toEqual([2, '']);
    expect(await processesNaming(env['KAIROS_DATA']!)).toEqual([]);
    const said = kairos.stderr.replace('Starting Kairos ...\n', '');
    expect(said).not.toMatch(/^\s+at /m);
    return said;
  }

  it('says which port is taken and how to take another', async () => {
    const env = await settings(temporaryFolder(), SHOP);
    const port = Number(env['KAIROS_HTTP']!.split(':')[1]);
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
    try {
      expect(await refused(env)).toBe(
        `Kairos cannot start: port ${port} on 127.0.0.1 is taken by another program (perhaps Kairos runs already); stop it, or set KAIROS_HTTP=127.0.0.1:PORT with another port\n`,
      );
    } finally {
      other.close();
    }
  });

  it('says which folder cannot be written', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    expect(await refused(await settings(join(file, 'data'), SHOP))).toMatch(
      /^Kairos cannot start: KAIROS_DATA: the folder \S+ cannot be written \(ENOTDIR\); make it writable for this user or set KAIROS_DATA to another folder\n$/,
    );
  });

  it('shows every error of the workspace in its place, before anything is started', async () => {
    const data = temporaryFolder();
    const broken = quickShop('1 hour', (rule) => rule.replace('priority: 60', 'priorty: 60'));
    const said = await refused(await settings(data, broken));
    expect(said).toMatch(/^Kairos cannot start: the workspace has an error; mend it and start again\n/);
    expect(said).toMatch(/rules\/abandoned-cart\.yaml:4:1 error\[\S+\] .*did you mean "priority"/);
    expect(said).toContain('   4 | priorty: 60');
    expect(readdirSync(data)).not.toContain('postgres');
  });

  it('says that there is no such workspace', async () => {
    expect(await refused(await settings(temporaryFolder(), '/no/such/folder'))).toMatch(
      /^Kairos cannot start: there is no folder \/no\/such\/folder; .*KAIROS_WORKSPACE\n$/,
    );
  });

  it('names all settings that cannot be used at once', async () => {
    const data = temporaryFolder();
    const wrong = {
      KAIROS_HTTP: 'here',
      KAIROS_PARTITIONS: '0',
      KAIROS_LOG: 'loud',
      SMTP_URL: 'mail',
      KAIROS_SECRET: 'x',
    };
    const said = await refused({ ...(await settings(data, SHOP)), ...wrong });
    expect(said).toMatch(/^Kairos cannot start: 5 settings cannot be used:\n/);
    for (const name of Object.keys(wrong)) expect(said).toMatch(new RegExp(`^ {2}- ${name} .*`, 'm'));
  });
});

/** root becomes somebody without rights; anybody else is an ordinary user already, in all that stands above. */
const nobody: Account = {
  prefix: ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', 'env', 'HOME=/nonexistent'],
};
function nobodyCanReadTheClone(): boolean {
  try {
    execFileSync(nobody.prefix[0]!, [...nobody.prefix.slice(1), 'test', '-r', START]);
    return true;
  } catch {
    return false;
  }
}

if (process.getuid?.() === 0 && nobodyCanReadTheClone()) {
  describe('npm start of an ordinary user', () => {
    it(
      'starts, sends and stops as root does',
      async () => {
        const workspace = quickShop('1 second');
        const data = temporaryFolder();
        for (const folder of [data, join(workspace, '..')]) chownSync(folder, NOBODY, NOBODY);
        const kairos = await StartUnderTest.spawn(await settings(data, workspace), nobody).welcomed();
        expect((await kairos.pasteCurl()).status).toBe(200);
        await waitUntil('the mail', async () => (await outbox(data)).length > 0);
        expect(await outbox(data)).toEqual([mailTo('ann')]);
        expect(await kairos.end('SIGINT')).toBe(0);
        expect(await processesNaming(data)).toEqual([]);
      },
      LIMIT_MS,
    );

    it('says that a folder of root is not writable', async () => {
      const data = join(temporaryFolder(), 'of-root');
      mkdirSync(data);
      const kairos = StartUnderTest.spawn(await settings(data, SHOP), nobody);
      expect(await kairos.end()).toBe(2);
      expect(kairos.stderr).toMatch(
        /^Kairos cannot start: KAIROS_DATA: the folder \S+ cannot be written \(EACCES\); make it writable/,
      );
    });
  });
}
