// A plugin that was built elsewhere, whose source is open, on the screen: a breakpoint of the editor counts, and of several calls on a line one is
// stepped into by its name. Pictures are kept in screenshots/, for eyes. (S1, S3, S6)
import fs from 'node:fs';
import path from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { pressUntil, setBreakpoint, showDebugViews } from '../harness/debug-views.ts';
import { copyPlugin, keepFailure, openOwnFolder, testPlugin } from '../harness/own-folder.ts';
import { arrowAt, callStackSays } from '../harness/screen-says.ts';
import { screenshot, type Workbench } from '../harness/workbench.ts';

const LAUNCH = {
  version: '0.2.0',
  configurations: [
    {
      type: 'wasmi-plugin',
      request: 'launch',
      name: 'Calls',
      plugin: '$' + '{workspaceFolder}/level0.wasm',
      method: 'none',
      params: null,
    },
  ],
};

describe('a plugin that was built elsewhere, whose source is open', () => {
  let workbench: Workbench;

  before(async () => {
    workbench = await openOwnFolder('rust-calls', (folder) => {
      // its debug information names /rust-calls/main.rs, which is nowhere
      copyPlugin('rust-calls', folder);
      fs.mkdirSync(path.join(folder, '.vscode'));
      fs.writeFileSync(path.join(folder, '.vscode/launch.json'), JSON.stringify(LAUNCH));
      // one that is older than its source would be asked about
      const later = Date.now() / 1000 + 3600;
      fs.utimesSync(path.join(folder, 'level0.wasm'), later, later);
    });
  });

  afterEach((test) => keepFailure(workbench, test));

  after(() => workbench?.close());

  it('S3, S6: stops on the line of the file that is open', async () => {
    const { page } = workbench;
    const line = fs
      .readFileSync(testPlugin('rust-calls/main.rs'), 'utf8')
      .split('\n')
      .findIndex((one) => one.includes('let nested'));
    await showDebugViews(page);
    await setBreakpoint(page, 'main.rs', line + 1, /let nested =/);
    await page.keyboard.press('F5');
    await arrowAt(page, /let nested =\s*sum\(\s*one\(\)/, 60_000);
    await screenshot(page, 'built-elsewhere-1');
  });

  it('S1: Step Into Target offers the calls of the line, and goes into the one that is chosen', async () => {
    const { page } = workbench;
    const input = page.locator('.quick-input-widget:visible input').first();
    const row = (text: string) => page.locator('.quick-input-list .monaco-list-row', { hasText: text }).first();
    await pressUntil(page, 'F1', input);
    await input.fill('>Step Into Target');
    await row('Step Into Target').click();
    for (const name of ['one', 'next', 'twice', 'sum']) await row(name).waitFor();
    await screenshot(page, 'built-elsewhere-2-targets');
    await row('twice').click();
    await arrowAt(page, /let twice =\s*black_box\(number\)/);
    await callStackSays(page, /main::twice[\s\S]*_start/);
    await screenshot(page, 'built-elsewhere-3-into');
  });
});
