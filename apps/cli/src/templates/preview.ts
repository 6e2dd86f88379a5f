import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import type { Channel } from '#core';
import { commandSettings, shownPath } from '../installation/command-settings.js';
import { EXIT, type ExitStatus } from '../terminal/command-error.js';
import type { Terminal } from '../terminal/terminal.js';
import { loadTemplate } from './load-template.js';
import { readSample } from './read-sample.js';
import { renderSample, TemplateError } from './render-sample.js';

export interface PreviewOptions {
  readonly customer?: string;
  readonly locale?: string;
  readonly style?: string;
  readonly channel: Channel;
  readonly open?: boolean;
}

/** `kairos templates preview`: subject and text on standard output, the HTML as a file beside. Throws CommandError. */
export async function preview(terminal: Terminal, name: string, options: PreviewOptions): Promise<ExitStatus> {
  const { workspace: folder, data, publicUrl } = commandSettings(terminal);
  const { channel, locale = null, style = null } = options;
  const workspace = await loadTemplate(terminal, folder, name, { channel, style });
  if (workspace === null) return EXIT.findings;
  const sample = await readSample(terminal.directory, folder, options.customer);
  try {
    const rendered = await renderSample({ workspace, template: name, channel, sample, locale, style, publicUrl });
    if (rendered.subject !== null)
      terminal.out.line(`${channel === 'email' ? 'Subject' : 'Title'}: ${rendered.subject}\n`);
    terminal.out.line(rendered.text);
    if (rendered.html === null) return EXIT.fine;
    const file = join(data, 'previews', [name, rendered.locale, ...(style === null ? [] : [style]), 'html'].join('.'));
    await mkdir(join(data, 'previews'), { recursive: true, mode: 0o700 });
    await writeFile(file, rendered.html);
    terminal.err.line(`the HTML is in ${shownPath(terminal, file)}`);
    if (options.open === true) open(terminal, file);
    return EXIT.fine;
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    terminal.err.line(`kairos: ${error.message}`);
    return EXIT.findings;
  }
}

const OPENERS: { readonly [platform: string]: readonly string[] } = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
};

/** With whatever the machine opens pages with; where there is nothing the path has been said. */
function open(terminal: Terminal, file: string): void {
  const [program = 'xdg-open', ...parameters] = OPENERS[process.platform] ?? [];
  const child = spawn(program, [...parameters, file], { detached: true, stdio: 'ignore' });
  child.on('error', () => terminal.err.line('no program was found that opens it; open it by hand'));
  child.unref();
}
