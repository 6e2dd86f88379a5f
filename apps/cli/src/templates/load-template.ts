import type { Channel, Workspace } from '#core';
import { loadValidWorkspace, loadWholeWorkspace } from '../rules/load-workspace.js';
import { CommandError } from '../terminal/command-error.js';
import type { Terminal } from '../terminal/terminal.js';

/** Which of the template's files are meant. */
export interface Chosen {
  readonly channel: Channel;
  readonly style: string | null;
}

/** The workspace, with this template for this channel, and in this style, in it; null after its errors were shown. Throws CommandError. */
export async function loadTemplate(
  terminal: Terminal,
  folder: string,
  name: string,
  { channel, style }: Chosen,
): Promise<Workspace | null> {
  const loaded = await loadValidWorkspace(terminal, folder, loadWholeWorkspace);
  if (loaded === null) return null;
  const { templates } = loaded.workspace;
  const template = Object.hasOwn(templates, name) ? templates[name] : undefined;
  if (template === undefined)
    throw new CommandError(`there is no template ${name}; the workspace has: ${Object.keys(templates).join(', ')}`);
  if (!template.channels.includes(channel))
    throw new CommandError(`the template ${name} has nothing for ${channel}; it has: ${template.channels.join(', ')}`);
  const styles = [...new Set(template.files.flatMap((file) => (file.channel === channel ? (file.style ?? []) : [])))];
  if (style !== null && !styles.includes(style))
    throw new CommandError(
      `the template ${name} has no style "${style}" for ${channel}; it has: ${styles.join(', ') || 'none'}`,
    );
  return loaded.workspace;
}
