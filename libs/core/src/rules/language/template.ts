import { groupBy } from '../group-by.js';
import type { Diagnostic, WorkspaceFile } from '../diagnostic.js';
import type { DiagnosticCode } from '../diagnostic-codes.js';
import { fileFinding } from '../file-finding.js';
import type { Channel, Template, TemplateFile, TemplatePartial } from '../model.js';
import { closestName } from '../reading/closest-name.js';
import { isName } from '../reading/scalars.js';
import { decodeText } from '../yaml/decode-text.js';
import { canonicalLocale } from './places.js';

type Part = Pick<TemplateFile, 'channel' | 'part'>;

/** The folder of what all templates share. */
const PARTIALS = '_partials';

/** What the files of a template folder are called before locale, style and `.hbs`. */
export const TEMPLATE_PARTS: { readonly [base: string]: Part } = {
  email: { channel: 'email', part: 'html' },
  'email.txt': { channel: 'email', part: 'text' },
  subject: { channel: 'email', part: 'subject' },
  sms: { channel: 'sms', part: 'text' },
  push: { channel: 'push', part: 'text' },
  'web-push': { channel: 'web push', part: 'text' },
  telegram: { channel: 'telegram', part: 'text' },
  whatsapp: { channel: 'whatsapp', part: 'text' },
  viber: { channel: 'viber', part: 'text' },
  inbox: { channel: 'inbox', part: 'text' },
};

/** Beside mails, whose subject it is: channels whose messages stand under a title, which is `subject.hbs` where there is one. */
export const TITLED_CHANNELS: readonly Channel[] = ['push', 'web push', 'inbox'];

export interface TemplatesRead {
  readonly templates: ReadonlyMap<string, Template>;
  readonly partials: readonly TemplatePartial[];
  readonly diagnostics: readonly Diagnostic[];
}

/** All of templates/: every folder is one template. Whether the Handlebars in it is right is judged where it is compiled. */
export function readTemplates(files: readonly WorkspaceFile[], defaultLocale: string | null): TemplatesRead {
  const diagnostics: Diagnostic[] = [];
  const parts = new Map<string, TemplateFile[]>();
  const broken = new Set<string>();
  const partials: TemplatePartial[] = [];
  for (const file of files) {
    const [, folder = '', base] = file.path.split('/');
    if (folder === PARTIALS && base !== undefined) {
      const read = readPartial(file);
      diagnostics.push(...read.diagnostics);
      if (read.partial !== null) partials.push(read.partial);
      continue;
    }
    if (base === undefined) {
      if (file.path.endsWith('.hbs'))
        diagnostics.push(
          ...fileFinding(file.path, 'file/overlooked', 'a template is a folder: move this file to templates/NAME/'),
        );
      continue;
    }
    const read = readTemplateFile(file);
    diagnostics.push(...read.diagnostics);
    const known = parts.get(folder) ?? parts.set(folder, []).get(folder);
    if (read.file !== null) known?.push(read.file);
    else if (read.diagnostics.length > 0) broken.add(folder);
  }
  const templates = new Map<string, Template>();
  for (const [name, found] of parts) {
    const path = found[0]?.path ?? `templates/${name}`;
    if (!isName(name))
      diagnostics.push(
        ...fileFinding(
          path,
          'template/name',
          `"${name}" is not a name for a template (small letters, digits and hyphens, beginning with a letter, at most 64)`,
        ),
      );
    // What a folder with an unreadable part offers is not known, so nothing is judged by the rest of it.
    const template = { name, files: found, channels: broken.has(name) ? [] : channelsOf(found) };
    if (!broken.has(name)) diagnostics.push(...checkTemplate(template, defaultLocale));
    templates.set(name, template);
  }
  return { templates, partials, diagnostics };
}

/** A mail needs a body and a subject; every other channel has one part. */
function channelsOf(files: readonly TemplateFile[]): readonly Channel[] {
  const channels = new Set(files.map((file) => file.channel));
  const isMail =
    files.some((file) => file.part === 'subject') &&
    files.some((file) => file.channel === 'email' && file.part !== 'subject');
  if (!isMail) channels.delete('email');
  return [...channels];
}

function readTemplateFile(file: WorkspaceFile): {
  readonly file: TemplateFile | null;
  readonly diagnostics: readonly Diagnostic[];
} {
  const segments = file.path.split('/');
  const fileName = segments[2] ?? '';
  const refuse = (code: DiagnosticCode, message: string, suggestion?: string) => ({
    file: null,
    diagnostics: fileFinding(file.path, code, message, 'error', suggestion),
  });
  const [extension] = /\.(?:hbs|mjml)$/.exec(fileName) ?? [];
  if (segments.length > 3 || extension === undefined) return overlooked(file, fileName, segments.length > 3);
  const words = fileName.slice(0, -extension.length).split('.');
  const base = words[0] === 'email' && words[1] === 'txt' ? 'email.txt' : (words[0] ?? '');
  const part = Object.hasOwn(TEMPLATE_PARTS, base) ? TEMPLATE_PARTS[base] : undefined;
  const suffixes = words.slice(base.split('.').length);
  const markup = extension === '.mjml' ? 'mjml' : 'handlebars';
  if (markup === 'mjml' && base !== 'email')
    return refuse('template/unknown-file', 'only the HTML of a mail is written in MJML: email.mjml', 'email.mjml');
  if (part === undefined) return unknownPart(file.path, base, suffixes);
  const [first, ...others] = suffixes;
  const locale = first === undefined ? null : canonicalLocale(first);
  const [style, beyond] = locale === null ? suffixes : others;
  if (beyond !== undefined || (style !== undefined && !isName(style)))
    return refuse(
      'template/unknown-file',
      `"${suffixes.join('.')}" is no locale, style, or locale and style (as in email.ru.playful.hbs; a style is small letters, digits and hyphens)`,
    );
  const decoded = decodeText(file, 'rule');
  if (decoded.source === null) return { file: null, diagnostics: decoded.diagnostics };
  return {
    file: { path: file.path, ...part, locale, style: style ?? null, markup, source: decoded.source.text },
    diagnostics: [],
  };
}

/** `header.hbs`, `header.de.hbs`. */
function readPartial(file: WorkspaceFile): {
  readonly partial: TemplatePartial | null;
  readonly diagnostics: readonly Diagnostic[];
} {
  const segments = file.path.split('/');
  const fileName = segments[2] ?? '';
  if (segments.length > 3 || !fileName.endsWith('.hbs'))
    return { partial: null, diagnostics: overlooked(file, fileName, segments.length > 3).diagnostics };
  const [name = '', suffix, beyond] = fileName.slice(0, -'.hbs'.length).split('.');
  const locale = suffix === undefined ? null : canonicalLocale(suffix);
  if (!isName(name) || beyond !== undefined || (suffix !== undefined && locale === null))
    return {
      partial: null,
      diagnostics: fileFinding(
        file.path,
        'template/unknown-file',
        `"${fileName}" is no name of a partial: NAME.hbs or NAME.LOCALE.hbs, with small letters, digits and hyphens`,
      ),
    };
  const decoded = decodeText(file, 'rule');
  if (decoded.source === null) return { partial: null, diagnostics: decoded.diagnostics };
  return { partial: { path: file.path, name, locale, source: decoded.source.text }, diagnostics: [] };
}

function unknownPart(path: string, base: string, suffixes: readonly string[]) {
  const closest = closestName(base, Object.keys(TEMPLATE_PARTS));
  const meant = closest === null ? undefined : `${[closest, ...suffixes].join('.')}.hbs`;
  const hint = meant ? `did you mean "${meant}"?` : `parts: ${Object.keys(TEMPLATE_PARTS).join(', ')}`;
  return {
    file: null,
    diagnostics: fileFinding(
      path,
      'template/unknown-file',
      `"${base}" is no part of a template (${hint})`,
      'error',
      meant,
    ),
  };
}

/** Pictures and notes may lie beside the parts; what looks like a part but would not be read may not. */
function overlooked(file: WorkspaceFile, fileName: string, nested: boolean) {
  const isPart =
    /\.(?:hbs|mjml|handlebars|html?|txt)$/.test(fileName) &&
    (nested || Object.hasOwn(TEMPLATE_PARTS, fileName.split('.')[0] ?? ''));
  if (!isPart) return { file: null, diagnostics: [] };
  const reason = nested ? 'the parts of a template lie directly in its folder' : 'the parts of a template end in .hbs';
  return { file: null, diagnostics: fileFinding(file.path, 'file/overlooked', `this file is not read: ${reason}`) };
}

function checkTemplate(template: Template, defaultLocale: string | null): readonly Diagnostic[] {
  const { files, name } = template;
  const [first] = files;
  if (first === undefined)
    return fileFinding(
      `templates/${name}`,
      'template/empty',
      `the template "${name}" has no part that can be sent (such as email.hbs and subject.hbs)`,
    );
  const mail = files.filter((file) => file.channel === 'email');
  const subjects = mail.filter((file) => file.part === 'subject');
  const bodies = mail.filter((file) => file.part !== 'subject');
  const [body] = bodies;
  const [subject] = subjects;
  const halves =
    body !== undefined && subject === undefined
      ? fileFinding(body.path, 'template/no-subject', 'a mail needs a subject: write subject.hbs beside it')
      : subject !== undefined && body === undefined && !files.some(({ channel }) => TITLED_CHANNELS.includes(channel))
        ? fileFinding(subject.path, 'template/no-body', 'a mail needs a body: write email.hbs beside it')
        : subjectLocaleFindings(bodies, subjects);
  return [...halves, ...duplicateFindings(files), ...defaultLocaleFindings(files, defaultLocale)];
}

/** `email.pt-br.hbs` and `email.pt-BR.hbs`. */
function duplicateFindings(files: readonly TemplateFile[]): readonly Diagnostic[] {
  const same = groupBy(files, (file) => [file.channel, file.part, file.locale, file.style].join());
  return [...same.values()].flatMap(([first, second]) => {
    if (first === undefined || second === undefined) return [];
    return fileFinding(
      second.path,
      'template/duplicate',
      `this is the same part in the same locale and style as ${first.path}`,
    );
  });
}

/** A customer of any locale must get something: without a suffix, or in the workspace's locale. */
function defaultLocaleFindings(files: readonly TemplateFile[], defaultLocale: string | null): readonly Diagnostic[] {
  if (defaultLocale === null) return [];
  const groups = groupBy(files, (file) =>
    file.channel === 'email' && file.part !== 'subject' ? 'email body' : `${file.channel} ${file.part}`,
  );
  return [...groups.values()].flatMap((group) => {
    const serves = (file: TemplateFile) =>
      file.style === null &&
      (file.locale === null || file.locale === defaultLocale || file.locale === defaultLocale.split('-')[0]);
    const [first] = group;
    if (first === undefined || group.some(serves)) return [];
    return fileFinding(
      first.path,
      'template/no-default-locale',
      `for the locale of the workspace (${defaultLocale}) there is no such file; write one without a locale or style in its name`,
    );
  });
}

function subjectLocaleFindings(
  bodies: readonly TemplateFile[],
  subjects: readonly TemplateFile[],
): readonly Diagnostic[] {
  return bodies.flatMap((body) => {
    if (body.locale === null || subjects.some((subject) => subject.locale === body.locale)) return [];
    return fileFinding(
      body.path,
      'template/locale-incomplete',
      `this mail has no subject in its language; write subject.${body.locale}.hbs`,
      'warning',
    );
  });
}
