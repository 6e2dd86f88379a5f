import { whyNobodyIsInside, type Rule, type Workspace } from '#core';
import { countExisting, rulesetsToBe, type ExistingCount, type PublishRequest } from '#engine';
import { EVENTS_TOPIC, systemClock } from '#hosting';
import type { Tables } from '../installation/with-installation.js';
import { CommandError } from '../terminal/command-error.js';
import { startProgress } from '../terminal/progress.js';
import type { Terminal } from '../terminal/terminal.js';
import type { ValidWorkspace } from './load-workspace.js';
import { counted } from './show-diagnostics.js';

export interface StartExistingOptions {
  readonly startExisting?: string;
  readonly perHour?: number;
  readonly yes?: boolean;
}

/** The rule whose people are to be started; null: of none. Throws CommandError where that makes no sense. */
export function ruleToStart(options: StartExistingOptions, { rules }: Workspace): Rule | null {
  const { startExisting: name, perHour } = options;
  if (name === undefined) {
    if (perHour !== undefined) throw new CommandError('--per-hour says how fast: name the rule with --start-existing');
    return null;
  }
  if (perHour === undefined)
    throw new CommandError('--start-existing needs --per-hour: how many customers are started an hour, such as 500');
  const rule = rules.find((each) => each.name === name);
  if (rule === undefined)
    throw new CommandError(
      `there is no rule "${name}" in this workspace, only ${rules.map((each) => each.name).join(', ')}`,
    );
  const why = whyNobodyIsInside(rule);
  if (why !== null) throw new CommandError(`nobody can be inside the start of rule ${name} already: ${why}`);
  return rule;
}

/** Counts those already inside as the workspace would have them, and shows it. */
export async function countThem(
  terminal: Terminal,
  { workspace, files }: ValidWorkspace,
  { name }: Rule,
  { rulesets, store, history, partitions }: Tables,
): Promise<ExistingCount> {
  const toBe = await rulesetsToBe(rulesets, workspace, files);
  const progress = startProgress(terminal.err, 'counting', null);
  let looked = 0;
  try {
    return await countExisting({
      store,
      history,
      stream: EVENTS_TOPIC,
      partitions: await partitions(),
      toBe,
      rule: name,
      now: systemClock.now(),
      onCustomer: () => {
        if (++looked % 1_000 === 0) progress.update(0, counted(looked, 'customer'));
      },
    });
  } finally {
    progress.end();
  }
}

/** For people: how many are inside, how many of them start, how long that takes, and why the others do not. */
export function countLines(rule: string, { inside, starting, refused }: ExistingCount, perHour: number): string[] {
  const start = starting.reduce((sum, count) => sum + count, 0);
  const others = [...refused]
    .sort(([, a], [, b]) => b - a)
    .map(([reason, count]) => `${count.toLocaleString('en')} ${reason}`);
  const not = others.length === 0 ? '' : `; not now: ${others.join(', ')}`;
  if (inside === 0) return [`  nobody is inside rule ${rule} already`];
  return [
    `  ${counted(inside, 'customer')} inside rule ${rule} already: ${start.toLocaleString('en')} would be started, ${perHour.toLocaleString('en')} an hour, ${lengthOf(start, perHour)}${not}`,
  ];
}

function lengthOf(start: number, perHour: number): string {
  const minutes = Math.ceil((Math.max(start - 1, 0) / perHour) * 60);
  if (minutes <= 1) return 'at once';
  return minutes < 120 ? `in ${minutes} minutes` : `in ${Math.ceil(minutes / 60)} hours`;
}

/** Throws CommandError where nobody can be asked. */
export async function isConfirmed(terminal: Terminal, { yes }: StartExistingOptions): Promise<boolean> {
  if (yes === true) return true;
  if (terminal.ask === undefined)
    throw new CommandError('nothing was published; say that they are to be started with --yes');
  return /^y(es)?$/i.test((await terminal.ask('Publish, and start them? [y/N] ')).trim());
}

export function startRequest(
  rule: string,
  { starting }: ExistingCount,
  perHour: number,
): PublishRequest['startExisting'] {
  return { rule, perHour, counted: starting };
}
