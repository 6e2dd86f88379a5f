import { createServer } from 'node:net';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { migrate, startEmbeddedPostgres, type EmbeddedPostgres } from '#postgres';

describe('startEmbeddedPostgres', () => {
  let parent: string;
  let lines: string[];
  const running: EmbeddedPostgres[] = [];
  const dataDir = () => join(parent, 'data', 'postgres');

  const start = async (folder = dataDir()): Promise<EmbeddedPostgres> => {
    const server = await startEmbeddedPostgres({ dataDir: folder, log: (line) => lines.push(line) });
    running.push(server);
    return server;
  };
  const ask = async (url: string, text: string): Promise<Record<string, unknown>[]> => {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query(text)).rows as Record<string, unknown>[];
    } finally {
      await client.end();
    }
  };
  /** To the server it is the same whether the process that held it was killed or only its sessions are gone. */
  const killHolder = (url: string) =>
    ask(
      url,
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'kairos process ${process.pid}'`,
    );

  beforeAll(async () => {
    // Mode 0700, as a home directory may be: as root the server's own user cannot simply enter it.
    parent = await mkdtemp(join(tmpdir(), 'kairos-embedded-'));
  });
  beforeEach(() => {
    lines = [];
  });
  afterEach(async () => {
    for (const server of running.splice(0)) await server.stop();
  });
  afterAll(() => rm(parent, { recursive: true, force: true }));

  it('makes a database that only its owner may read, keeps it over a stop, and finds its port again', async () => {
    const first = await start();
    await migrate(first.url);
    await ask(first.url, `insert into stream_layout (stream, partitions) values ('kept', 3)`);
    const [settings] = await ask(
      first.url,
      `select current_setting('fsync') as fsync, current_setting('listen_addresses') as listens`,
    );
    expect(settings).toEqual({ fsync: 'on', listens: '127.0.0.1' });
    expect((await stat(dataDir())).mode & 0o777).toBe(0o700);
    expect((await stat(join(dataDir(), 'connection.json'))).mode & 0o777).toBe(0o600);
    await running.pop()!.stop();
    await expect(ask(first.url, 'select 1')).rejects.toThrow(/ECONNREFUSED/);

    const second = await start();
    expect(second.url).toBe(first.url);
    expect(await ask(second.url, 'select partitions from stream_layout')).toEqual([{ partitions: 3 }]);
  });

  it('goes on with the server that a killed Kairos left running, and says so', async () => {
    const killed = await start();
    running.pop();
    await killHolder(killed.url);
    lines = [];
    const heir = await start();
    expect(heir.url).toBe(killed.url);
    expect(lines.join('\n')).toMatch(
      /of an earlier start was still running \(process \d+\), since that Kairos was killed: going on with it/,
    );
    await running.pop()!.stop();
    await expect(ask(heir.url, 'select 1')).rejects.toThrow(/ECONNREFUSED/);
  });

  it('starts after a postmaster.pid that the machine left behind when it went down', async () => {
    // The number of a process that lives and is not PostgreSQL: this one.
    await writeFile(
      join(dataDir(), 'cluster', 'postmaster.pid'),
      `${process.pid}\n${dataDir()}/cluster\n1\n5432\n\n127.0.0.1\n\nready   \n`,
    );
    const server = await start();
    expect(await ask(server.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('refuses a folder that another living Kairos uses, and names that process', async () => {
    await start();
    await expect(start()).rejects.toMatchObject({
      code: 'embedded_postgres_in_use',
      message: expect.stringContaining(`in use by another kairos process ${process.pid}`) as string,
    });
  });

  it('takes another port when its own is taken, and says so', async () => {
    const { port } = JSON.parse(await readFile(join(dataDir(), 'connection.json'), 'utf8')) as { port: number };
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
    try {
      const server = await start();
      expect(new URL(server.url).port).not.toBe(String(port));
      expect(lines.join('\n')).toContain(`port ${port} of the embedded PostgreSQL is taken`);
    } finally {
      await new Promise((resolve) => other.close(resolve));
    }
  });

  it('refuses the data of another major version with the way out, and leaves it as it is', async () => {
    const folder = join(parent, 'old');
    await mkdir(join(folder, 'cluster'), { recursive: true });
    await writeFile(join(folder, 'cluster', 'PG_VERSION'), '12\n');
    await expect(start(folder)).rejects.toMatchObject({ code: 'embedded_postgres_other_version' });
    await expect(start(folder)).rejects.toThrow(/made by PostgreSQL 12 and this Kairos brings \d+.*pg_dump/);
    expect(await readFile(join(folder, 'cluster', 'PG_VERSION'), 'utf8')).toBe('12\n');
  });

  it('says that a folder cannot be made where a file stands', async () => {
    const file = join(parent, 'file');
    await writeFile(file, '');
    await expect(start(join(file, 'data'))).rejects.toThrow(
      /cannot be used \(.*ENOTDIR.*set KAIROS_DATA to another folder/,
    );
  });
});
