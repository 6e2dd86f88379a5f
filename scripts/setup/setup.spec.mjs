import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { dependenciesAreCurrent } from './dependencies.mjs';
import { requireNode } from './require-node.mjs';

describe('the Node version', () => {
  it('is refused in one sentence when it is too old', () => {
    expect(() => requireNode('18.20.4')).toThrow(/needs Node\.js 20\.19 or newer and this is 18\.20\.4: .*nvm install/);
    expect(() => requireNode('20.18.3')).toThrow();
  });

  it('is fine from 20.19 on', () => {
    for (const version of ['20.19.0', '22.0.0', '24.1.0']) requireNode(version);
  });
});

describe('the installed dependencies', () => {
  const wanted = {
    '': { version: '0.1.0' },
    'node_modules/a': { version: '1.0.0' },
    'node_modules/tool': { version: '2.0.0', dev: true },
    'node_modules/for-other-systems': { version: '3.0.0', optional: true },
  };
  let folder;
  const install = (packages) => {
    mkdirSync(`${folder}node_modules`);
    writeFileSync(`${folder}node_modules/.package-lock.json`, JSON.stringify({ packages }));
  };

  beforeEach(() => {
    folder = `${mkdtempSync(join(tmpdir(), 'kairos-setup-'))}/`;
    writeFileSync(`${folder}package-lock.json`, JSON.stringify({ packages: wanted }));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('are not current in a bare clone', () => {
    expect(dependenciesAreCurrent({ development: false, folder })).toBe(false);
  });

  it('are current without the packages for other systems', () => {
    install({ 'node_modules/a': { version: '1.0.0' }, 'node_modules/tool': { version: '2.0.0', dev: true } });
    expect(dependenciesAreCurrent({ development: true, folder })).toBe(true);
  });

  it('may lack the development tools only where nothing is tested', () => {
    install({ 'node_modules/a': { version: '1.0.0' } });
    expect(dependenciesAreCurrent({ development: false, folder })).toBe(true);
    expect(dependenciesAreCurrent({ development: true, folder })).toBe(false);
  });

  it('are not current when the lockfile wants another version', () => {
    install({ 'node_modules/a': { version: '0.9.0' }, 'node_modules/tool': { version: '2.0.0', dev: true } });
    expect(dependenciesAreCurrent({ development: true, folder })).toBe(false);
  });
});
