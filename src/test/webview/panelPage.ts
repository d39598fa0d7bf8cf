// The transcript panel's page in headless Chromium, with the real bundle, over a bridge to whatever answers it in this process. No VS Code.
// Not a test; tests and the benchmark open the page with it.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { WEBVIEW } from '../../../scripts/build.ts';
import type { FromWebview, ToWebview } from '../../transcript/protocol.ts';
import { transcriptPage } from '../../transcript/webview/page.ts';
import type { Theme } from './themes.ts';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
const ORIGIN = 'http://panel.test';
const TYPES: Record<string, string> = { '.js': 'text/javascript', '.css': 'text/css', '.ttf': 'font/ttf' };

/** The files of the bundle, by name: built into memory, so that what is tested is what the sources say now. */
export async function bundleFiles(minify = false): Promise<ReadonlyMap<string, Uint8Array>> {
  const { outputFiles } = await esbuild.build({
    ...WEBVIEW,
    absWorkingDir: root,
    bundle: true,
    write: false,
    minify,
    legalComments: 'none',
    logLevel: 'error',
  });
  return new Map((outputFiles ?? []).map(({ path: file, contents }) => [path.basename(file), contents]));
}

/** What VS Code puts into a webview before our page runs, and the two ends of the bridge. */
const SHIM = `
  let kept;
  window.acquireVsCodeApi = () => ({
    postMessage: (message) => window.toExtension(JSON.stringify(message)),
    getState: () => kept ?? window.initialState,
    setState: (state) => { kept = state; },
  });
  window.keptState = () => kept;
  window.violations = [];
  document.addEventListener('securitypolicyviolation', (event) => {
    window.violations.push(event.violatedDirective + ': ' + event.blockedURI + ' ' + event.sample);
  });
  window.fromExtension = (messages) => {
    for (const data of messages) window.dispatchEvent(new MessageEvent('message', { data }));
  };
`;

export interface PanelPage {
  readonly page: Page;
  readonly cdp: CDPSession;
  /** Sends to the webview. Messages of one turn go together, as over VS Code's port. */
  post(message: ToWebview): void;
  /** What the page's policy has refused so far. */
  violations(): Promise<string[]>;
  setTheme(theme: Theme): Promise<void>;
  close(): Promise<void>;
}

export interface PanelPageOptions {
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly receive: (message: FromWebview) => void;
  readonly size?: { readonly width: number; readonly height: number };
  readonly theme?: Theme;
  /** What `getState` gives: that of a view that was hidden. */
  readonly state?: unknown;
  readonly reducedMotion?: boolean;
  /** Runs in the page before ours. */
  readonly script?: string;
}

/** How VS Code hands the theme over: variables on the root element, and a class and a kind on the body. */
const applyTheme = ({ kind, variables }: Theme): string => `
  for (const [name, value] of Object.entries(${JSON.stringify(variables)})) document.documentElement.style.setProperty(name, value);
  document.body?.classList.remove('vscode-dark', 'vscode-light', 'vscode-high-contrast');
  document.body?.classList.add('${kind}');
  document.body?.setAttribute('data-vscode-theme-kind', '${kind}');
`;

export async function openPanelPage(browser: Browser, options: PanelPageOptions): Promise<PanelPage> {
  const context = await browser.newContext({
    viewport: options.size ?? { width: 1200, height: 700 },
    reducedMotion: options.reducedMotion ? 'reduce' : 'no-preference',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(90_000);
  const cdp = await context.newCDPSession(page);
  await cdp.send('Runtime.enable');
  await cdp.send('Runtime.addBinding', { name: 'toExtension' });
  cdp.on('Runtime.bindingCalled', ({ payload }) => options.receive(JSON.parse(payload) as FromWebview));
  let waiting: ToWebview[] = [];
  const post = (message: ToWebview): void => {
    waiting.push(message);
    if (waiting.length > 1) return;
    setImmediate(() => {
      const messages = waiting;
      waiting = [];
      // the page may be gone
      cdp.send('Runtime.evaluate', { expression: `fromExtension(${JSON.stringify(messages)})` }).catch(() => {});
    });
  };
  const initial = options.state === undefined ? '' : `window.initialState = ${JSON.stringify(options.state)};`;
  await page.addInitScript(SHIM + initial + (options.script ?? ''));
  if (options.theme)
    await page.addInitScript(
      `document.addEventListener('DOMContentLoaded', () => {${applyTheme(options.theme)}}, { once: true });`,
    );
  const html = transcriptPage({
    scriptUri: `${ORIGIN}/transcript.js`,
    styleUri: `${ORIGIN}/transcript.css`,
    cspSource: ORIGIN,
    nonce: 'q2V0LXRoaXMtaXMtYS1ub25jZQ',
  });
  await page.route('**/*', async (route) => {
    const { origin, pathname } = new URL(route.request().url());
    const body = options.files.get(pathname.slice(1));
    if (origin !== ORIGIN) await route.abort();
    else if (pathname === '/') await route.fulfill({ contentType: 'text/html', body: html });
    else if (body)
      await route.fulfill({ contentType: TYPES[path.extname(pathname)] ?? 'text/plain', body: Buffer.from(body) });
    else await route.fulfill({ status: 404 });
  });
  await page.goto(`${ORIGIN}/`);
  return {
    page,
    cdp,
    post,
    violations: () => page.evaluate('window.violations') as Promise<string[]>,
    setTheme: async (theme) => {
      await page.evaluate(applyTheme(theme));
    },
    close: () => context.close(),
  };
}

/** Keeps a picture for eyes; returns its path. */
export async function picture(page: Page, name: string): Promise<string> {
  const file = path.join(root, 'screenshots', `${name}.png`);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  await page.screenshot({ path: file });
  return file;
}
