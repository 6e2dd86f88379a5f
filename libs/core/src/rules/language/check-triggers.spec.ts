import { workspaceWith } from '../fixtures/valid-workspace.js';
import { readWorkspace } from '../read-workspace.js';

interface Written {
  readonly start: string;
  readonly steps: string;
  readonly more?: string;
}

/** Rules a, b, c… of one workspace; what is found of rules that start themselves. */
function found(segments: string | null, ...rules: readonly Written[]): readonly string[] {
  const files = rules.map(({ start, steps, more = '' }, index) => {
    const name = String.fromCharCode(97 + index);
    const text = `rule: ${name}\ncategory: promotional\nstart: ${start}\nsteps: ${steps}\n${more}\n`;
    return [`rules/${name}.yaml`, text] as const;
  });
  const { diagnostics } = readWorkspace(
    workspaceWith({ 'rules/cart.yaml': null, 'segments.yaml': segments, ...Object.fromEntries(files) }),
  );
  return diagnostics.map((d) => `${d.file}:${d.line}:${d.column} ${d.code} ${d.message.split(',')[0]}`);
}

const emit = (event: string, properties = '{}') => `[{ emit: { event: ${event}, properties: ${properties} } }]`;

describe('a rule that can start itself', () => {
  it('is refused where its own event starts it, in whatever branch it is emitted', () => {
    const steps = '[{ wait: 7 days }, { if: { customer.a: 1 }, then: [{ emit: { event: Go } }] }]';
    expect(found(null, { start: '{ event: [Stay, Go] }', steps })).toEqual([
      'rules/a.yaml:4:76 rule/triggers-itself the event "Go" can start this rule again',
    ]);
  });

  it('is refused over other rules, which the sentence names, once for each circle', () => {
    const rules = [
      { start: '{ event: A }', steps: emit('B') },
      { start: '{ event: B }', steps: emit('C') },
      { start: '{ event: C }', steps: emit('A') },
      { start: '{ event: A }', steps: emit('D') },
    ];
    expect(found(null, ...rules)).toEqual([
      'rules/a.yaml:4:26 rule/triggers-itself the event "B" can start this rule again (a → b → c → a)',
    ]);
  });

  it('is not one whose start asks for another property than the event has', () => {
    const start = '{ event: Stage Reached, where: { event.stage: 1 } }';
    expect(found(null, { start, steps: emit('Stage Reached', '{ stage: 2 }') })).toEqual([]);
    expect(found(null, { start, steps: emit('Stage Reached') })).toEqual([]);
    expect(found(null, { start, steps: emit('Stage Reached', '{ stage: start.next }') })).toHaveLength(1);
    expect(found(null, { start, steps: emit('Stage Reached', '{ stage: 1 }') })).toHaveLength(1);
  });

  it('is not one that starts once for a customer', () => {
    const rule = { start: '{ event: Go }', steps: emit('Go') };
    expect(found(null, { ...rule, more: 'again: never' })).toEqual([]);
    expect(found(null, { ...rule, start: '{ event: Go, key: event.id }', more: 'again: never' })).toHaveLength(1);
    expect(found(null, { ...rule, more: 'again: after 3 days' })).toHaveLength(1);
  });

  it('is refused where what it sets brings the customer into the segment that starts it, and only there', () => {
    const segments =
      'segments: { welcomed: { customer.welcomed: true }, new: { customer.welcomed: { exists: false } } }';
    const steps = '[{ set: { customer.welcomed: true } }]';
    expect(found(segments, { start: '{ enters: welcomed }', steps })).toEqual([
      'rules/a.yaml:4:18 rule/triggers-itself customer.welcomed',
    ]);
    expect(found(segments, { start: '{ enters: new }', steps })).toEqual([]);
    expect(found(segments, { start: '{ leaves: new }', steps })).toHaveLength(1);
    expect(found(segments, { start: '{ leaves: welcomed }', steps })).toEqual([]);
  });

  it('is found through segments of segments and computed attributes', () => {
    const segments =
      'segments: { big: { customer.done: { at least: 3 } }, all: { any: [{ segment: big }, { customer.a: 1 }] } }\n' +
      'computed: { customer.done: { count: Task Done } }';
    expect(found(segments, { start: '{ enters: all }', steps: emit('Task Done') })).toHaveLength(1);
    expect(found(segments, { start: '{ enters: all }', steps: emit('Task Begun') })).toEqual([]);
  });

  it('knows what a history becomes by one more event or message', () => {
    const segments =
      'segments: { told: { has received: reminder }, untold: { has not received: reminder }, done: { has done: { event: Go } } }';
    const send = '[{ send: reminder }]';
    expect(found(segments, { start: '{ enters: told }', steps: send })).toHaveLength(1);
    expect(found(segments, { start: '{ enters: untold }', steps: send })).toEqual([]);
    expect(found(segments, { start: '{ leaves: untold }', steps: send })).toHaveLength(1);
    expect(found(segments, { start: '{ leaves: done }', steps: emit('Go') })).toEqual([]);
  });

  it('is one that answers its own message, unless people have to do something first', () => {
    const send = '[{ send: reminder }]';
    expect(found(null, { start: '{ sent: reminder }', steps: send })).toEqual([
      'rules/a.yaml:4:17 rule/triggers-itself a message of "reminder" can start this rule again',
    ]);
    expect(found(null, { start: '{ failed: reminder }', steps: send })).toHaveLength(1);
    expect(found(null, { start: '{ clicked: reminder }', steps: send })).toEqual([]);
    const byName = (template: string) => `{ event: Message Sent, where: { event.template: ${template} } }`;
    expect(found(null, { start: byName('reminder'), steps: send })).toHaveLength(1);
    expect(found(null, { start: byName('mail-only'), steps: send })).toEqual([]);
    const variants = '[{ send: { variants: { mail-only: 50%, reminder: 50% } } }]';
    expect(found(null, { start: '{ delivered: reminder }', steps: variants })).toEqual([
      'rules/a.yaml:4:47 rule/triggers-itself a message of "reminder" can start this rule again',
    ]);
  });

  it('is one that ends the silence it waits for by an event of its own', () => {
    const steps = emit('Nudged');
    expect(found(null, { start: '{ inactive: 30 days, since: [Order Completed, Nudged] }', steps })).toHaveLength(1);
    expect(found(null, { start: '{ inactive: 30 days, since: any event }', steps })).toEqual([]);
  });
});
