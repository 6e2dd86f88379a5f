/** One line of Prometheus' text format. */
export interface Sample {
  readonly name: string;
  readonly labels: { readonly [name: string]: string };
  readonly value: number;
}

/** @param text what `GET /metrics` answers */
export function samplesOf(text: string): readonly Sample[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name, labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line)!;
      const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label, text]) => [label!, text!]);
      return { name: name!, labels: Object.fromEntries(pairs) as Sample['labels'], value: Number(value) };
    });
}

export async function metricsOf(ops: string): Promise<readonly Sample[]> {
  return samplesOf(await (await fetch(`http://${ops}/metrics`)).text());
}
