// The view Host Methods of the workbench, as rows: a row says what VS Code reads out of it. For Playwright pages of workbench.ts.
import type { Locator, Page } from 'playwright-core';
import { eventually } from './debug-views.ts';

/** The first row that says `text`, a host method's or a rule's. */
export const hostMethodRow = (page: Page, text: string | RegExp): Locator =>
  page.locator('.part.sidebar .monaco-list-row').filter({ hasText: text }).first();

/** Waits until the row of `text` says what `pattern` does. */
export const hostMethodSays = (page: Page, text: string, pattern: RegExp, timeoutMs?: number): Promise<string> => {
  const row = hostMethodRow(page, text);
  return eventually(
    `${pattern} in the row ${text}`,
    async () => ((await row.count()) === 0 ? '' : ((await row.getAttribute('aria-label')) ?? '')),
    (label) => pattern.test(label),
    timeoutMs,
  );
};

/** Brings the view to the front, with the row of `method` in it: Run and Debug takes its place where a call stops. */
export async function showHostMethods(page: Page, method: string): Promise<void> {
  const icon = page.locator('.activitybar .action-item .action-label[aria-label^="Plugin Debugger"]');
  const title = page.locator('.part.sidebar .composite.title', { hasText: /Plugin Debugger|Host Methods/ });
  await eventually(
    'the view Host Methods',
    async () => {
      if (await hostMethodRow(page, method).isVisible()) return true;
      // a click on the icon of the view that is shown would hide it
      if (!(await title.isVisible())) await icon.click();
      await page.waitForTimeout(500);
      return false;
    },
    (shown) => shown,
  );
}

/** Opens a row's menu and waits for one of its items. */
export async function rowMenuItem(page: Page, row: string, label: RegExp): Promise<Locator> {
  await hostMethodRow(page, row).click({ button: 'right' });
  const item = page
    .locator('.monaco-menu .action-label, .context-view .action-label')
    .filter({ hasText: label })
    .first();
  await item.waitFor();
  return item;
}
