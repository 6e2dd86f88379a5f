// node test/oracle/generate.mjs --seed N --out DIR [ORACLE_FEATURES=…, see generate-features.mjs]: a random case, written as DIR/workspace, DIR/events.ndjson, DIR/customers.ndjson and DIR/args, one argument a line.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { stringify } from 'yaml';
import { addEventsFor, addFeatures } from './generate-features.mjs';
import { randomCustomers, randomRecording } from './generate-recording.mjs';
import { randomWorkspace, SCENES, TEMPLATES } from './generate-workspace.mjs';
import { randomOf } from './random.mjs';

const FILES = { email: ['email.hbs', 'subject.hbs'], sms: ['sms.hbs'], push: ['push.hbs'], inbox: ['inbox.hbs'] };
const yaml = (value) =>
  stringify(value, {
    defaultStringType: 'QUOTE_DOUBLE',
    defaultKeyType: 'PLAIN',
    lineWidth: 0,
    aliasDuplicateObjects: false,
  });

/** `--assume-consent` lets more messages reach the caps; a stretch of time now and then. */
function randomArguments(random, events) {
  const args = random.chance(0.5) ? ['--assume-consent'] : [];
  if (random.chance(0.15)) args.push('--from', random.pick(events).timestamp);
  if (random.chance(0.15)) args.push('--to', random.pick(events).timestamp);
  return args;
}

/** { files: { path: text }, events, customers, args }; the same seed gives the same case. */
export function generate(seed) {
  const random = randomOf(seed);
  const scene = random.pick(SCENES);
  const workspace = addFeatures(seed, scene, randomWorkspace(random, scene));
  const customers = randomCustomers(random, scene);
  const files = { 'kairos.yaml': yaml(workspace.kairos) };
  if (workspace.segments !== undefined) files['segments.yaml'] = yaml(workspace.segments);
  if (workspace.events !== undefined) files['events.yaml'] = yaml(workspace.events);
  for (const rule of workspace.rules) files[`rules/${rule.rule}.yaml`] = yaml(rule);
  for (const [template, channels] of Object.entries(TEMPLATES)) {
    for (const file of channels.flatMap((channel) => FILES[channel]))
      files[`templates/${template}/${file}`] = `${template}\n`;
    if (workspace.features.includes('style'))
      files[`templates/${template}/${channels[0]}.formal.hbs`] = `${template}\n`;
  }
  const events = addEventsFor(seed, workspace, randomRecording(random, workspace, scene, customers));
  return { files, customers, events, args: randomArguments(random, events) };
}

export function writeCase(folder, { files, events, customers, args }) {
  const ndjson = (lines) => lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  const all = {
    'events.ndjson': ndjson(events),
    'customers.ndjson': ndjson(customers),
    args: args.map((arg) => `${arg}\n`).join(''),
  };
  for (const [path, text] of Object.entries(files)) all[`workspace/${path}`] = text;
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { seed: { type: 'string' }, out: { type: 'string' } } });
  if (!/^\d+$/.test(values.seed ?? '') || !values.out) {
    process.stderr.write('wanted: --seed N --out DIR\n');
    process.exit(2);
  }
  writeCase(values.out, generate(Number(values.seed)));
}
