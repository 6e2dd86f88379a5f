import { existsSync } from 'node:fs';
import type { Browser } from 'playwright-core';

const PLACES = [
  process.env['KAIROS_TEST_BROWSER'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

let warned = false;

function findBrowser(): string | null {
  return PLACES.find((path) => path !== undefined && existsSync(path)) ?? null;
}

/** A group of tests in a real browser; a loud `describe.skip` where there is none. */
export function describeInBrowser(name: string, body: (browser: () => Browser) => void): void {
  const executablePath = findBrowser();
  if (executablePath === null) {
    if (!warned)
      process.stderr.write('\nTESTS IN A BROWSER DO NOT RUN. Install Chromium, or name it in KAIROS_TEST_BROWSER.\n');
    warned = true;
    describe.skip(`${name} [needs a browser: Chromium, or its path in KAIROS_TEST_BROWSER]`, () => body(notThere));
    return;
  }
  describe(name, () => {
    let browser: Browser | null = null;
    beforeAll(async () => {
      const { chromium } = await import('playwright-core');
      browser = await chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
    });
    afterAll(async () => {
      await browser?.close();
    });
    body(() => browser ?? notThere());
  });
}

function notThere(): never {
  throw new Error('no browser was started');
}
