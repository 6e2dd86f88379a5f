// node test/oracle/oracle.mjs --workspace DIR --events FILE.ndjson[.gz]|- [--customers FILE] [--from T] [--to T] [--assume-consent]
// Prints what `kairos rules simulate --format ndjson` must print. The workspace is taken to be valid.
import { parseArgs } from 'node:util';
import { readCustomers, readRecording } from './read-recording.mjs';
import { readWorkspace } from './read-workspace.mjs';
import { formatDecision, simulate } from './simulate.mjs';

function instant(text, name) {
  if (text === undefined) return undefined;
  const value = Date.parse(text);
  if (Number.isNaN(value)) {
    process.stderr.write(`--${name} wants an instant such as 2026-03-01T09:00:00Z\n`);
    process.exit(2);
  }
  return value;
}

const { values } = parseArgs({
  options: {
    workspace: { type: 'string' },
    events: { type: 'string' },
    customers: { type: 'string' },
    from: { type: 'string' },
    to: { type: 'string' },
    'assume-consent': { type: 'boolean' },
  },
});
if (!values.workspace || !values.events) {
  process.stderr.write('wanted: --workspace DIR --events FILE\n');
  process.exit(2);
}

const workspace = readWorkspace(values.workspace);
const decisions = simulate({
  workspace,
  records: readRecording(values.events, workspace.items),
  customers: values.customers ? readCustomers(values.customers) : [],
  from: instant(values.from, 'from') ?? -Infinity,
  to: instant(values.to, 'to'),
  assumeConsent: values['assume-consent'] ?? false,
});
process.stdout.write(decisions.map((decision) => `${formatDecision(decision)}\n`).join(''));
