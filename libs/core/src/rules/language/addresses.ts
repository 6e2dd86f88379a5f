import type { Reader } from '../reading/fields.js';
import type { Reading } from '../reading/reading.js';
import { readScalar, short } from '../reading/scalars.js';
import type { Span } from '../yaml/source-text.js';
import type { YamlScalar } from '../yaml/yaml-node.js';

const ENVIRONMENT_VARIABLE = /^[A-Z_][A-Z0-9_]{0,127}$/;

export function isEnvironmentVariable(text: string): boolean {
  return ENVIRONMENT_VARIABLE.test(text);
}

/** The name of an environment variable; a secret that stands here instead is refused, since a workspace lies in Git. */
export const environmentVariable: Reader<string> = {
  type: 'name of an environment variable',
  read(node, reading) {
    const scalar = readScalar(node, reading, 'the name of an environment variable, such as SMTP_URL');
    if (scalar === undefined) return undefined;
    const written = String(scalar.value);
    if (isEnvironmentVariable(written)) return written;
    if (/:\/\/|[^A-Za-z0-9_$\-{} ]/.test(written) || written.length > 40) {
      return reading.error(
        scalar.span,
        'settings/secret-in-file',
        'secrets do not belong into the workspace; write the name of an environment variable that holds it, such as SMTP_URL',
      );
    }
    const meant = written
      .replace(/^\$\{?|\}$/g, '')
      .replace(/[ -]/g, '_')
      .toUpperCase();
    const suggestion = isEnvironmentVariable(meant) ? meant : undefined;
    return reading.error(
      scalar.span,
      'value/environment-variable',
      `"${short(scalar)}" is not the name of an environment variable (capitals, digits, underscores)`,
      suggestion,
    );
  },
};

/** An address of the web as it is written. */
export const webAddress: Reader<string> = {
  type: 'https address',
  read(node, reading) {
    const scalar = readScalar(node, reading, 'an https address');
    return scalar && readAddress(scalar, reading, 'is not an address that begins with https://');
  },
};

/** @param otherwise what the sentence says of everything else. */
export function readAddress(scalar: YamlScalar, reading: Reading, otherwise: string): string | undefined {
  const value = String(scalar.value);
  if (/^https?:\/\/[^/\s]*@/.test(value))
    return reading.error(
      scalar.span,
      'settings/secret-in-file',
      'an address with a user or password is a secret, which does not belong into the workspace',
    );
  if (/^https?:\/\/[^\s/?#]+[^\s]*$/.test(value)) return value;
  return reading.error(scalar.span, 'value/url', `"${short(scalar)}" ${otherwise}`);
}

/** Unencrypted only inside the shop's own network. */
export function checkHttps(url: string, allowPrivate: boolean, span: Span, reading: Reading): boolean {
  if (!url.startsWith('http://') || allowPrivate) return true;
  reading.error(
    span,
    'value/url',
    'an address begins with https://; http:// only inside the network of the shop, with `allow private: true`',
  );
  return false;
}
