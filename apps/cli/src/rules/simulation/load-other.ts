import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Config } from '#config';
import { formatInstant, readWorkspace, type Workspace } from '#core';
import { shownPath } from '../../installation/command-settings.js';
import { withTables } from '../../installation/with-installation.js';
import { CommandError } from '../../terminal/command-error.js';
import type { Terminal } from '../../terminal/terminal.js';
import { loadWorkspace } from '../load-workspace.js';
import { showDiagnostics } from '../show-diagnostics.js';

export const PUBLISHED = 'published';

export interface OtherWorkspace {
  readonly workspace: Workspace;
  /** For people: `ruleset 7 (published 2026-03-02T09:00:00.000Z)`, the folder. */
  readonly name: string;
}

/**
 * What a simulation is compared with. null after the problems of its files were shown. Throws CommandError.
 * @param against `published`, or a folder; one that is called so is `./published`
 */
export async function loadOther(terminal: Terminal, config: Config, against: string): Promise<OtherWorkspace | null> {
  return against === PUBLISHED ? loadPublished(terminal, config) : loadFolder(terminal, against);
}

async function loadPublished(terminal: Terminal, config: Config): Promise<OtherWorkspace> {
  const latest = await withTables(terminal, config, false, ({ rulesets }) => rulesets.latest());
  if (latest === null)
    throw new CommandError(
      '--against published: nothing has been published yet; run kairos rules publish first, or name a folder instead',
    );
  const { workspace } = readWorkspace(latest.files);
  const name = `ruleset ${latest.number} (published ${formatInstant(latest.publishedAt)})`;
  if (workspace === null)
    throw new CommandError(
      `--against published: ${name} was written for another version of Kairos and cannot be read by this one; publish it anew first`,
    );
  return { workspace, name };
}

async function loadFolder(terminal: Terminal, against: string): Promise<OtherWorkspace | null> {
  const folder = resolve(terminal.directory, against);
  const found = await stat(folder).catch(() => null);
  if (found?.isDirectory() !== true)
    throw new CommandError(
      `--against ${against}: there is no folder ${against}; name a folder with a kairos.yaml, or write: --against published`,
    );
  const { workspace, diagnostics, files } = await loadWorkspace(folder);
  const name = shownPath(terminal, folder);
  if (workspace !== null) return { workspace, name };
  showDiagnostics(terminal.err, diagnostics, files);
  terminal.err.line(`kairos: these are the problems of ${name}, which --against names`);
  return null;
}
