// What a person reads on the screen while debugging, as text: editor, Variables, Call Stack, Debug Console. Monaco draws only
// the lines in view, and spaces as no-break spaces; both are dealt with here. For Playwright pages of workbench.ts.
import type { Locator, Page } from 'playwright-core';

/** Without what editors draw between letters: characters of no width, and icons. */
const plain = (text: string): string =>
  text.replaceAll('\u00a0', ' ').replace(/[\u200b-\u200f\u2060\ufeff\ue000-\uf8ff]/g, '');

/** Texts of the elements, from top to bottom: Monaco reuses its elements, whose order in the document is another. */
async function topDown(elements: Locator): Promise<string[]> {
  const found = await elements.evaluateAll((all) =>
    all.map((element) => {
      const shown = element.cloneNode(true) as typeof element;
      // how often a line of the Debug Console was repeated
      for (const badge of shown.querySelectorAll('.monaco-count-badge')) badge.remove();
      return { top: element.getBoundingClientRect().top, text: shown.textContent ?? '' };
    }),
  );
  return found.sort((a, b) => a.top - b.top).map(({ text }) => plain(text));
}

/** The lines of the active editor that are in view. */
export const editorLines = (page: Page): Promise<string[]> =>
  topDown(page.locator('.editor-group-container.active .monaco-editor[role="code"] .view-line'));

/** The line in the active editor that the arrow of the stopped call stands at; undefined where there is no arrow. */
export async function arrowLine(page: Page): Promise<string | undefined> {
  const arrow = page.locator('.editor-group-container.active .codicon-debug-stackframe').first();
  if ((await arrow.count()) === 0) return undefined;
  const box = await arrow.boundingBox();
  const lines = page.locator('.editor-group-container.active .view-line');
  for (const line of box ? await lines.all() : []) {
    const own = await line.boundingBox();
    if (own && box && Math.abs(own.y + own.height / 2 - (box.y + box.height / 2)) < own.height / 2)
      return plain((await line.textContent()) ?? '');
  }
  return undefined;
}

/** The rows of the Variables view that are in view: `name: value`, and the scopes. */
export const variableRows = (page: Page): Promise<string[]> =>
  topDown(page.locator('.debug-variables .monaco-list-row'));

/** The rows of the Call Stack view that are in view. */
export const callStackRows = (page: Page): Promise<string[]> =>
  topDown(page.locator('.debug-call-stack .monaco-list-row'));

/** The rows of the Debug Console that are in view. */
export const consoleRows = (page: Page): Promise<string[]> => topDown(page.locator('.repl .monaco-list-row'));

/**
 * Shows the Run and Debug side bar, with Breakpoints. Without a launch.json that view is there only after the first session. A key
 * that comes while something else is opening is lost: press it again.
 */
export async function showDebugViews(page: Page): Promise<void> {
  await eventually(
    'the debug views',
    async () => {
      if (await page.locator('.pane-header[aria-label^="Breakpoints"]').isVisible()) return true;
      await page.keyboard.press('Control+Shift+D');
      await page.waitForTimeout(500);
      return false;
    },
    (shown) => shown,
  );
}

/** Folds a view of the side bar away: only what is in view can be read, and Watch takes room from Variables. */
export async function foldView(page: Page, title: string): Promise<void> {
  const header = page.locator(`.pane-header[aria-label^="${title}"]`);
  await header.waitFor();
  if ((await header.getAttribute('aria-expanded')) === 'true') await header.click();
}

/** Adds a function breakpoint as a person does, by the button above the Breakpoints view; the view must be shown. */
export async function addFunctionBreakpoint(page: Page, name: string): Promise<void> {
  const pane = page.locator('.pane', { has: page.locator('.debug-breakpoints') });
  const input = page.locator('.debug-breakpoints input.input');
  const add = async (timeout: number): Promise<void> => {
    await pane.locator('.pane-header').hover();
    await pane.locator('.action-label[aria-label="Add Function Breakpoint"]').click();
    await input.waitFor({ timeout });
  };
  try {
    await add(10_000);
  } catch {
    // the view may have been laid out without room for a single row
    await foldView(page, 'Watch');
    await add(60_000);
  }
  await page.keyboard.type(name);
  await page.keyboard.press('Enter');
  await page.locator('.debug-breakpoints .monaco-list-row', { hasText: name }).waitFor();
}

/** Goes to a line (from 1) of a file, which `text` matches when it is there, and sets a breakpoint with F9. */
export async function setBreakpoint(page: Page, file: string, line: number, text: RegExp): Promise<void> {
  const input = page.locator('.quick-input-widget:visible input').first();
  await pressUntil(page, 'Control+P', input);
  await input.fill(`${file}:${line}`);
  await page.locator('.quick-input-widget:visible .monaco-list-row.focused', { hasText: file }).waitFor();
  await page.keyboard.press('Enter');
  await eventually(
    `${file} in the editor`,
    () => editorLines(page),
    (lines) => lines.some((one) => text.test(one)),
  );
  await page.keyboard.press('F9');
  await page.locator('.debug-breakpoints .monaco-list-row', { hasText: file }).waitFor();
}

/** Sees to it that a row of a tree is open, or closed; it may be gone, or come back as it was, while the tree is made anew. */
export async function openRow(page: Page, tree: string, text: string, open = true): Promise<void> {
  const row = page.locator(`${tree} .monaco-list-row`, { hasText: text }).first();
  const isOpen = await row.getAttribute('aria-expanded', { timeout: 1000 }).catch(() => undefined);
  if (isOpen === undefined || isOpen === String(open)) return;
  await row
    .locator('.monaco-tl-twistie')
    .click({ timeout: 1000 })
    .catch(() => undefined);
}

/** A button of the floating debug toolbar, by its label without the key. */
export const toolbarButton = (page: Page, label: string): Locator =>
  page.locator(`.debug-toolbar .action-label[aria-label^="${label}"]`);

/**
 * Presses a key until `shown` is there: one that comes while something else is opening is lost. Only for keys that do no harm when they come
 * twice.
 */
export async function pressUntil(page: Page, key: string, shown: Locator): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    await page.keyboard.press(key);
    try {
      await shown.waitFor({ timeout: 20_000 });
      return;
    } catch (error) {
      if (attempt === 4) throw error;
    }
  }
}

/** Waits until `read` gives something that `holds`; fails with the last that it gave. */
export async function eventually<T>(
  what: string,
  read: () => Promise<T>,
  holds: (value: T) => boolean,
  timeoutMs = 60_000,
): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const value = await read();
    if (holds(value)) return value;
    if (Date.now() > end) throw new Error(`${what}: not within ${timeoutMs} ms; last: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
