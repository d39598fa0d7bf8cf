// A plugin's code on the screen: a function breakpoint shows the function's text with the arrow, F10 moves it by an instruction, locals stand in
// Variables and can be set there, and the Disassembly view shows the same place. Pictures are kept in screenshots/, for eyes. (S1, S6)
import { after, afterEach, before, describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import {
  addFunctionBreakpoint,
  arrowLine,
  editorLines,
  eventually,
  foldView,
  pressUntil,
  showDebugViews,
  variableRows,
} from '../harness/debug-views.ts';
import { copyPlugin, keepFailure, openOwnFolder } from '../harness/own-folder.ts';
import { arrowAt, callStackSays } from '../harness/screen-says.ts';
import { quick, screenshot, type Workbench } from '../harness/workbench.ts';

/** Lines of the active editor from the top to the arrow; -1 while it is drawn. */
async function arrowIndex(page: Page): Promise<number> {
  const line = await arrowLine(page);
  return (await editorLines(page)).indexOf(line ?? '');
}

const arrowStands = (page: Page): Promise<number> =>
  eventually(
    'an arrow',
    () => arrowIndex(page),
    (index) => index >= 0,
  );

describe('a function breakpoint in a plugin without debug information', () => {
  let workbench: Workbench;

  before(async () => {
    // its hello.wasm has no debug information, as release builds: with it the source would be shown
    workbench = await openOwnFolder('hello', (folder) => copyPlugin('hello', folder));
  });

  afterEach((test) => keepFailure(workbench, test));

  after(() => workbench?.close());

  it('S6: shows the function with the arrow on its first instruction, and its locals', async () => {
    const { page } = workbench;
    await showDebugViews(page);
    await addFunctionBreakpoint(page, 'hello::main');
    await page.keyboard.press('F5');
    await arrowAt(page, /^\s*(global\.get|local\.get|i32\.const|block|call)/, 60_000);
    await eventually(
      'the function’s head',
      () => editorLines(page),
      ([title = '', head = '']) =>
        /^;; .*(main|greet).*, function \d+ of hello\.wasm/.test(title) && /^\(func \$/.test(head),
    );
    await foldView(page, 'Watch');
    await eventually(
      'locals',
      () => variableRows(page),
      (all) => all.some((row) => /^\$/.test(row)) && all.some((row) => /Wasm locals/.test(row)),
    );
    await callStackSays(page, /hello::main/);
    await screenshot(page, 'code-1-breakpoint');
  });

  it('S1: F10 moves the arrow by an instruction', async () => {
    const { page } = workbench;
    const before = await arrowStands(page);
    await page.keyboard.press('F10');
    await eventually(
      'the arrow a line further',
      () => arrowIndex(page),
      (index) => index === before + 1,
    );
    await page.keyboard.press('F10');
    await eventually(
      'the arrow two lines further',
      () => arrowIndex(page),
      (index) => index === before + 2,
    );
    await screenshot(page, 'code-2-stepped');
  });

  it('I2: runs to a moment', async () => {
    const { page } = workbench;
    const before = await arrowStands(page);
    // not by quick(), which waits for the box to go: here another one takes its place
    const input = page.locator('.quick-input-widget:visible input[type="text"]').first();
    await pressUntil(page, 'F1', input);
    await input.fill('>Plugin: Run to Moment');
    await page.locator('.quick-input-list .monaco-list-row', { hasText: 'Run to Moment' }).first().click();
    await page.locator('.quick-input-title', { hasText: 'Run to Moment' }).waitFor();
    // the box offers a thousand instructions on
    const offered = await eventually(
      'a moment',
      async () => Number.parseInt(await input.inputValue(), 10),
      (moment) => moment > 997,
    );
    await input.fill(String(offered - 997));
    await page.keyboard.press('Enter');
    await eventually(
      'the arrow three lines further',
      () => arrowIndex(page),
      (index) => index === before + 3,
    );
  });

  it('the Disassembly view stands at the same place, and F10 there is by instruction', async () => {
    const { page } = workbench;
    await quick(page, 'F1', 'Open Disassembly View');
    const view = page.locator('.disassembly-view');
    await view.waitFor();
    const focused = () =>
      view
        .locator('.monaco-list-row', { has: page.locator('.codicon-debug-stackframe') })
        .first()
        .textContent({ timeout: 1000 })
        .catch(() => '');
    const at = await eventually('the arrow in it', focused, (text) => (text ?? '').length > 0);
    await screenshot(page, 'code-3-disassembly');
    await view.locator('.monaco-list-row').nth(5).click();
    await page.keyboard.press('F10');
    await eventually('the arrow further', focused, (text) => (text ?? '') !== '' && text !== at);
    await screenshot(page, 'code-4-disassembly-stepped');
  });
});
