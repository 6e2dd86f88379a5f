import { CustomerExplainer, type Explanation, type StoryLine } from '#rule-testing';
import { LineProblems } from '../files/line-problems.js';
import { openSource, refuseTwoSources } from '../files/open-source.js';
import { openLines } from '../files/read-lines.js';
import { takeText } from '../files/take-lines.js';
import { showKnown } from '../customers/show-known.js';
import { commandSettings } from '../installation/command-settings.js';
import { CommandError, EXIT, type ExitStatus } from '../terminal/command-error.js';
import { startProgress } from '../terminal/progress.js';
import { bold, faint, section } from '../terminal/section.js';
import type { Output, Terminal } from '../terminal/terminal.js';
import { loadValidWorkspace } from './load-workspace.js';

export interface ExplainCommandOptions {
  readonly customer: string;
  readonly rule?: string;
  readonly at?: number;
  readonly events?: string;
  /** What the live database has recorded, instead of a file. */
  readonly history?: boolean;
  /** How the columns of a table become events. */
  readonly mapping?: string;
  readonly customers?: string;
  readonly assumeConsent?: boolean;
  readonly format: 'pretty' | 'json';
}

/** `kairos rules explain`. Throws CommandError. */
export async function explain(terminal: Terminal, options: ExplainCommandOptions): Promise<ExitStatus> {
  const { customer, rule = null, at = null, assumeConsent = false } = options;
  refuseTwoSources(options);
  const loaded = await loadValidWorkspace(terminal, commandSettings(terminal).workspace);
  if (loaded === null) return EXIT.findings;
  const { workspace } = loaded;
  if (rule !== null && !workspace.rules.some(({ name }) => name === rule))
    throw new CommandError(
      `there is no rule ${rule}; the workspace has: ${workspace.rules.map(({ name }) => name).join(', ')}`,
    );
  const explainer = new CustomerExplainer({ workspace, customer, rule, at, assumeConsent });
  const problems = await readAll(terminal, explainer, options);
  if (problems === null) return EXIT.findings;
  const explanation = explainer.finish();
  for (const each of problems) each.show(terminal.err, 'could not be read and were left out');
  if (explanation === null) {
    terminal.err.line(
      `kairos: nobody called ${customer} is in ${options.events ?? 'the recorded history'}${at === null ? '' : ' until then'}`,
    );
    return EXIT.findings;
  }
  if (options.format === 'json') terminal.out.line(JSON.stringify(explanation, null, 2));
  else show(terminal.out, explanation);
  return EXIT.fine;
}

async function readAll(
  terminal: Terminal,
  explainer: CustomerExplainer,
  options: ExplainCommandOptions,
): Promise<LineProblems[] | null> {
  const { customer, customers, at } = options;
  const source = await openSource(terminal, options, { customer, to: at ?? null });
  if (source === null) return null;
  const all: LineProblems[] = [];
  if (customers !== undefined) {
    const known = await openLines(customers);
    const problems = new LineProblems(known.name);
    all.push(problems);
    for await (const block of known.blocks())
      for (let index = 0; index < block.count; index++)
        takeText(block.text(index), block.firstNumber + index, problems, (json, id) =>
          explainer.customerLine(json, id),
        );
  }
  const problems = new LineProblems(source.name);
  all.push(problems);
  const progress = startProgress(terminal.err, 'Reading', source.size);
  try {
    await source.read(explainer, problems, async (bytesRead) => {
      progress.update(bytesRead, '');
      return !explainer.hasEnded;
    });
  } finally {
    progress.end();
  }
  return all;
}

function show(out: Output, explanation: Explanation): void {
  const { customer, timeZone, until, story, open, untouched } = explanation;
  out.line(`${customer}, until ${until ?? 'now'}; times are those of ${timeZone}\n`);
  let before = '';
  for (const line of story) {
    const time = line.clock === before ? ' '.repeat(line.clock.length) : line.clock;
    before = line.clock;
    out.line(`${time.padEnd(24)}  ${sentence(out, line)}`);
    for (const detail of line.details) out.line(faint(out, `${' '.repeat(26)}    ${detail}`));
  }
  if (story.length === 0) out.line('Nothing happened to this customer that concerns the rules.');
  section(out, 'Still open', open);
  section(out, 'Rules that had nothing to do with this customer', untouched);
  showKnown(out, explanation);
}

function sentence(out: Output, { kind, rule, sentence: said }: StoryLine): string {
  switch (kind) {
    case 'event':
      return faint(out, `● ${said}`);
    case 'run':
      return `  ${rule}: ${said}`;
    case 'decision':
      return `  ${bold(out, `${rule}: ${said}`)}`;
  }
}
