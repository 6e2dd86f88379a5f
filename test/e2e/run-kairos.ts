import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

export const CLONE = resolve(import.meta.dirname, '../..');
const BIN = join(CLONE, 'bin/kairos.mjs');

export interface KairosRun {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface KairosOptions {
  readonly directory?: string;
  readonly env?: { readonly [name: string]: string };
  readonly stdin?: string | Uint8Array;
}

/** The real program in a process of its own, without a terminal and without settings of this machine. */
export function startKairos(
  args: readonly string[],
  { directory = CLONE, env = {} }: KairosOptions = {},
): ChildProcess {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(KAIROS_|KAFKA_|DATABASE_URL|SMTP_URL|NO_COLOR|NODE_OPTIONS|JEST_)/.test(name),
  );
  return spawn(process.execPath, [BIN, ...args], { cwd: directory, env: { ...Object.fromEntries(kept), ...env } });
}

export function kairos(args: readonly string[], options: KairosOptions = {}): Promise<KairosRun> {
  const child = startKairos(args, options);
  let [stdout, stderr] = ['', ''];
  child.stdout!.on('data', (text: Buffer) => (stdout += text.toString()));
  child.stderr!.on('data', (text: Buffer) => (stderr += text.toString()));
  child.stdin!.on('error', () => undefined);
  child.stdin!.end(options.stdin ?? '');
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', (status) => done({ status, stdout, stderr }));
  });
}

/** A folder that is removed after the tests of the file. */
export function useFolder(): { path: string; write(files: { readonly [path: string]: string | Uint8Array }): string } {
  const path = mkdtempSync(join(tmpdir(), 'kairos-cli-'));
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  return {
    path,
    write(files) {
      for (const [name, content] of Object.entries(files)) {
        mkdirSync(dirname(join(path, name)), { recursive: true });
        writeFileSync(join(path, name), content);
      }
      return path;
    },
  };
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

/** A workspace whose rule thanks for every order at once. */
export const THANKFUL_SHOP = {
  'kairos.yaml': `
time zone: UTC
locale: en
grace: 0 seconds
channels: [email]
categories: { care: { consent: opt-out } }
providers: { email: { kind: file, from: shop@shop.test } }
same content: off
`,
  'rules/thanks.yaml': `
rule: thanks
category: care
start: { event: Order Completed, key: event.order_id }
steps:
  - send: thanks
`,
  'rules/thanks.test.yaml': `
clock: 2026-03-02T09:00:00Z
customers: { ann: { email: ann@shop.test } }
tests:
  - name: thanks at once
    events: [{ at: +0m, customer: ann, event: Order Completed, order_id: o1 }]
    expect: [{ at: +0m, send: thanks, to: ann }]
`,
  'templates/thanks/email.hbs': '<p>Thank you</p>',
  'templates/thanks/email.txt.hbs': 'Thank you',
  'templates/thanks/subject.hbs': 'Thank you',
};
