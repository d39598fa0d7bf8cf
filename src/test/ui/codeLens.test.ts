// Debug above with_method, where there is no Rust: the prebuilt module is called, nobody is asked which debugger to use, and the status
// bar shows the fuel while the call stands.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { addFunctionBreakpoint, arrowLine, consoleRows, eventually, showDebugViews } from '../harness/debug-views.ts';
import { openWorkbench, quick, screenshot, type Workbench } from '../harness/workbench.ts';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');

describe('code lenses', () => {
  let workbench: Workbench;
  let base: string;

  before(async () => {
    base = fs.mkdtempSync(path.join(os.tmpdir(), 'wpd-'));
    const folder = path.join(base, 'hello');
    fs.cpSync(path.join(root, 'test-plugins/hello'), folder, {
      recursive: true,
      filter: (file) => path.basename(file) !== 'target',
    });
    const settings = {
      'wasmiPluginDebugger.cargo.command': 'a-cargo-that-is-not-there',
      'workbench.colorTheme': 'Default Dark Modern',
      // the first call would bring the transcript panel in front of the Debug Console
      'wasmiPluginDebugger.transcript.openOnCall': 'never',
    };
    workbench = await openWorkbench({ folder, settings });
  });

  after(async () => {
    await workbench?.close();
    fs.rmSync(base, { recursive: true, force: true });
  });

  it('Debug asks for the params and stops in the call; the status bar shows its fuel', async () => {
    const { page } = workbench;
    await showDebugViews(page);
    await addFunctionBreakpoint(page, 'rpc:get_user');
    await quick(page, 'Control+P', 'main.rs');
    const lenses = page.locator('.codelens-decoration a', { hasText: 'Debug' });
    await eventually(
      'both lenses',
      () => lenses.count(),
      (count) => count === 2,
    );
    await lenses.first().click();
    const box = page.locator('.quick-input-widget:visible');
    await box.locator('.quick-input-title', { hasText: 'Params of greet' }).waitFor();
    await eventually(
      'what is offered',
      () => box.locator('input').inputValue(),
      (text) => text === '{}',
    );
    await page.keyboard.type('"name": "Ada"');
    await page.keyboard.press('Enter');
    await eventually(
      'the arrow at get_user',
      () => arrowLine(page),
      (line) => /get_user.*Ada/.test(line ?? ''),
    );
    const fuel = page.locator('.statusbar-item', { hasText: /≈\d.* fuel/ });
    await fuel.waitFor();
    await screenshot(page, 'lens-debug');
  });

  it('the call goes on to its result, and the status bar is quiet again', async () => {
    const { page } = workbench;
    await page.keyboard.press('F5');
    await eventually(
      'the result',
      () => consoleRows(page),
      (rows) => /greet returned .*Ada Lovelace/.test(rows.join('\n')),
    );
    await page.locator('.debug-toolbar').waitFor({ state: 'hidden' });
    await page.locator('.statusbar-item', { hasText: /≈\d.* fuel/ }).waitFor({ state: 'hidden' });
  });
});
