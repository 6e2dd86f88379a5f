import { code, page, table } from './markdown.mjs';

const intro = `Each process serves its own series in Prometheus' format on \`GET /metrics\` of \`KAIROS_OPS\`. Labels are names of rules, channels,
partitions and reasons, never anything of a customer. Which of them deserve an alarm: [operations](../operations.md#what-to-watch).`;

const outro = `The usual series of a Node process (\`process_…\`, \`nodejs_…\`) are there too.`;

export function metricsPage(registry) {
  const series = registry.getMetricsAsArray().filter(({ name }) => name.startsWith('kairos_'));
  const rows = series.map(({ name, type, labelNames, help }) => [
    code(name),
    type,
    labelNames.map(code).join(', '),
    help,
  ]);
  return page(
    'Metrics',
    'libs/observability/src/metrics.ts',
    intro,
    table(['series', 'type', 'labels', 'what'], rows),
    outro,
  );
}
