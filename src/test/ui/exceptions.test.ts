// Where a plugin traps or panics, in a real workbench: the editor shows the author's line with what is wrong under it, and Variables shows what
// the frame had there. (P1, S6)
import fs from 'node:fs';
import path from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { consoleRows, eventually, showDebugViews } from '../harness/debug-views.ts';
import { CONSOLE_IN_FRONT, keepFailure, openOwnFolder, testPlugin } from '../harness/own-folder.ts';
import { variablesSay } from '../harness/screen-says.ts';
import { screenshot, type Workbench } from '../harness/workbench.ts';

const PLUGIN = testPlugin('out/rust-endings.wasm');
const built = fs.existsSync(PLUGIN) || process.env['CI'] !== undefined;

describe('a plugin that traps', { skip: built ? false : 'test-plugins/out/rust-endings.wasm is not built' }, () => {
  let workbench: Workbench;

  before(async () => {
    const fill = (folder: string): void => {
      fs.mkdirSync(path.join(folder, '.vscode'));
      // a copy is newer than whatever it was built from
      const plugin = path.join(folder, 'rust-endings.wasm');
      fs.writeFileSync(plugin, fs.readFileSync(PLUGIN));
      const launch = { name: 'trap', type: 'wasmi-plugin', request: 'launch', plugin, method: 'past_the_end' };
      const launches = { version: '0.2.0', configurations: [launch] };
      fs.writeFileSync(path.join(folder, '.vscode/launch.json'), JSON.stringify(launches));
    };
    workbench = await openOwnFolder('rust-endings', fill, CONSOLE_IN_FRONT);
  });

  afterEach((test) => keepFailure(workbench, test));

  after(() => workbench?.close());

  it('P1, S6: the line, what is wrong in a sentence, and the variables', async () => {
    const { page } = workbench;
    await showDebugViews(page);
    await page.keyboard.press('F5');
    const says = async () => {
      const texts = await page.locator('.exception-widget').allInnerTexts();
      // VS Code may make the editor's part that has the widget only after the stop: who sees none looks at the frame
      const frame = page.locator('.debug-call-stack .monaco-list-row', { hasText: 'past_the_end' }).first();
      if (texts.length === 0 && (await frame.isVisible())) await frame.click({ timeout: 5000 }).catch(() => {});
      // on a slow machine the operands come later than the widget, which says so: then the console has the sentence
      const later = texts.some((text) => /in .*past_the_end.*looked\sfor/.test(text)) ? await consoleRows(page) : [];
      return [...texts, ...later].join('\n').replaceAll('\u00a0', ' ');
    };
    await eventually('what is wrong, under the line', says, (text) =>
      /a load of 4 bytes at address \d+ of a memory of \d+ bytes, in rust_endings::past_the_end \(main\.rs:\d+\)/.test(
        text,
      ),
    );
    // the local that led there
    await variablesSay(page, /beyond[\s\S]*268435456/);
    await screenshot(page, 'trap');
  });
});
