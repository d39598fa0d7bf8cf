// Debug above with_method, where there is no Rust: the prebuilt module is called, nobody is asked which debugger to use, and the status
// bar shows the fuel while the call stands.
import { after, afterEach, before, describe, it } from 'node:test';
import { question, questionBox } from '../harness/call-questions.ts';
import { addFunctionBreakpoint, eventually, showDebugViews } from '../harness/debug-views.ts';
import { CONSOLE_IN_FRONT, copyPlugin, keepFailure, NO_CARGO, openOwnFolder } from '../harness/own-folder.ts';
import { arrowAt, consoleSays, sessionEnded } from '../harness/screen-says.ts';
import { quick, screenshot, type Workbench } from '../harness/workbench.ts';

describe('code lenses', () => {
  let workbench: Workbench;

  before(async () => {
    const settings = { ...NO_CARGO, ...CONSOLE_IN_FRONT, 'workbench.colorTheme': 'Default Dark Modern' };
    workbench = await openOwnFolder('hello', (folder) => copyPlugin('hello', folder), settings);
  });

  afterEach((test) => keepFailure(workbench, test));

  after(() => workbench?.close());

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
    await question(page, 'Params of greet').waitFor();
    await eventually(
      'what is offered',
      () => questionBox(page).locator('input').inputValue(),
      (text) => text === '{}',
    );
    await page.keyboard.type('"name": "Ada"');
    await page.keyboard.press('Enter');
    await arrowAt(page, /get_user.*Ada/);
    const fuel = page.locator('.statusbar-item', { hasText: /≈\d.* fuel/ });
    await fuel.waitFor();
    await screenshot(page, 'lens-debug');
  });

  it('the call goes on to its result, and the status bar is quiet again', async () => {
    const { page } = workbench;
    await page.keyboard.press('F5');
    await consoleSays(page, /greet returned .*Ada Lovelace/);
    await sessionEnded(page);
    await page.locator('.statusbar-item', { hasText: /≈\d.* fuel/ }).waitFor({ state: 'hidden' });
  });
});
