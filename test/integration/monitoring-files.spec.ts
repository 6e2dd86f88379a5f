import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { Metrics } from '#observability';
import { anchors } from './markdown-files.js';

const file = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const ALERTS = 'deploy/prometheus/alerts.yaml';
const RUNBOOK = 'docs/operations.md';

interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string; readonly runbook_url: string };
}
interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

const alerts = (parse(file(ALERTS)) as { groups: { rules: Alert[] }[] }).groups.flatMap(({ rules }) => rules);
const { panels } = JSON.parse(file('deploy/grafana/kairos.json')) as { panels: readonly Panel[] };
const targets = panels.flatMap(({ title, targets = [] }) => targets.map((target) => [title, target] as const));

/** Series as Prometheus stores them, with their labels. */
const series = new Map<string, ReadonlySet<string>>();
for (const metric of new Metrics().registry.getMetricsAsArray() as unknown as {
  name: string;
  type: string;
  labelNames: string[];
}[]) {
  const labels = new Set([...metric.labelNames, 'instance', 'job']);
  if (metric.type !== 'histogram') series.set(metric.name, labels);
  else
    for (const part of ['sum', 'count', 'bucket'])
      series.set(`${metric.name}_${part}`, part === 'bucket' ? new Set([...labels, 'le']) : labels);
}

/** What is wrong with an expression, as far as it can be known without Prometheus: names, labels, brackets. */
function problemsOf(expr: string): readonly string[] {
  const plain = expr.replace(/"(?:[^"\\]|\\.)*"/g, '""').replaceAll('$__rate_interval', '5m');
  const problems: string[] = [];
  const used = [...plain.matchAll(/\b((?:kairos|process|nodejs)_\w+)(?:\{([^}]*)\})?/g)];
  if (used.length === 0) problems.push('it asks for no series');
  const grouped = [...plain.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, names]) =>
    names!.split(',').map((name) => name.trim()),
  );
  for (const [, name, matchers = ''] of used) {
    const labels = series.get(name!);
    if (labels === undefined) {
      problems.push(`there is no series ${name}`);
      continue;
    }
    const wanted = [...[...matchers.matchAll(/(\w+)\s*[=!]/g)].map(([, label]) => label!), ...grouped];
    for (const label of wanted) if (!labels.has(label)) problems.push(`${name} has no label ${label}`);
  }
  const open: string[] = [];
  for (const sign of plain.replace(/[^()[\]{}]/g, ''))
    if ('([{'.includes(sign)) open.push(sign);
    else if ('([{'.indexOf(open.pop() ?? ' ') !== ')]}'.indexOf(sign)) problems.push(`"${sign}" closes nothing`);
  if (open.length > 0) problems.push('a bracket is not closed');
  return problems;
}

describe('the check of expressions', () => {
  it.each([
    ['sum(kairos_lag)', 'there is no series kairos_lag'],
    ['rate(kairos_batch_records[5m])', 'there is no series kairos_batch_records'],
    ['sum by (rule) (kairos_timers_pending)', 'kairos_timers_pending has no label rule'],
    ['kairos_events_received_total{state="x"}', 'kairos_events_received_total has no label state'],
    ['sum(kairos_timers_pending', 'a bracket is not closed'],
    ['sum(kairos_timers_pending))', '")" closes nothing'],
  ])('finds that in %s %s', (expr, problem) => expect(problemsOf(expr)).toEqual([problem]));
});

describe(ALERTS, () => {
  it('has each alert once', () => {
    const names = alerts.map(({ alert }) => alert);
    expect(names.length).toBeGreaterThan(10);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each(alerts.map((alert) => [alert.alert, alert] as const))(
    '%s asks for series and labels that there are',
    (_, { expr }) => expect(problemsOf(expr)).toEqual([]),
  );

  it.each(alerts.map((alert) => [alert.alert, alert] as const))(
    '%s says what it is about, how bad it is, and where it is explained',
    (name, { labels, annotations }) => {
      expect(['critical', 'warning']).toContain(labels.severity);
      expect(annotations.summary).not.toBe('');
      expect(annotations.description).toMatch(/\.$/);
      expect(annotations.runbook_url).toBe(`${RUNBOOK}#${name.toLowerCase()}`);
    },
  );

  it('and its runbook have the same alerts', () => {
    const headings = [...anchors({ path: RUNBOOK, text: file(RUNBOOK) })].filter((anchor) =>
      anchor.startsWith('kairos'),
    );
    expect(headings.sort()).toEqual(alerts.map(({ alert }) => alert.toLowerCase()).sort());
  });
});

describe('deploy/grafana/kairos.json', () => {
  it('has panels with ids and titles of their own', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
  });

  it.each(targets)('asks for series and labels that there are: %s', (_, { expr }) =>
    expect(problemsOf(expr)).toEqual([]),
  );

  it.each(targets)('names its lines by labels that they have: %s', (_, { expr, legendFormat }) => {
    const named = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label!);
    const kept = /\b(?:sum|max|min|avg|histogram_quantile)\b/.test(expr)
      ? [...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, names]) => names!.split(', '))
      : ['instance', 'job'];
    expect(named.filter((label) => !kept.includes(label))).toEqual([]);
  });

  it('shows every series of Kairos', () => {
    const shown = targets.map(([, { expr }]) => expr).join('\n');
    const unseen = [...series.keys()]
      .filter((name) => name.startsWith('kairos_'))
      .map((name) => name.replace(/_(?:sum|count|bucket)$/, ''))
      .filter((name) => !shown.includes(name));
    expect(unseen).toEqual([]);
  });
});

const promtool = (process.env['PATH'] ?? '')
  .split(':')
  .map((folder) => `${folder}/promtool`)
  .find((path) => existsSync(path));

if (promtool === undefined)
  describe.skip('promtool [needs promtool of Prometheus in PATH]', () => {
    it('takes the alerts', () => undefined);
  });
else
  describe('promtool', () => {
    it('takes the alerts', () => {
      const path = fileURLToPath(new URL(`../../${ALERTS}`, import.meta.url));
      expect(execFileSync(promtool, ['check', 'rules', path], { encoding: 'utf8' })).toContain('SUCCESS');
    });
  });
