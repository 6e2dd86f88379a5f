import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { readConfig } from '#config';

interface ComposeService {
  readonly image: string;
  readonly build?: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly volumes?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { condition: string }>>;
  readonly healthcheck?: object;
}

const compose = parse(readFileSync('docker-compose.yml', 'utf8'), { merge: true }) as {
  services: Record<string, ComposeService>;
  volumes: Record<string, unknown>;
};
const dockerfile = readFileSync('Dockerfile', 'utf8');
const own = Object.entries(compose.services).filter(([, { build }]) => build !== undefined);

/** The environment a container of the image gets when nobody sets anything on the host. */
function environment(service: ComposeService): Record<string, string> {
  const given = Object.entries(service.environment ?? {}).map(([name, value]) => [
    name,
    String(value).replace(/\$\{\w+:-([^}]*)\}/g, '$1'),
  ]);
  return { ...imageEnvironment(), ...(Object.fromEntries(given) as Record<string, string>) };
}

function imageEnvironment(): Record<string, string> {
  const pairs = /^ENV ((?:.*\\\n)*.*)$/m.exec(dockerfile)![1]!.replaceAll('\\\n', ' ').trim().split(/\s+/);
  return Object.fromEntries(pairs.map((pair) => pair.split('=') as [string, string]));
}

describe('docker-compose.yml', () => {
  it('runs the services of Kairos and what they need', () => {
    expect(Object.keys(compose.services).sort()).toEqual([
      'collector',
      'delivery',
      'kafka',
      'mailpit',
      'migrate',
      'postgres',
      'publish',
      'trigger-engine',
    ]);
  });

  it.each(own)('runs a program that is built: %s', (_name, { command }) => {
    expect(command?.[0]).toBe('node');
    const source = command!
      .slice(1)
      .find((word) => !word.startsWith('--'))!
      .replace(/^dist\//, '')
      .replace(/\.js$/, '.ts');
    expect([source, existsSync(source)]).toEqual([source, true]);
  });

  it.each(own)('gives settings that Kairos knows and accepts: %s', (_name, service) => {
    const read = new Set<string>();
    const env = environment(service);
    const watched = new Proxy(env, { get: (target, name: string) => (read.add(name), target[name]) });
    const config = readConfig(watched, { directory: '/app', workspace: '.', terminal: false });
    expect(Object.keys(env).filter((name) => !read.has(name))).toEqual(['NODE_ENV']);
    expect(config).toMatchObject({
      data: '/data',
      kafka: { brokers: ['kafka:9092'] },
      http: { host: '0.0.0.0', port: 8080 },
      smtpUrl: 'smtp://mailpit:1025',
    });
    expect(new URL(config.databaseUrl!).hostname).toBe('postgres');
  });

  it('waits for services that exist and can be healthy', () => {
    for (const [name, { depends_on: needed = {} }] of Object.entries(compose.services)) {
      for (const [other, { condition }] of Object.entries(needed)) {
        const service = compose.services[other];
        const possible =
          condition === 'service_healthy' ? service?.healthcheck !== undefined : service?.command !== undefined;
        expect([name, other, possible]).toEqual([name, other, true]);
      }
    }
  });

  it('mounts volumes and folders that exist', () => {
    const sources = Object.values(compose.services).flatMap(({ volumes = [] }) =>
      volumes.map((volume) => volume.split(':')[0]!),
    );
    expect(
      sources.filter((source) => !(source.startsWith('.') ? existsSync(source) : source in compose.volumes)),
    ).toEqual([]);
  });
});

describe('Dockerfile', () => {
  it('builds from files that are not kept from it, and does not run as root', () => {
    const ignored = readFileSync('.dockerignore', 'utf8').split('\n');
    for (const needed of ['package.json', 'package-lock.json', 'scripts', 'apps', 'libs', 'bin', '.swcrc']) {
      expect([needed, existsSync(needed), ignored.includes(needed)]).toEqual([needed, true, false]);
    }
    expect(dockerfile.split(/^FROM /m).at(-1)).toMatch(/^USER node$/m);
  });
});
