// A workbench in a headless Chromium, driven by Playwright as a person would: keys, the palette, what is on the screen.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, FrameLocator, Page } from 'playwright-core';
import { ensureChromium, launchBrowser } from './browser.ts';
import { type Server, type ServerOptions, startServer } from './server.ts';
import { ensureHost } from './vscode-host.ts';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');

/** How the workbench names a file of the machine that the server runs on. */
export const remote = (server: Server, file: string): string => `vscode-remote://${server.host}${file}`;

/** URL of a workbench on `folder`. `extensionTestsPath` in the payload is ignored without an `extensionDevelopmentPath`. */
export function workbenchUrl(
  server: Server,
  folder?: string,
  payload?: readonly (readonly [string, string])[],
): string {
  const query = new URLSearchParams(folder ? { folder } : { ew: 'true' });
  if (payload) query.set('payload', JSON.stringify(payload));
  return `http://${server.host}/?${query}`;
}

export type WorkbenchOptions = ServerOptions & {
  folder: string;
  /** An extension to run from its directory; needs the driver. Default: this project. `false`: none. */
  extension?: string | false;
  /** A server that runs already, and is left running. */
  server?: Server;
};

export type Workbench = {
  page: Page;
  server: Server;
  /** Closes the page and the browser, and the server if it was started here. */
  close: () => Promise<void>;
};

const quickInput = (page: Page) =>
  page.locator('.quick-input-widget:not([style*="display: none"]) .quick-input-box input').first();

/** Waits until the command palette lists `command`: the extension's contributions are registered then. */
async function untilKnown(page: Page, command: string): Promise<void> {
  const row = page.locator('.quick-input-list .monaco-list-row', { hasText: command }).first();
  for (let attempt = 0; ; attempt++) {
    await page.keyboard.press('F1');
    try {
      // the list is not made anew when contributions arrive, only when one types
      await quickInput(page).fill(`>${command}`, { timeout: 3000 });
      await row.waitFor({ timeout: 1000 });
      break;
    } catch (error) {
      if (attempt === 40) throw new Error(`The extension's command "${command}" is not there`, { cause: error });
      await page.keyboard.press('Escape');
    }
  }
  await page.keyboard.press('Escape');
  await quickInput(page).waitFor({ state: 'hidden' });
}

/** Opens `folder` and waits until the workbench is drawn and knows the extension. */
export async function openWorkbench(options: WorkbenchOptions): Promise<Workbench> {
  const server = options.server ?? (await startServer(options));
  let browser: Browser | undefined;
  try {
    browser = await launchBrowser();
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    page.setDefaultTimeout(90_000);
    const extension = options.extension ?? root;
    const driven = extension !== false && (options.driver ?? true);
    const payload = driven ? [['extensionDevelopmentPath', remote(server, extension)] as const] : undefined;
    await page.goto(workbenchUrl(server, options.folder, payload));
    await page.locator('.monaco-workbench .statusbar').waitFor();
    // before the second is there, F5 finds no debugger and only shows an empty view
    for (const command of extension === false ? [] : ['Plugin: Debug Call', 'Debug: Start Debugging'])
      await untilKnown(page, command);
    const opened = browser;
    const close = async (): Promise<void> => {
      await opened.close();
      if (!options.server) await server.stop();
    };
    return { page, server, close };
  } catch (error) {
    await browser?.close();
    if (!options.server) await server.stop();
    throw error;
  }
}

/**
 * Opens Quick Open (`'Control+P'`) or the command palette (`'F1'`) and takes the row that says `text`.
 * Keys arrive late after a webview had the focus, so it presses again until the box is there.
 */
export async function quick(page: Page, key: string, text: string): Promise<void> {
  const input = quickInput(page);
  for (let attempt = 0; ; attempt++) {
    await page.keyboard.press(key);
    try {
      await input.waitFor({ state: 'visible', timeout: 3000 });
      break;
    } catch (error) {
      if (attempt === 4) throw error;
    }
  }
  await input.fill((key === 'F1' ? '>' : '') + text);
  // by a click: Enter would take the row that has the focus, which may be another one while the list is still filled
  await page.locator('.quick-input-list .monaco-list-row', { hasText: text }).first().click();
  await input.waitFor({ state: 'hidden' });
}

/** The document of the only webview that is open: it is two frames deep. */
export const webview = (page: Page): FrameLocator =>
  page.frameLocator('iframe.webview').frameLocator('iframe#active-frame');

/** Keeps a picture for eyes in `screenshots/NAME.png`; returns its path. */
export async function screenshot(page: Page, name: string): Promise<string> {
  const file = path.join(root, 'screenshots', `${name}.png`);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  await page.screenshot({ path: file });
  return file;
}

/** Installs what a workbench in a browser needs, where it is missing. The reason when that is not possible here. */
export function prepareWorkbench(): string | undefined {
  try {
    ensureHost();
    ensureChromium();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
