import { compileRuleset, readWorkspace, rulesetsOf, type Rulesets, type WorkspaceFile } from '#core';

const SETTINGS = `time zone: Europe/Berlin
locale: en
channels: [email]
categories:
  promotional: { consent: opt-in }
  care: { consent: opt-out }
`;

/** These rules, by name, as a published workspace; all send the template `hello`. Throws what its reader has to say. */
export function rulesetsFrom(rules: { readonly [name: string]: string }): Rulesets {
  const texts = {
    'kairos.yaml': SETTINGS,
    'templates/hello/email.hbs': '<p>Hello</p>',
    'templates/hello/subject.hbs': 'Hello',
    ...Object.fromEntries(
      Object.entries(rules).map(([name, text]) => [`rules/${name}.yaml`, `rule: ${name}\n${text}`]),
    ),
  };
  const files = Object.entries(texts).map(([path, text]): WorkspaceFile => ({
    path,
    bytes: new TextEncoder().encode(text),
  }));
  const { workspace, diagnostics } = readWorkspace(files);
  if (workspace === null)
    throw new Error(diagnostics.map(({ file, line, message }) => `${file}:${line}: ${message}`).join('\n'));
  return rulesetsOf(compileRuleset(workspace, 1, {}));
}
