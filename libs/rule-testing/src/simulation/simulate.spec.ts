import { shop } from '../fixtures/shop.js';
import { formatDecision } from './format-decision.js';
import { isInSample } from './sample.js';
import { Simulation, type SimulationOptions } from './simulate.js';
import { SimulationSummarizer } from './summary/summarize.js';

const added = (userId: string, timestamp: string, more: object = {}) => ({
  type: 'track',
  event: 'Product Added',
  userId,
  timestamp,
  properties: { price: 30 },
  ...more,
});
const order = (userId: string, timestamp: string) => ({ type: 'track', event: 'Order Completed', userId, timestamp });

function simulate(lines: readonly object[], options: Partial<SimulationOptions> = {}) {
  const decided: string[] = [];
  const summarizer = new SimulationSummarizer(shop());
  const simulation = new Simulation({
    workspace: shop(),
    assumeConsent: true,
    from: null,
    to: null,
    onDecision: (decision) => {
      summarizer.add(decision);
      decided.push(formatDecision(decision));
    },
    ...options,
  });
  const problems = lines
    .map((line, index) => simulation.line(line, `line ${index + 1}`))
    .filter((problem) => problem !== null);
  simulation.finish();
  return { simulation, decided, problems, summary: summarizer.summary() };
}

describe('a simulation', () => {
  it('prints a decision as one compact line with its keys in order', () => {
    const { decided } = simulate([added('ann', '2026-03-02T09:00:00Z'), order('bob', '2026-03-02T10:00:00Z')]);
    expect(decided).toEqual([
      '{"at":"2026-03-02T10:00:00.000Z","customer":"ann","rule":"reminder","key":null,"step":"2","template":"remind","channel":"email","outcome":"sent","reason":null}',
    ]);
  });

  it('decides nothing that is due after its end, and says how much is open', () => {
    const { decided, simulation } = simulate([
      added('ann', '2026-03-02T09:00:00Z'),
      added('bob', '2026-03-02T19:30:00Z'),
      order('cleo', '2026-03-02T20:00:00Z'),
    ]);
    expect(decided).toHaveLength(1);
    expect(simulation.openRuns).toBe(1);
  });

  it('takes no line behind `to`, and lets act what is due until then', () => {
    const lines = [added('ann', '2026-03-02T09:00:00Z'), added('bob', '2026-03-05T09:00:00Z')];
    const { decided, simulation } = simulate(lines, { to: Date.parse('2026-03-02T10:00:00Z') });
    expect(decided).toHaveLength(1);
    expect(simulation.events).toBe(1);
  });

  it('names what rules wait for and the recording does not hold', () => {
    const { simulation } = simulate([
      added('ann', '2026-03-02T09:00:00Z'),
      { ...order('ann', '2026-03-02T09:10:00Z'), event: 'Order completed' },
    ]);
    expect(simulation.unheard).toEqual([
      { event: 'Order Completed', rules: ['reminder'], meant: 'Order completed' },
      { event: 'Order Delivered', rules: ['thanks'], meant: null },
      { event: 'Order Refunded', rules: ['thanks'], meant: null },
    ]);
  });

  it('hands out decisions of one instant by customer in code points', () => {
    const at = '2026-03-02T09:00:00Z';
    const { decided } = simulate([added('ä', at), added('b', at), added('Z', at), order('x', '2026-03-02T12:00:00Z')]);
    expect(decided.map((line) => (JSON.parse(line) as { customer: string }).customer)).toEqual(['Z', 'b', 'ä']);
  });

  it('goes on behind lines that it cannot read', () => {
    const { decided, problems } = simulate([
      { type: 'track' },
      added('ann', '2026-03-02T09:00:00Z'),
      { ...order('ann', 'yesterday') },
      order('b', '2026-03-02T12:00:00Z'),
    ]);
    expect(decided).toHaveLength(1);
    expect(problems.map(({ field }) => field)).toEqual(['timestamp', 'timestamp']);
  });

  it('reads a timestamp without a zone as UTC wherever it runs', () => {
    const { simulation } = simulate([added('ann', '2026-03-02T09:00:00')]);
    expect(simulation.begin).toBe(Date.parse('2026-03-02T09:00:00Z'));
  });

  it('sums up by rule, with those that said nothing, and by day', () => {
    const lines = [
      added('ann', '2026-03-02T09:00:00Z'),
      added('bob', '2026-03-02T19:30:00Z'),
      order('bob', '2026-03-02T22:00:00Z'),
      order('cleo', '2026-03-04T20:00:00Z'),
    ];
    const { summary } = simulate(lines);
    expect(summary.rules).toEqual([
      {
        rule: 'reminder',
        customers: 1,
        sent: 1,
        postponed: 1,
        suppressed: 1,
        calls: 0,
        reasons: { goal_reached: 1 },
        channels: { email: 1 },
      },
      { rule: 'thanks', customers: 0, sent: 0, postponed: 0, suppressed: 0, calls: 0, reasons: {}, channels: {} },
    ]);
    expect(summary).toMatchObject({
      reached: 1,
      sent: 1,
      postponed: 1,
      suppressed: 1,
      perCustomer: { median: 1, p99: 1, most: 1 },
      channels: [{ channel: 'email', customers: 1, sent: 1 }],
      heldBack: [
        { reason: 'goal_reached', suppressed: 1, postponed: 0 },
        { reason: 'quiet_hours', suppressed: 0, postponed: 1 },
      ],
      days: [
        { day: '2026-03-02', sent: 1, suppressed: 0, rules: { reminder: 1 } },
        { day: '2026-03-03', sent: 0, suppressed: 1, rules: {} },
      ],
    });
    expect(summary.timeline).toEqual({
      unit: 'day',
      periods: [
        { period: '2026-03-02', sent: 1, suppressed: 0 },
        { period: '2026-03-03', sent: 0, suppressed: 1 },
      ],
    });
  });
});

describe('a simulation of a sample', () => {
  const customers = Array.from({ length: 60 }, (_, index) => `c${index}`);
  const at = (minute: number): string => new Date(Date.parse('2026-03-02T09:00:00Z') + minute * 60_000).toISOString();
  const lines = [
    ...customers.map((id, index) => added(id, at(index))),
    ...customers.map((id, index) => ({ ...order(id, at(100 + index)), event: 'Product Viewed' })),
  ];
  const customerOf = (line: string): string => (JSON.parse(line) as { customer: string }).customer;

  it('decides for its customers what the simulation of all decides, and for nobody else', () => {
    const all = simulate(lines);
    const half = simulate(lines, { sample: 0.5 });
    const drawn = new Set(customers.filter((id) => isInSample(id, 0.5)));
    expect(drawn.size).toBeGreaterThan(10);
    expect(half.decided).toEqual(all.decided.filter((line) => drawn.has(customerOf(line))));
    expect(half.simulation.customers).toBe(drawn.size);
    expect(half.simulation.events).toBe(2 * drawn.size);
    expect(half.simulation.end).toBe(all.simulation.end);
  });

  it('counts alike whether lines are parsed or only glanced at', () => {
    const glanced = new Simulation({
      workspace: shop(),
      assumeConsent: true,
      from: null,
      to: null,
      sample: 0.3,
      onDecision: () => undefined,
    });
    lines.forEach((line, index) => {
      const bytes = new TextEncoder().encode(JSON.stringify(line));
      if (!glanced.passBy(bytes, 0, bytes.length)) glanced.line(line, `line ${index + 1}`);
    });
    const { simulation } = simulate(lines, { sample: 0.3 });
    expect([glanced.customers, glanced.events]).toEqual([simulation.customers, simulation.events]);
  });

  it('draws the same customers in every run, on every machine and in every version', () => {
    expect(customers.filter((id) => isInSample(id, 0.1))).toEqual(['c32', 'c40', 'c49', 'c57']);
  });

  it('follows a guest of the sample who signs in, whatever her name draws', () => {
    const [guest, name] = [customers.find((id) => isInSample(id, 0.3))!, customers.find((id) => !isInSample(id, 0.3))!];
    const recording = [
      { ...added(guest, at(0)), userId: null, anonymousId: guest },
      { ...order(name, at(5)), event: 'Page Seen', anonymousId: guest },
      { ...order(name, at(10)), event: 'Order Completed' },
      ...lines.map((line, index) => ({ ...line, timestamp: at(200 + index) })).filter(({ userId }) => userId !== name),
    ];
    const some = simulate(recording, { sample: 0.3 });
    const hers = ({ decided }: { readonly decided: readonly string[] }) =>
      decided.filter((line) => [guest, name].includes(customerOf(line)));
    expect(hers(some)).toEqual(hers(simulate(recording)));
  });

  it('of a larger share holds that of a smaller one', () => {
    const some = new Set(simulate(lines, { sample: 0.3 }).decided);
    const more = new Set(simulate(lines, { sample: 0.7 }).decided);
    expect(some.size).toBeGreaterThan(0);
    expect([...some].filter((line) => !more.has(line))).toEqual([]);
  });
});

describe('customers of a file', () => {
  const consent = (value: unknown) => ({
    type: 'identify',
    userId: 'ann',
    timestamp: '2026-03-01T00:00:00Z',
    traits: { email: 'ann@shop.test' },
    context: { consent: { categoryPreferences: { promotional: value } } },
  });

  it.each([
    [true, 'sent'],
    [false, 'suppressed'],
  ])('hold from before the first event: consent %s', (value, outcome) => {
    const decided: string[] = [];
    const simulation = new Simulation({
      workspace: shop(),
      assumeConsent: false,
      from: null,
      to: null,
      onDecision: (decision) => void decided.push(formatDecision(decision)),
    });
    expect(simulation.customer(consent(value), 'line 1')).toBeNull();
    simulation.line(added('ann', '2026-03-02T09:00:00Z'), 'line 1');
    simulation.line(order('x', '2026-03-02T12:00:00Z'), 'line 2');
    simulation.finish();
    expect(decided.map((line) => (JSON.parse(line) as { outcome: string }).outcome)).toEqual([outcome]);
  });

  it('are identify calls and nothing else', () => {
    const simulation = new Simulation({
      workspace: shop(),
      assumeConsent: false,
      from: null,
      to: null,
      onDecision: () => undefined,
    });
    expect(simulation.customer(order('ann', '2026-03-02T09:00:00Z'), 'line 1')).toMatchObject({ field: 'type' });
  });
});
