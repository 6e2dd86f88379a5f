import { workspaceWith } from '../fixtures/valid-workspace.js';
import { readWorkspace } from '../read-workspace.js';

const template = (...names: readonly string[]) => {
  const files = Object.fromEntries(names.map((name) => [`templates/spring/${name}.hbs`, name]));
  const { workspace, diagnostics } = readWorkspace(workspaceWith(files));
  return { template: workspace?.templates['spring'], codes: diagnostics.map((d) => d.code) };
};

describe('a template', () => {
  it('knows each part by the name of its file', () => {
    const names = [
      'email',
      'email.txt',
      'subject',
      'sms',
      'push',
      'web-push',
      'telegram',
      'whatsapp',
      'viber',
      'inbox',
    ];
    const { template: read, codes } = template(...names);
    expect(codes).toEqual([]);
    expect(read?.channels).toEqual(['email', 'sms', 'push', 'web push', 'telegram', 'whatsapp', 'viber', 'inbox']);
    expect(read?.files.map((file) => `${file.channel} ${file.part} ${file.source}`)).toEqual([
      'email html email',
      'email text email.txt',
      'email subject subject',
      'sms text sms',
      'push text push',
      'web push text web-push',
      'telegram text telegram',
      'whatsapp text whatsapp',
      'viber text viber',
      'inbox text inbox',
    ]);
  });

  it('reads the locale behind the part, in its canonical form', () => {
    const { template: read } = template('email', 'email.pt-br', 'email.txt.pt-BR', 'subject', 'subject.pt-BR');
    expect(read?.files.map((file) => file.locale)).toEqual([null, 'pt-BR', 'pt-BR', null, 'pt-BR']);
  });

  it('is a mail with a text part alone', () => {
    expect(template('email.txt', 'subject').template?.channels).toEqual(['email']);
  });

  it('may have a title without being a mail, where its channel shows one', () => {
    const titled = template('subject', 'push');
    expect([titled.codes, titled.template?.channels]).toEqual([[], ['push']]);
    expect(template('subject', 'sms').codes).toEqual(['template/no-body']);
  });

  it('may have its default locale in the name of the file', () => {
    expect(template('sms.en', 'sms.de').codes).toEqual([]);
  });

  it('reads the style behind the locale, or alone: what is no locale is a style', () => {
    const { template: read, codes } = template(
      'email',
      'subject',
      'email.ru.playful',
      'subject.ru',
      'sms',
      'sms.formal',
    );
    expect(codes).toEqual([]);
    expect(read?.files.map((file) => [file.channel, file.part, file.locale, file.style])).toEqual([
      ['email', 'html', null, null],
      ['email', 'subject', null, null],
      ['email', 'html', 'ru', 'playful'],
      ['email', 'subject', 'ru', null],
      ['sms', 'text', null, null],
      ['sms', 'text', null, 'formal'],
    ]);
  });

  it.each(['sms.formal.ru', 'sms.ru.formal.old', 'sms.Formal'])('refuses what is neither: %s', (name) => {
    expect(template('sms', name).codes).toEqual(['template/unknown-file']);
  });

  it('has a part without a style, which those get for whom no style is chosen', () => {
    expect(template('sms.formal').codes).toEqual(['template/no-default-locale']);
  });
});
