import type { SimulationReport } from '../simulation-report.js';
import { showReport } from '../show-report.js';
import { html } from './html.js';
import { reportPage } from './report-page.js';

const REPORT: SimulationReport = {
  events: 12_345,
  customers: 678,
  from: '2026-03-02T09:00:00.000Z',
  to: '2026-03-04T09:00:00.000Z',
  reached: 321,
  sent: 1_234,
  postponed: 56,
  suppressed: 78,
  calls: 9,
  perCustomer: {
    median: 1.5,
    p99: 11,
    most: 17,
    distribution: [
      { messages: 1, customers: 300 },
      { messages: 17, customers: 21 },
    ],
  },
  rules: [
    {
      rule: 'cart',
      customers: 321,
      sent: 1_234,
      postponed: 56,
      suppressed: 78,
      calls: 9,
      reasons: { frequency_cap: 78 },
      channels: { email: 1_000, push: 234 },
    },
  ],
  channels: [
    { channel: 'email', customers: 300, sent: 1_000 },
    { channel: 'push', customers: 40, sent: 234 },
  ],
  heldBack: [{ reason: 'frequency_cap', suppressed: 78, postponed: 56 }],
  days: [
    { day: '2026-03-02', sent: 1_200, suppressed: 70, rules: { cart: 1_200 } },
    { day: '2026-03-03', sent: 34, suppressed: 8, rules: { cart: 34 } },
  ],
  timeline: {
    unit: 'day',
    periods: [
      { period: '2026-03-02', sent: 1_200, suppressed: 70 },
      { period: '2026-03-03', sent: 34, suppressed: 8 },
    ],
  },
  unheard: [{ event: 'Order Canceled', rules: ['cart'], meant: 'Order Cancelled' }],
  openRuns: 4,
  openMessages: 5,
  unreadableLines: 1,
  problems: [{ file: 'a.ndjson', line: 3, message: 'is not JSON (Unexpected token <script>alert(1)</script>)' }],
};

const page = (title = 'The Shop') =>
  reportPage({ title, conditions: ['Nothing is assumed.'], report: REPORT, comparison: null });

function terminalText(): string {
  const lines: string[] = [];
  showReport(
    {
      isTerminal: false,
      color: false,
      columns: 100,
      write: (text) => void lines.push(text),
      line: (text = '') => void lines.push(text),
      drained: async () => undefined,
    },
    REPORT,
  );
  return lines.join('\n');
}

describe('the page of a simulation', () => {
  it('has every number that the terminal has', () => {
    const numbers = (text: string): readonly string[] => text.match(/\d[\d,.]*\d|\d/g) ?? [];
    const shown = new Set(numbers(page().replace(/<style>.*<\/style>/s, '')));
    expect(numbers(terminalText()).filter((number) => !shown.has(number))).toEqual([]);
  });

  it('shows texts as they are, whatever signs they hold', () => {
    const text = page('A & B <b>"bold"</b>');
    expect(text).toContain('<h1>Simulation: A &amp; B &lt;b&gt;&quot;bold&quot;&lt;/b&gt;</h1>');
    expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(text).not.toContain('<script');
    expect(text).toContain('Order Canceled (cart): did you mean &quot;Order Cancelled&quot;?');
    expect(terminalText()).toContain('Order Canceled (cart): did you mean "Order Cancelled"?');
  });

  it('needs nothing but itself', () => {
    expect(page()).not.toMatch(/https?:|src=|href=|@import|url\(/);
    expect(page()).toContain("default-src 'none'");
  });

  it('is the same for the same figures', () => {
    expect(page()).toBe(page());
  });
});

describe('a piece of a page', () => {
  it('escapes texts, also in attributes and lists, and nothing twice', () => {
    const list = ['<', "'"].map((sign) => html`<i title="${sign}">${sign}</i>`);
    expect(html`<p>${list}${'&amp;'}</p>`.text).toBe(
      '<p><i title="&lt;">&lt;</i><i title="&#39;">&#39;</i>&amp;amp;</p>',
    );
  });

  it('shows signs that would turn or hide what follows', () => {
    expect(html`${'a\u202eb\u0000c'}`.text).toBe('a\ufffdb\ufffdc');
  });
});
