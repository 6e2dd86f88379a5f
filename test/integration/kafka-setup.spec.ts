import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeWhereKafkaCanRun, waitUntil } from '#testkit';

/** A folder for programs that pretend to be Java and Maven, and a copy of tools/kafka that has fetched nothing. */
let root: string;
const tools = (): string => join(root, 'kafka');

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'kairos-kafka-setup-'));
  await mkdir(join(root, 'bin'));
  await mkdir(join(root, 'tmp'));
  for (const program of ['/bin/sh', '/bin/mkdir', '/bin/sleep'])
    await symlink(program, join(root, 'bin', program.slice(5)));
  await cp('tools/kafka', tools(), { recursive: true, filter: (path) => !path.endsWith('.lib') });
});
afterEach(() => rm(root, { recursive: true, force: true, maxRetries: 5 }));

async function program(name: string, script: string): Promise<void> {
  await writeFile(join(root, 'bin', name), `#!/bin/sh\n${script}\n`);
  await chmod(join(root, 'bin', name), 0o755);
}

function start(args: string[], { folder = tools(), path = join(root, 'bin') } = {}): ChildProcess {
  const java = path === join(root, 'bin') ? undefined : process.env['JAVA_HOME'];
  return spawn(process.execPath, [join(folder, 'start.mjs'), ...args], {
    env: { ...process.env, PATH: path, JAVA_HOME: java, TMPDIR: join(root, 'tmp') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function ended(child: ChildProcess): Promise<{ status: number | null; errors: string }> {
  let errors = '';
  child.stderr!.on('data', (chunk) => (errors += chunk));
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, errors };
}

const JAVA_17 = 'echo \'openjdk version "17.0.15"\' >&2';

describe('npm run kafka', () => {
  it('says how to get Java where there is none', async () => {
    const { status, errors } = await ended(start([]));
    expect(status).toBe(1);
    expect(errors).toMatch(/No Java found.*apt-get install openjdk.*KAFKA_BROKERS/);
  });

  it('says that Java is too old', async () => {
    await program('java', 'echo \'java version "1.8.0_402"\' >&2');
    expect((await ended(start([]))).errors).toMatch(/needs Java 17, java is Java 8\. Install/);
  });

  it('says how to get Maven where there is none', async () => {
    await program('java', JAVA_17);
    expect((await ended(start([]))).errors).toMatch(/Maven \(mvn\) is needed once.*apt-get install maven/);
  });

  it('says what to do when Maven does not reach its repository, and keeps nothing half fetched', async () => {
    await program('java', JAVA_17);
    await program('mvn', 'echo "[ERROR] Could not transfer artifact x:y from/to central: Connection refused"; exit 1');
    const { status, errors } = await ended(start([]));
    expect(status).toBe(1);
    expect(errors).toMatch(/cannot fetch Kafka.*settings\.xml[^]*Could not transfer/);
    expect(await readdir(join(tools(), '.lib'))).toEqual([]);
  });

  it('says which port is taken', async () => {
    await program('java', JAVA_17);
    await program('mvn', 'for a in "$@"; do case "$a" in -DoutputDirectory=*) mkdir -p "${a#*=}";; esac; done');
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect((await ended(start(['--port', String(port)]))).errors).toContain(`Port ${port} on 127.0.0.1 is taken`);
    server.close();
  });

  it('refuses options it does not know', async () => {
    const { status, errors } = await ended(start(['--brokers', '2']));
    expect(status).toBe(2);
    expect(errors).toMatch(/--brokers is 1 or 3, not 2[^]*npm run kafka/);
  });

  it('fetches once when several start at once, even if an earlier fetch was killed', async () => {
    await program(
      'mvn',
      'for a in "$@"; do case "$a" in -DoutputDirectory=*) sleep 0.3; mkdir -p "${a#*=}"; echo x >> "$COUNT";; esac; done',
    );
    const library = join(tools(), '.lib');
    await mkdir(join(library, 'fetching-1-dead'), { recursive: true });
    // No process has a number above 2^22.
    await writeFile(join(library, 'fetch.lock'), '99999999');
    const count = join(root, 'count');
    const fetching = [1, 2, 3].map(() =>
      spawn(
        process.execPath,
        ['-e', `import(${JSON.stringify(join(tools(), 'broker-jars.mjs'))}).then((m) => m.brokerJars())`],
        {
          env: { PATH: join(root, 'bin'), COUNT: count },
          stdio: ['ignore', 'inherit', 'inherit'],
        },
      ),
    );
    const statuses = await Promise.all(fetching.map(async (child) => (await once(child, 'close'))[0] as number));
    expect(statuses).toEqual([0, 0, 0]);
    expect(await readFile(count, 'utf8')).toBe('x\n');
    expect(await readdir(library)).toEqual([expect.stringMatching(/^[0-9a-f]{12}$/)]);
  });
});

describeWhereKafkaCanRun('npm run kafka with Kafka', () => {
  it.each(['SIGKILL', 'SIGINT'] as const)('leaves neither a broker nor a folder behind on %s', async (signal) => {
    const child = start([], { folder: 'tools/kafka', path: process.env['PATH'] ?? '' });
    const [line] = (await once(child.stdout!, 'data')) as [Buffer];
    const address = /^KAFKA_BROKERS=(\S+)/.exec(line.toString())![1]!;
    expect(await readdir(join(root, 'tmp'))).toHaveLength(1);
    const exit = once(child, 'exit');
    child.kill(signal);
    expect(await exit).toEqual(signal === 'SIGKILL' ? [null, signal] : [0, null]);
    await waitUntil('the folder to be gone', async () => (await readdir(join(root, 'tmp'))).length === 0);
    await waitUntil('the port to be closed', () => isRefused(address));
  });
});

async function isRefused(address: string): Promise<boolean> {
  return fetch(`http://${address}`).then(
    () => false,
    (error: Error & { cause?: { code?: string } }) => error.cause?.code === 'ECONNREFUSED',
  );
}
