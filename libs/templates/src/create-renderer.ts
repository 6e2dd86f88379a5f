import { isTimeZone, type Channel, type Template, type TemplateFile, type Workspace } from '#core';
import { TemplateError, type RenderedMessage, type RenderRequest, type TemplateRenderer } from '#engine';
import { chooseFiles, type ChosenFiles } from './choose-files.js';
import { choosePartials } from './choose-partials.js';
import { CompiledFiles } from './compiled-files.js';
import { withHtmlFooter, withShortFooter, withTextFooter, type WaysOut } from './unsubscribe-footer.js';
import { withTracking } from './tracking/with-tracking.js';
import { RenderPool } from './worker/render-pool.js';
import { RenderFailure, type RenderPart } from './worker/render-worker.js';

export interface RendererOptions {
  /** By number of the ruleset; read at each message, so what is published later may be added to it. */
  readonly workspaces: ReadonlyMap<number, Workspace>;
  /** Threads; 2. */
  readonly workers?: number;
  /** For one message, ms; 2,000. */
  readonly timeMs?: number;
  /** Of one part of a message, characters; a million. */
  readonly maxCharacters?: number;
  /** Heap of one thread; 64. */
  readonly memoryMb?: number;
}

/**
 * Renders with Handlebars in worker threads with limits of time, memory and output: whatever a template does, it is that
 * message's TemplateError and the next one is rendered. Compiles each file when it is first needed.
 */
export function createRenderer(options: RendererOptions): TemplateRenderer {
  const { workers = 2, timeMs = 2_000, maxCharacters = 1_000_000, memoryMb = 64 } = options;
  const pool = new RenderPool(workers, { timeMs, maxCharacters, memoryMb });
  const compiled = new CompiledFiles();
  return {
    render: (request) => renderMessage(request, options.workspaces, pool, compiled),
    close: async () => {
      await compiled.close();
      await pool.close();
    },
  };
}

async function renderMessage(
  request: RenderRequest,
  workspaces: ReadonlyMap<number, Workspace>,
  pool: RenderPool,
  compiled: CompiledFiles,
): Promise<RenderedMessage> {
  const { settings, templates, partials } =
    workspaces.get(request.ruleset) ?? missing(request, 'its version is not loaded');
  const template: Template | undefined = Object.hasOwn(templates, request.template)
    ? templates[request.template]
    : undefined;
  if (template === undefined) return missing(request, 'there is no such template');
  const chosen = chooseFiles(template, request.channel, request, settings.locale);
  if (chosen === null) return missing(request, `it has nothing for the channel "${request.channel}"`);
  const files = partsOf(chosen, request);
  const pieces = choosePartials(partials, chosen.locale, settings.locale);
  const timeZone = isTimeZone(request.timeZone) ? request.timeZone : settings.timeZone;
  const currency = settings.shop['currency'];
  const { unsubscribeUrl, preferencesUrl } = request;
  const outputs = await pool
    .run({
      parts: await Promise.all(
        files.map(async (file): Promise<RenderPart> => ('textOf' in file ? file : compiled.get(file, pieces))),
      ),
      context: { ...request.context, unsubscribe: unsubscribeUrl, preferences: preferencesUrl },
      format: { locale: chosen.formatLocale, timeZone, currency: typeof currency === 'string' ? currency : null },
    })
    .catch((error: unknown) => {
      if (!(error instanceof RenderFailure)) throw error;
      const file = files[error.part];
      const path = file === undefined || 'textOf' in file ? (chosen.html?.path ?? template.name) : file.path;
      throw new TemplateError(error.message, path, { cause: error });
    });
  const ways = unsubscribeUrl === null ? null : { unsubscribe: unsubscribeUrl, preferences: preferencesUrl };
  return withTracking(finished(request.channel, chosen, files, outputs, ways), chosen, request);
}

function missing(request: RenderRequest, why: string): never {
  throw new TemplateError(why, `templates/${request.template}`);
}

type Part = TemplateFile | { readonly textOf: number };

function partsOf(chosen: ChosenFiles, request: RenderRequest): readonly Part[] {
  const { subject, html, text } = chosen;
  if (request.channel === 'email' && subject === null) return missing(request, 'a mail needs a subject');
  const files: Part[] = [subject, html].filter((file) => file !== null);
  files.push(text ?? { textOf: files.length - 1 });
  return files;
}

function finished(
  channel: Channel,
  chosen: ChosenFiles,
  files: readonly Part[],
  outputs: readonly string[],
  ways: WaysOut | null,
): RenderedMessage {
  const output = (file: TemplateFile | null): string | null =>
    file === null ? null : (outputs[files.indexOf(file)] ?? null);
  const { locale } = chosen;
  const isMail = channel === 'email';
  const line = output(chosen.subject)?.replace(/\s+/g, ' ').trim() ?? null;
  // Without a title there is the shop's name.
  const subject = line === '' && !isMail ? null : line;
  if (subject === '') throw new TemplateError('the subject is empty', chosen.subject?.path ?? '');
  const html = output(chosen.html);
  const text = outputs.at(-1) ?? '';
  if (text.trim() === '') throw new TemplateError('the text is empty', (chosen.text ?? chosen.html)?.path ?? '');
  if (ways === null) return { subject, html, text, locale };
  return {
    subject,
    html: html === null ? null : withHtmlFooter(html, ways, locale),
    text: isMail ? withTextFooter(text, ways, locale) : withShortFooter(text, ways, locale),
    locale,
  };
}
