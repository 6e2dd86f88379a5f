import type { Config } from '#config';
import type { ProviderSettings, Settings } from '#core';
import { loadWorkspace, withTemplateFindings } from '../rules/load-workspace.js';
import { counted, countDiagnostics } from '../rules/show-diagnostics.js';
import { fail, failed, ok, warn, type Check } from './check.js';

type Environment = { readonly [name: string]: string | undefined };

/** The workspace, and whether the secrets are set that it names. */
export async function checkWorkspace(
  { workspace: folder }: Config,
  environment: Environment,
): Promise<readonly Check[]> {
  const name = 'workspace';
  try {
    const { workspace, diagnostics } = await withTemplateFindings(await loadWorkspace(folder));
    const found = countDiagnostics(diagnostics);
    if (workspace === null) return [fail(name, `${folder} has ${found}`, 'kairos rules validate shows them')];
    const content = `${folder}: ${counted(workspace.rules.length, 'rule')}${found === null ? '' : `, ${found}`}`;
    return [ok(name, content), ...checkSecrets(workspace.settings, environment)];
  } catch (error) {
    return [failed(name, error)];
  }
}

function checkSecrets({ providers }: Settings, environment: Environment): readonly Check[] {
  const missing = Object.entries(providers).flatMap(([channel, provider]) =>
    secretsOf(provider)
      .filter((variable) => (environment[variable] ?? '') === '')
      .map((variable) => `${variable} (${channel})`),
  );
  if (missing.length === 0) return [];
  return [
    warn(
      'secrets',
      `kairos.yaml names environment variables that are not set here: ${missing.join(', ')}`,
      'set them where kairos start or the delivery runs',
    ),
  ];
}

function secretsOf(provider: ProviderSettings): readonly string[] {
  const url = 'url' in provider && typeof provider.url === 'object' ? provider.url : null;
  return [...ownSecretsOf(provider), ...(url?.kind === 'environment' ? [url.value] : [])];
}

function ownSecretsOf(provider: ProviderSettings): readonly string[] {
  switch (provider.kind) {
    case 'smtp':
      return [provider.url];
    case 'webhook':
      return [provider.secret];
    case 'twilio':
      return [provider.account, provider.token];
    case 'telegram':
    case 'viber':
      return [provider.token];
    case 'whatsapp':
      return [provider.token, provider.phone, provider.appSecret, provider.verifyToken].filter((name) => name !== null);
    case 'fcm':
      return [provider.account];
    case 'web-push':
      return [provider.publicKey, provider.privateKey];
    case 'inbox':
    case 'file':
      return [];
  }
}
