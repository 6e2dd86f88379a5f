import { ConfigError, type Config } from '#config';
import { commandSettings } from '../installation/command-settings.js';
import { EXIT, type ExitStatus } from '../terminal/command-error.js';
import type { Output, Terminal } from '../terminal/terminal.js';
import { checkDatabase } from './check-database.js';
import { checkKafka } from './check-kafka.js';
import { checkDataFolder, checkNode } from './check-machine.js';
import { checkPorts } from './check-ports.js';
import { checkSmtp } from './check-smtp.js';
import { checkWorkspace } from './check-workspace.js';
import { fail, type Check } from './check.js';

export interface DoctorOptions {
  readonly json?: boolean;
}

/** `kairos doctor`: looks, says what to mend, changes nothing. */
export async function doctor(terminal: Terminal, { json = false }: DoctorOptions): Promise<ExitStatus> {
  const checks = [checkNode(process.versions.node), ...(await checkAll(terminal))];
  if (json) terminal.out.line(JSON.stringify(checks, null, 2));
  else show(terminal.out, checks);
  return checks.some(({ status }) => status === 'fail') ? EXIT.findings : EXIT.fine;
}

async function checkAll(terminal: Terminal): Promise<readonly Check[]> {
  let config: Config;
  try {
    config = commandSettings(terminal);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map((problem) => fail('settings', problem, 'change the environment variable'));
  }
  const checks = await Promise.all([
    checkWorkspace(config, terminal.environment),
    checkDataFolder(config),
    checkDatabase(config),
    checkKafka(config),
    checkSmtp(config),
    checkPorts(config),
  ]);
  return checks.flat();
}

const COLORS = { ok: 32, warn: 33, fail: 31 } as const;

function show(out: Output, checks: readonly Check[]): void {
  const width = Math.max(...checks.map(({ name }) => name.length));
  for (const { name, status, detail, cure } of checks) {
    const word = status.padEnd(4);
    out.line(`${out.color ? `\u001b[${COLORS[status]}m${word}\u001b[0m` : word}  ${name.padEnd(width)}  ${detail}`);
    if (cure !== null) out.line(`${' '.repeat(width + 8)}→ ${cure}`);
  }
}
