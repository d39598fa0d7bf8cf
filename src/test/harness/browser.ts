// Chromium for looking at a workbench: finding it, installing Debian's where that is possible, starting it headless.
import fs from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import { aptInstall } from '../../../scripts/apt.ts';

const PLACES: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  linux: ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/usr/bin/google-chrome-stable'],
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ],
  win32: ['C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe'],
};

/** The path of a Chromium: `CHROMIUM`, or the usual places. */
export function findChromium(): string | undefined {
  const named = process.env['CHROMIUM'];
  if (named) return named;
  return PLACES[process.platform]?.find((file) => fs.existsSync(file));
}

/** The path of a Chromium, installing Debian's first when there is none. Throws with the way out. */
export function ensureChromium(): string {
  const found = findChromium() ?? (aptInstall(['chromium']) ? findChromium() : undefined);
  if (!found) throw new Error('there is no Chromium: install it, or set CHROMIUM to its path');
  return found;
}

/** Finds or installs a Chromium. The reason when that is not possible here. */
export function prepareBrowser(): string | undefined {
  try {
    ensureChromium();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: ensureChromium(),
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-dev-shm-usage',
    ],
  });
