import { reasonInWords } from '#core';
import type { HeldBack, RuleSummary } from '#rule-testing';
import { counted, n, share, whatWasOpen, whatWasRead, whoWasReached } from '../report-words.js';
import type { ComparisonReport } from '../comparison-report.js';
import type { SimulationReport } from '../simulation-report.js';
import { stackedColumns, strip, type Series } from './charts.js';
import { comparisonSection } from './comparison-section.js';
import { Html, html, NOTHING } from './html.js';
import { STYLE } from './style.js';

export interface PageInput {
  /** Of the shop. */
  readonly title: string;
  /** Under which assumptions the figures hold, in sentences. */
  readonly conditions: readonly string[];
  readonly report: SimulationReport;
  /** null: it was compared with nothing. */
  readonly comparison: ComparisonReport | null;
}

const COLOURS = 5;
const STYLE_SHEET = new Html(STYLE);

/** One page that needs nothing but itself: no scripts, no network, the same bytes for the same figures. */
export function reportPage({ title, conditions, report, comparison }: PageInput): string {
  const sections = [
    comparison === null ? NOTHING : comparisonSection(report, comparison),
    days(report),
    rules(report),
    channels(report),
    heldBack(report),
    perCustomer(report),
    unheard(report),
    unread(report),
  ];
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
        <title>Simulation: ${title}</title>
        <style>
          ${STYLE_SHEET}
        </style>
      </head>
      <body>
        <main>
          <h1>Simulation: ${title}</h1>
          <p>${whoWasReached(report)}</p>
          <p class="faint">${whatWasRead(report)}. ${conditions.join(' ')}</p>
          ${tiles(report)} ${sections}
          <p class="faint">${whatWasOpen(report)}</p>
        </main>
      </body>
    </html> `;
  return page.text.replace(/^ +/gm, '');
}

function tiles({ reached, sent, perCustomer: each, suppressed, postponed, calls }: SimulationReport): Html {
  const tile = (value: string, what: string): Html => html`<div class="tile"><b>${value}</b>${what}</div>`;
  return html`<div class="tiles">
    ${tile(n(reached), 'customers reached')} ${tile(n(sent), 'messages sent')}
    ${each === null ? NOTHING : tile(`${n(each.median)} · ${n(each.p99)} · ${n(each.most)}`, 'messages each: median · 99th percentile · most')}
    ${tile(n(suppressed), 'suppressed')} ${tile(n(postponed), 'postponed')}
    ${calls === 0 ? NOTHING : tile(n(calls), 'webhook calls')}
  </div>`;
}

function days({ days: list, rules: all }: SimulationReport): Html {
  if (list.length === 0)
    return html`<section>
      <h2>By day</h2>
      <p>No message came due.</p>
    </section>`;
  const busiest = all
    .filter(({ sent }) => sent > 0)
    .sort((a, b) => b.sent - a.sent || (a.rule < b.rule ? -1 : 1))
    .map(({ rule }) => rule);
  const shown = busiest.length > COLOURS + 1 ? busiest.slice(0, COLOURS) : busiest;
  const others = busiest.length > shown.length ? ['other rules'] : [];
  const names = [...shown, ...others, 'suppressed'];
  const series = names.map((name, index): Series => ({
    name,
    colour: index === names.length - 1 ? 'held' : `s${index}`,
  }));
  const columns = list.map((day) => {
    const own = shown.map((rule) => day.rules[rule] ?? 0);
    const rest = others.map(() => day.sent - own.reduce((sum, value) => sum + value, 0));
    return { name: day.day, values: [...own, ...rest, day.suppressed] };
  });
  return html`<section>
    <h2>Messages by day</h2>
    ${stackedColumns('Messages by day', series, columns)}
    <details>
      <summary>The numbers</summary>
      <div class="scroll">
        <table>
          <tr>
            <th>day</th>
            <th class="n">sent</th>
            <th class="n">suppressed</th>
          </tr>
          ${list.map(
            (day) =>
              html`<tr>
                <td>${day.day}</td>
                <td class="n">${n(day.sent)}</td>
                <td class="n">${n(day.suppressed)}</td>
              </tr>`,
          )}
        </table>
      </div>
    </details>
  </section>`;
}

function rules({ rules: all }: SimulationReport): Html {
  const most = Math.max(...all.map(({ sent, suppressed }) => sent + suppressed), 1);
  return html`<section>
    <h2>By rule</h2>
    <div class="scroll">
      <table>
        <tr>
          <th>rule</th>
          <th class="n">customers</th>
          <th class="n">sent</th>
          <th class="bar"></th>
          <th class="n">postponed</th>
          <th class="n">suppressed</th>
        </tr>
        ${all.map((rule) => ruleRow(rule, most))}
      </table>
    </div>
  </section>`;
}

function ruleRow({ rule, customers, sent, postponed, suppressed, ...more }: RuleSummary, most: number): Html {
  const carriers = { ...more.channels, ...(more.calls > 0 && { 'webhook calls': more.calls }) };
  const parts = [
    { value: sent, colour: 's0' },
    { value: suppressed, colour: 'held' },
  ];
  return html`<tr>
    <td class="name">${rule}${under('', carriers)}${under('held back by ', more.reasons)}</td>
    <td class="n">${n(customers)}</td>
    <td class="n">${n(sent)}</td>
    <td class="bar">${strip(`${rule}: ${n(sent)} sent, ${n(suppressed)} suppressed`, parts, most)}</td>
    <td class="n">${n(postponed)}</td>
    <td class="n">${n(suppressed)}</td>
  </tr>`;
}

/** What numbers are made of, small, under the name they belong to. */
function under(words: string, counts: { readonly [name: string]: number }): Html {
  const listed = Object.entries(counts).map(([name, count]) => `${name} ${n(count)}`);
  return listed.length === 0 ? NOTHING : html`<div class="faint">${words}${listed.join(', ')}</div>`;
}

function channels({ channels: all, sent, calls }: SimulationReport): Html {
  if (all.length === 0) return NOTHING;
  const most = Math.max(...all.map((each) => each.sent));
  return html`<section>
    <h2>By channel</h2>
    <div class="scroll">
      <table>
        <tr>
          <th>channel</th>
          <th class="n">messages</th>
          <th class="bar"></th>
          <th class="n">share</th>
          <th class="n">customers</th>
        </tr>
        ${all.map(
          (each) =>
            html`<tr>
              <td class="name">${each.channel}</td>
              <td class="n">${n(each.sent)}</td>
              <td class="bar">
                ${strip(`${each.channel}: ${n(each.sent)}`, [{ value: each.sent, colour: 's0' }], most)}
              </td>
              <td class="n">${share(each.sent, sent)}</td>
              <td class="n">${n(each.customers)}</td>
            </tr>`,
        )}
      </table>
    </div>
    ${calls > 0 ? html`<p class="faint">And ${counted(calls, 'webhook call')}, which are no messages.</p>` : NOTHING}
  </section>`;
}

function heldBack({ heldBack: all }: SimulationReport): Html {
  if (all.length === 0) return NOTHING;
  const most = Math.max(...all.map(({ suppressed, postponed }) => suppressed + postponed));
  const row = ({ reason, suppressed, postponed }: HeldBack): Html => {
    const parts = [
      { value: suppressed, colour: 'held' },
      { value: postponed, colour: 's1' },
    ];
    return html`<tr>
      <td class="name">
        ${reason}
        <div class="faint">${reasonInWords(reason, 'en')}</div>
      </td>
      <td class="n">${n(suppressed)}</td>
      <td class="n">${n(postponed)}</td>
      <td class="bar">${strip(`${reason}: ${n(suppressed)} suppressed, ${n(postponed)} postponed`, parts, most)}</td>
    </tr>`;
  };
  return html`<section>
    <h2>What was held back, and why</h2>
    <div class="scroll">
      <table>
        <tr>
          <th>reason</th>
          <th class="n">suppressed</th>
          <th class="n">postponed</th>
          <th class="bar"></th>
        </tr>
        ${all.map(row)}
      </table>
    </div>
    <p class="faint">
      Suppressed messages were never sent. Postponed ones were judged again later, and count here whatever became of
      them.
    </p>
  </section>`;
}

function perCustomer({ perCustomer: each }: SimulationReport): Html {
  if (each === null) return NOTHING;
  const counts = new Map(each.distribution.map(({ messages, customers }) => [messages, customers]));
  // With hundreds of messages each number of them is a line of a pixel: several stand in one column.
  const wide = Math.ceil(each.most / 60);
  const columns = Array.from({ length: Math.ceil(each.most / wide) }, (_, index) => {
    const from = index * wide + 1;
    const numbers = Array.from({ length: wide }, (_number, more) => from + more);
    const customers = numbers.reduce((sum, messages) => sum + (counts.get(messages) ?? 0), 0);
    const name = wide === 1 ? n(from) : `${n(from)} to ${n(from + wide - 1)}`;
    return { name: `${name} ${from === 1 && wide === 1 ? 'message' : 'messages'}`, values: [customers] };
  });
  return html`<section>
    <h2>Messages per customer</h2>
    ${stackedColumns('How many customers were sent how many messages', [{ name: 'customers', colour: 's0' }], columns)}
    <details>
      <summary>The numbers</summary>
      <div class="scroll">
        <table>
          <tr>
            <th class="n">messages</th>
            <th class="n">customers</th>
          </tr>
          ${each.distribution.map(
            ({ messages, customers }) =>
              html`<tr>
                <td class="n">${n(messages)}</td>
                <td class="n">${n(customers)}</td>
              </tr>`,
          )}
        </table>
      </div>
    </details>
  </section>`;
}

function unheard({ unheard: events }: SimulationReport): Html {
  if (events.length === 0) return NOTHING;
  return html`<section>
    <h2>Events that rules wait for, and that do not occur here</h2>
    ${events.map(
      ({ event, rules, meant }) =>
        html`<p>${event} (${rules.join(', ')})${meant === null ? '' : `: did you mean "${meant}"?`}</p>`,
    )}
  </section>`;
}

function unread({ unreadableLines, problems }: SimulationReport): Html {
  if (unreadableLines === 0) return NOTHING;
  return html`<section>
    <h2>
      ${counted(unreadableLines, 'line')} could not be read and ${unreadableLines === 1 ? 'was' : 'were'} left out
    </h2>
    ${problems.map(({ file, line, message }) => html`<p class="faint">${file}:${line} ${message}</p>`)}
    ${unreadableLines > problems.length ? html`<p class="faint">and ${n(unreadableLines - problems.length)} more</p>` : NOTHING}
  </section>`;
}
