// One case, a folder with workspace/, events.ndjson and now and then customers.ndjson and args: what the oracle says of it.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readOptions } from './options.mjs';
import { readCustomers, readRecording } from './read-recording.mjs';
import { readWorkspace } from './read-workspace.mjs';
import { formatDecision, simulate } from './simulate.mjs';

/** Arguments of a case, one a line. */
export function argsOf(folder) {
  const file = join(folder, 'args');
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
}

/** The lines that a simulation of the case must print. */
export function runCase(folder) {
  const workspace = readWorkspace(join(folder, 'workspace'));
  const customers = join(folder, 'customers.ndjson');
  return simulate({
    workspace,
    records: readRecording(join(folder, 'events.ndjson'), workspace.items),
    customers: existsSync(customers) ? readCustomers(customers) : [],
    ...readOptions(argsOf(folder)),
  }).map(formatDecision);
}

/** Where a command (and its arguments so far) finds the case. */
export function argumentsFor(folder) {
  const args = ['--workspace', join(folder, 'workspace'), '--events', join(folder, 'events.ndjson')];
  if (existsSync(join(folder, 'customers.ndjson'))) args.push('--customers', join(folder, 'customers.ndjson'));
  return [...args, ...argsOf(folder)];
}
