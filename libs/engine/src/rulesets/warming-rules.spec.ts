import { readWorkspace } from '#core';
import { warmingRules } from './warming-rules.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const rule = (name: string, more: string): string =>
  `rule: ${name}\ncategory: care\n${more}\nsteps: [{ send: hello }]\n`;
const BASE = {
  'kairos.yaml': 'time zone: Europe/Berlin\nlocale: en\nchannels: [email]\ncategories: { care: { consent: none } }\n',
  'rules/plain.yaml': rule('plain', 'start: { event: A }'),
  'rules/twice.yaml': rule('twice', 'start: { event: A, where: { has done: { event: A, at least: 2 } } }'),
  'templates/hello/email.hbs': 'hello',
  'templates/hello/subject.hbs': 'hello',
};
const filesOf = (files: object) =>
  Object.entries(files).map(([path, text]) => ({ path, bytes: bytes(text as string) }));
const published = (files: object) => ({
  number: 1,
  publishedAt: 0,
  publishedBy: 'ann',
  files: filesOf(files),
  versions: {},
  stopped: [],
});
function warming(before: object | null, next: object): readonly string[] {
  const { workspace, diagnostics } = readWorkspace(filesOf(next));
  if (workspace === null) throw new Error(JSON.stringify(diagnostics));
  return warmingRules(before === null ? null : published(before), workspace);
}

describe('rules that start nothing until history is filled', () => {
  const next = {
    ...BASE,
    'segments.yaml':
      'computed: { customer.bought: { count: B } }\nsegments: { buyer: { customer.bought: { at least: 1 } } }\n',
    'rules/buyer.yaml': rule('buyer', 'start: { enters: buyer }'),
    'rules/other.yaml': rule('other', 'start: { event: A }\nwho: { customer.bought: { at least: 3 } }'),
    'rules/opened.yaml': rule('opened', 'start: { event: A }\nwho: { has done: { event: Message Sent } }'),
  };

  it('are those that lean on what is new, and no others', () => {
    expect(warming(BASE, next)).toEqual(['buyer', 'other']);
  });

  it('are none where nothing new is counted, nothing was published before, or history does not hold it', () => {
    expect(warming(next, BASE)).toEqual([]);
    expect(warming(null, next)).toEqual([]);
    const emitting = {
      ...BASE,
      'rules/emits.yaml': 'rule: emits\ncategory: care\nstart: { event: A }\nsteps: [{ emit: { event: B } }]\n',
      'rules/hears.yaml': rule('hears', 'start: { event: A }\nwho: { has done: { event: B } }'),
    };
    expect(warming(BASE, emitting)).toEqual([]);
  });
});
