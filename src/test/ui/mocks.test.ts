// Host methods without a host, as an author meets them: with no launch.json and no mock file, F5 pauses at an unknown host method; she answers by hand and
// keeps that as a mock, runs again without a pause, turns the mock into an error with two clicks, and sees the plugin's error path.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { consoleRows, editorLines, eventually, pressUntil } from '../harness/debug-views.ts';
import { openWorkbench, quick, screenshot, type Workbench } from '../harness/workbench.ts';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
const MODULE = path.join(root, 'test-plugins/out/rust-pdk.release.wasm');
const BIG = '18446744073709551615';

describe('host methods, with no launch.json and no mock file', () => {
  const skip = fs.existsSync(MODULE) ? false : `${MODULE} is missing: run node test-plugins/build.ts`;
  let workbench: Workbench;
  let base: string;
  let mocks: string;

  before(async () => {
    if (skip) return;
    base = fs.mkdtempSync(path.join(os.tmpdir(), 'wpd-'));
    const folder = path.join(base, 'rust-pdk');
    // the module as it is, and its sources to look at: nothing here is built
    fs.cpSync(path.join(root, 'test-plugins/rust-pdk/src'), path.join(folder, 'src'), { recursive: true });
    fs.copyFileSync(MODULE, path.join(folder, 'rust-pdk.wasm'));
    mocks = path.join(folder, '.vscode/plugin.mocks.jsonc');
    const settings = {
      'wasmiPluginDebugger.cargo.command': 'a-cargo-that-is-not-there',
      'wasmiPluginDebugger.transcript.openOnCall': 'never',
      'workbench.colorTheme': 'Default Dark Modern',
    };
    workbench = await openWorkbench({ folder, settings });
  });

  afterEach(async (test) => {
    if (workbench && 'passed' in test && test.passed === false)
      await screenshot(workbench.page, `failed-${test.name.replace(/\W+/g, '-')}`);
  });

  after(async () => {
    await workbench?.close();
    if (base) fs.rmSync(base, { recursive: true, force: true });
  });

  const box = () => workbench.page.locator('.quick-input-widget:visible');
  const title = (text: string) => box().locator('.quick-input-title', { hasText: text });
  const asked = (text: string) => title(text).waitFor();
  const row = (text: string | RegExp) =>
    workbench.page.locator('.part.sidebar .monaco-list-row', { hasText: text }).first();
  const rowSays = (text: string, pattern: RegExp) =>
    eventually(
      `${pattern} in the row ${text}`,
      async () => ((await row(text).count()) === 0 ? '' : ((await row(text).getAttribute('aria-label')) ?? '')),
      (label) => pattern.test(label),
    );
  const fileSays = (pattern: RegExp) =>
    eventually(
      `${pattern} in the mock file`,
      async () => (fs.existsSync(mocks) ? fs.readFileSync(mocks, 'utf8') : ''),
      (text) => pattern.test(text),
    );
  const consoleSays = (page: Page, pattern: RegExp) =>
    eventually(
      `${pattern} in the Debug Console`,
      () => consoleRows(page),
      (rows) => pattern.test(rows.join('\n')),
    );
  /** Run and Debug comes to the front where a call stops. */
  const showHostMethods = async (): Promise<void> => {
    const { page } = workbench;
    await eventually(
      'the view Host Methods',
      async () => {
        if (await row('echo').isVisible()) return true;
        const icon = page.locator('.activitybar .action-item .action-label[aria-label^="Plugin Debugger"]');
        if (
          !(await page
            .locator('.part.sidebar .pane-header[aria-label^="Host Methods"], .part.sidebar .composite.title', {
              hasText: /Plugin Debugger|Host Methods/,
            })
            .first()
            .isVisible())
        )
          await icon.click();
        await page.waitForTimeout(500);
        return false;
      },
      (shown) => shown,
    );
  };
  const ended = (page: Page) => page.locator('.debug-toolbar').waitFor({ state: 'hidden' });
  /** F5, the method and its params, as the second time. */
  const callAgain = async (): Promise<void> => {
    const { page } = workbench;
    await pressUntil(page, 'F5', title('Which method of rust-pdk'));
    await box().locator('.monaco-list-row.focused', { hasText: 'called before' }).waitFor();
    await page.keyboard.press('Enter');
    await asked('Params of echo');
    await page.keyboard.press('Enter');
  };

  it('knows the host method from the source before anything has run', { skip }, async () => {
    const { page } = workbench;
    await quick(page, 'Control+P', 'main.rs');
    await page.locator('.tab', { hasText: 'main.rs' }).waitFor();
    await showHostMethods();
    await rowSays('echo', /^echo, not yet called/);
  });

  it('pauses at the unknown host method, with its params beside the answer', { skip }, async () => {
    const { page } = workbench;
    await page.locator('.tab', { hasText: 'main.rs' }).click();
    await page.keyboard.press('F5');
    await asked('Which method of rust-pdk');
    await page.keyboard.type('echo');
    await box().locator('.monaco-list-row.focused', { hasText: /^echo/ }).waitFor();
    await page.keyboard.press('Enter');
    await asked('Params of echo');
    await box().locator('input').fill(`{"message":${BIG}}`);
    await page.keyboard.press('Enter');
    await page.locator('.tab.active', { hasText: 'Answer to echo' }).waitFor();
    const lines = await eventually(
      'the params beside the answer',
      () => editorLines(page),
      (shown) => shown.some((line) => line.includes(BIG)) && shown.includes('null'),
    );
    assert.match(lines.join('\n'), /calls the host method echo and waits/);
    await showHostMethods();
    await rowSays('echo', /^echo, waits for your answer/);
    // no tooltip in the picture
    await page.mouse.move(700, 700);
    await page.locator('.monaco-hover:visible').first().waitFor({ state: 'hidden' });
    await screenshot(page, 'mocks-1-asked');
  });

  it('takes the answer by hand, keeps it as a mock, and the plugin goes on', { skip }, async () => {
    const { page } = workbench;
    await page.locator('.tab', { hasText: 'Answer to echo' }).click();
    await page.keyboard.press('Delete');
    await page.keyboard.insertText(`{ "by": "hand", "n": ${BIG} }`);
    await page.keyboard.press('Control+Shift+Enter');
    await consoleSays(page, new RegExp(`echo returned \\{"by":"hand","n":${BIG}\\}`));
    await ended(page);
    await fileSays(new RegExp(`"echo": \\[\\s*\\{ "reply": \\{ "result": \\{ "by": "hand", "n": ${BIG} \\} \\} \\}`));
    await page.locator('.tab', { hasText: 'Answer to echo' }).waitFor({ state: 'detached' });
    await showHostMethods();
    await rowSays('every call', new RegExp(`"n":\\s?${BIG}`));
    await screenshot(page, 'mocks-2-remembered');
  });

  it('runs again without a pause', { skip }, async () => {
    const { page } = workbench;
    await callAgain();
    await showHostMethods();
    await rowSays('every call', /1 hit$/);
    await consoleSays(page, new RegExp(`echo returned \\{"by":"hand","n":${BIG}\\}`));
    await ended(page);
    await rowSays('echo', /^echo, mocked · 1 call/);
    await screenshot(page, 'mocks-3-again');
  });

  it('turns the mock into an error with two clicks, and the plugin takes its error path', { skip }, async () => {
    const { page } = workbench;
    await row('echo').click({ button: 'right' });
    const item = page
      .locator('.monaco-menu .action-label, .context-view .action-label')
      .filter({ hasText: /^Mock with an Error$/ });
    await item.first().waitFor();
    await screenshot(page, 'mocks-4-menu');
    await item.first().click();
    await rowSays('every call', /error -32000 mocked error of echo/);
    await fileSays(/"error": \{ "code": -32000, "message": "mocked error of echo" \}/);
    await callAgain();
    await consoleSays(page, /echo answered with error -32000 mocked error of echo/);
    await ended(page);
    await showHostMethods();
    await screenshot(page, 'mocks-5-error');
  });
});
