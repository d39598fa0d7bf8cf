// The transcript panel as a person uses it, in a real workbench: a call with an error and log lines, filtered to one method; a message
// opened; the call sent again with other params; the debugger's position; themes. Pictures are kept in screenshots/, for eyes. (S6, P2)
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import type { FrameLocator, Locator, Page } from 'playwright-core';
import {
  addFunctionBreakpoint,
  eventually,
  pressUntil,
  showDebugViews,
  toolbarButton,
} from '../harness/debug-views.ts';
import { copyPlugin, keepFailure, openOwnFolder } from '../harness/own-folder.ts';
import { arrowAt, sessionEnded } from '../harness/screen-says.ts';
import { quick, screenshot, type Workbench, webview } from '../harness/workbench.ts';
import { THEMES } from '../webview/themes.ts';

/** By the list of themes, which takes the place of the palette's. */
async function chooseTheme(page: Page, theme: string): Promise<void> {
  const input = page.locator('.quick-input-widget:visible .quick-input-box input');
  await pressUntil(page, 'F1', input);
  await input.fill('>Preferences: Color Theme');
  await page.locator('.quick-input-list .monaco-list-row[aria-label^="Preferences: Color Theme"]').click();
  await page.locator('.quick-input-list .monaco-list-row', { hasText: 'Dark Modern' }).first().waitFor();
  await input.fill(theme);
  await page.locator('.quick-input-list .monaco-list-row.focused', { hasText: theme }).waitFor();
  await page.keyboard.press('Enter');
  await input.waitFor({ state: 'hidden' });
}

describe('the transcript panel', () => {
  let workbench: Workbench;
  let panel: FrameLocator;

  before(async () => {
    // nobody answers `log`: the call fails with what production says of an unknown host method
    const result = { display_name: 'Ada <b>Lovelace</b>', utc_offset_hours: 18446744073709 };
    const mocks = { default: 'unknown', hostMethods: { get_user: [{ reply: { result } }] } };
    workbench = await openOwnFolder('hello', (folder) => {
      copyPlugin('hello', folder);
      fs.writeFileSync(path.join(folder, 'hello.mocks.json'), JSON.stringify(mocks));
    });
    panel = webview(workbench.page);
  });

  afterEach((test) => keepFailure(workbench, test));

  after(() => workbench?.close());

  const rows = (): Locator => panel.locator('[role="row"][data-index]');
  const rowTexts = async (): Promise<string[]> =>
    (await rows().allInnerTexts()).map((text) => text.replace(/\s+/g, ' ').trim());
  const rowsSay = (pattern: RegExp) =>
    eventually(
      `${pattern} in the rows`,
      async () => (await rowTexts()).join('\n'),
      (text) => pattern.test(text),
    );
  const filter = (): Locator => panel.getByRole('combobox', { name: /filter/i });
  const details = (): Locator => panel.locator('section.details');
  /** Runs on from the fault that the call stops at, to its end. */
  const runOn = async (): Promise<void> => {
    const { page } = workbench;
    await toolbarButton(page, 'Continue').waitFor();
    await toolbarButton(page, 'Continue').click();
    await sessionEnded(page);
  };

  it('opens with the first call, and shows what it does, its log and its failure', async () => {
    const { page } = workbench;
    // a key that comes before the workbench knows the debugger only shows an empty view
    await eventually(
      'a session',
      async () => {
        if (await toolbarButton(page, 'Continue').isVisible()) return true;
        await page.keyboard.press('F5');
        await toolbarButton(page, 'Continue')
          .waitFor({ timeout: 20_000 })
          .catch(() => undefined);
        return toolbarButton(page, 'Continue').isVisible();
      },
      (started) => started,
      120_000,
    );
    await runOn();
    await filter().waitFor();
    await quick(page, 'F1', 'View: Toggle Maximized Panel');
    const text = await rowsSay(/greet[\s\S]*who is Ada\?[\s\S]*Method not found/);
    assert.match(text, /random_get/);
    await eventually(
      'a marked failure',
      () => panel.locator('[role="row"][aria-label*="Fault"], [role="row"] .tone-bad').count(),
      (count) => count > 0,
    );
    await screenshot(page, 'panel-1-call');
  });

  it('narrows to one method, and says of how many', async () => {
    await filter().fill('method:get_user');
    await filter().press('Enter');
    await eventually(
      'two rows',
      rowTexts,
      ([request = '', reply = '', ...more]) =>
        /get_user.*"name":"Ada"/.test(request) && /get_user.*Lovelace/.test(reply) && more.length === 0,
    );
    await panel.getByText(/^2 of \d+$/).waitFor();
  });

  it('P2, E4: a message opens as a tree, with its digits, and HTML stays text', async () => {
    await rows().nth(1).click();
    await details().getByText('Go to Request').waitFor();
    await details()
      .getByRole('treeitem', { name: /^result/ })
      .click();
    await workbench.page.keyboard.press('ArrowRight');
    await details()
      .getByRole('treeitem', { name: /^utc_offset_hours/ })
      .waitFor();
    await details().getByText('18446744073709').first().waitFor();
    for (const pattern of [/Ada <b>Lovelace<\/b>/, /Answered by .*mock `get_user` of hello\.mocks\.json/, /get_user/])
      await eventually(
        `${pattern} in the details`,
        () => details().innerText(),
        (text) => pattern.test(text),
      );
    await screenshot(workbench.page, 'panel-2-message');
  });

  it('sends the call again with other params, and shows the new call', async () => {
    const { page } = workbench;
    await filter().fill('');
    await filter().press('Enter');
    await rowsSay(/greet[\s\S]*random_get/);
    await panel.locator('[role="row"][data-index="0"]').click();
    await details()
      .getByRole('button', { name: /Send Again/ })
      .click();
    const params = details().getByRole('textbox');
    await params.fill('{"name":"Grace"');
    await params.press('Control+Enter');
    await details().getByText(/JSON/).first().waitFor();
    await params.fill('{"name":"Grace","unused":18446744073709551615}');
    await screenshot(page, 'panel-3-send-again');
    await params.press('Control+Enter');
    // the new call stops at its fault, which the panel brings into view; its request is above
    await rowsSay(/"name":"Grace"[\s\S]*Method not found/);
    await filter().fill('method:greet');
    await filter().press('Enter');
    await rowsSay(/^\s*greet 0 \{"name":"Grace","unused":18446744073709551615\}/);
    await filter().fill('');
    await filter().press('Enter');
    await runOn();
    await eventually(
      'both calls',
      () => panel.locator('select option').allTextContents(),
      (titles) => titles.some((title) => title.includes('Grace')) && titles.some((title) => title.includes('Ada')),
    );
  });

  it('S6: marks the row at which the debugger stands, and shows it', async () => {
    const { page } = workbench;
    await quick(page, 'F1', 'View: Toggle Maximized Panel');
    await showDebugViews(page);
    await addFunctionBreakpoint(page, 'rpc:get_user');
    await page.keyboard.press('F5');
    const present = panel.locator('[role="row"].present');
    await present.waitFor();
    await eventually(
      'the row',
      () => present.innerText(),
      (text) => /get_user/.test(text),
    );
    await arrowAt(page, /get_user/);
    await screenshot(page, 'panel-4-stopped');
    await toolbarButton(page, 'Stop').click();
    await sessionEnded(page);
  });

  it('is drawn by the theme: light, dark and high contrast', async () => {
    const { page } = workbench;
    await quick(page, 'F1', 'View: Toggle Maximized Panel');
    await panel.locator('[role="row"][data-index="0"]').click();
    const background = () =>
      panel
        .locator('html')
        .evaluate((html) => html.getAttribute('style')?.match(/--vscode-panel-background:[^;]*/)?.[0]);
    for (const [theme, { variables }] of [
      ['Dark Modern', THEMES.dark],
      ['Dark High Contrast', THEMES['high-contrast']],
      ['Light Modern', THEMES.light],
    ] as const) {
      await chooseTheme(page, theme);
      const wanted = variables['--vscode-panel-background'] ?? assert.fail();
      await eventually(`the background of ${theme}`, background, (text) => text?.includes(wanted) === true);
      await screenshot(page, `panel-5-${theme.toLowerCase().replaceAll(' ', '-')}`);
    }
  });
});
