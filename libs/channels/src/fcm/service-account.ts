/** What Kairos reads of the JSON file that Google's console gives for a service account. */
export interface ServiceAccount {
  readonly project: string;
  readonly email: string;
  /** PEM. */
  readonly privateKey: string;
  /** Where tokens come from. */
  readonly tokenUri: string;
}

/** null: not the JSON of a service account. */
export function readServiceAccount(json: string): ServiceAccount | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    return null;
  }
  if (typeof parsed !== 'object' || parsed === null) return null;
  const text = (name: string): string | null => {
    const value = (parsed as { readonly [key: string]: unknown })[name];
    return typeof value === 'string' && value !== '' ? value : null;
  };
  const [project, email, privateKey] = [text('project_id'), text('client_email'), text('private_key')];
  const tokenUri = text('token_uri') ?? 'https://oauth2.googleapis.com/token';
  if (project === null || email === null || privateKey?.includes('PRIVATE KEY') !== true) return null;
  return URL.canParse(tokenUri) ? { project, email, privateKey, tokenUri } : null;
}
