// The tree Host Methods under mouse and keys: checkboxes, rules that are dragged and moved by keys, undo, the way to the guest's source; and the keys of
// the answer's editor that send an error, or nothing. Pictures are kept in screenshots/, for eyes.
import fs from 'node:fs';
import path from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import type { Locator } from 'playwright-core';
import { giveParams, offered, question, takeMethod, typeMethod } from '../harness/call-questions.ts';
import { editorLines, eventually } from '../harness/debug-views.ts';
import { hostMethodRow, hostMethodSays, rowMenuItem, showHostMethods } from '../harness/host-methods-view.ts';
import {
  CONSOLE_IN_FRONT,
  copyBuilt,
  keepFailure,
  NO_CARGO,
  openOwnFolder,
  testPlugin,
} from '../harness/own-folder.ts';
import { consoleSays, sessionEnded } from '../harness/screen-says.ts';
import { quick, screenshot, type Workbench } from '../harness/workbench.ts';

const MODULE = testPlugin('out/hello.wasm');
const MOCKS = `{
  "hostMethods": {
    "get_user": [
      // the first of them
      { "name": "Ada", "when": { "params": { "name": "Ada" } }, "reply": { "result": { "display_name": "Ada Lovelace", "utc_offset_hours": 0 } } },
      { "name": "anyone", "reply": { "result": { "display_name": "Somebody", "utc_offset_hours": 1 } } },
      { "name": "nobody", "when": { "nth": 3 }, "reply": { "error": { "code": -32000, "message": "no such user" } } }
    ],
    "log": [{ "name": "by hand", "pause": true }]
  }
}
`;

describe('the tree Host Methods, by mouse and keys', () => {
  const skip = fs.existsSync(MODULE) ? false : `${MODULE} is missing: run node test-plugins/build.ts`;
  let workbench: Workbench;
  let mocks: string;

  before(async () => {
    if (skip) return;
    const fill = (folder: string): void => {
      copyBuilt('hello', MODULE, folder);
      mocks = path.join(folder, '.vscode/plugin.mocks.jsonc');
      fs.mkdirSync(path.dirname(mocks));
      fs.writeFileSync(mocks, MOCKS);
    };
    const settings = {
      ...NO_CARGO,
      ...CONSOLE_IN_FRONT,
      'workbench.colorTheme': 'Default Dark Modern',
      'workbench.reduceMotion': 'on',
    };
    workbench = await openOwnFolder('hello', fill, settings);
  });

  afterEach((test) => keepFailure(workbench, test));

  after(() => workbench?.close());

  const row = (text: string | RegExp): Locator => hostMethodRow(workbench.page, text);
  const checkbox = (text: string): Locator =>
    row(text).locator('[role="checkbox"], .custom-view-tree-node-item-checkbox').first();
  const rowSays = (text: string, pattern: RegExp, timeoutMs = 45_000) =>
    hostMethodSays(workbench.page, text, pattern, timeoutMs);
  /** Clicks a checkbox until its row says so: a click that comes while the rows are made anew is lost. */
  const turn = (text: string, says: string, pattern: RegExp) =>
    eventually(
      `${pattern} in the row ${says}`,
      async () => {
        await checkbox(text).click();
        // its tooltip would lie over the next row
        await workbench.page.mouse.move(800, 700);
        return rowSays(says, pattern, 15_000).catch((error: unknown) => String(error));
      },
      (found) => pattern.test(found),
      60_000,
    );
  /** A row that has the focus; keys that come before VS Code has told of it are lost. */
  const choose = async (text: RegExp): Promise<void> => {
    await row(text).click();
    await row(text).and(workbench.page.locator('[aria-selected="true"]')).waitFor();
    await workbench.page.waitForTimeout(300);
  };
  const toasts = async (): Promise<string> =>
    (await workbench.page.locator('.notifications-toasts .notification-list-item-message').allTextContents()).join(
      ' | ',
    );
  /** What is on the screen is saved a moment later. */
  const fileSays = (what: string | RegExp) =>
    eventually(
      `${what} in the mock file`,
      async () => fs.readFileSync(mocks, 'utf8'),
      (text) => (typeof what === 'string' ? text === what : what.test(text)),
      45_000,
    );
  /** The rules of get_user, as they stand on the screen and in the file. */
  const order = async (names: readonly string[], timeoutMs = 45_000): Promise<void> => {
    await eventually(
      `the rules ${names}`,
      async () => {
        const found: { name: string; top: number }[] = [];
        for (const name of names) {
          const box = await row(new RegExp(`^${name}`)).boundingBox();
          if (box !== null) found.push({ name, top: box.y });
        }
        const shown = found.sort((a, b) => a.top - b.top).map(({ name }) => name);
        return { shown, toasts: await toasts() };
      },
      ({ shown }) => shown.join() === names.join(),
      timeoutMs,
    );
    await fileSays(new RegExp(names.map((name) => `"name": "${name}"`).join('[\\s\\S]*')));
  };
  /** Does it until it has happened: what comes before VS Code has told of the row that is meant is lost. */
  const untilOrder = async (act: () => Promise<void>, ...names: readonly string[]): Promise<void> => {
    for (let attempt = 0; ; attempt++) {
      await act();
      try {
        return await order(names, 20_000);
      } catch (error) {
        if (attempt === 2) throw error;
      }
    }
  };
  const answerTab = () => workbench.page.locator('.tab', { hasText: 'Answer to log' });
  /** F5 on greet, until it waits for an answer to `log`. */
  const untilAsked = async (isFirst: boolean): Promise<void> => {
    const { page } = workbench;
    await page.locator('.tab', { hasText: 'main.rs' }).first().click();
    await page.keyboard.press('F5');
    await question(page, 'Which method of hello').waitFor();
    if (isFirst) await typeMethod(page, 'greet');
    else await offered(page, /^greet/).waitFor();
    await takeMethod(page, 'greet');
    await giveParams(page, isFirst ? '{"name":"Ada"}' : undefined);
    await page.locator('.tab.active', { hasText: 'Answer to log' }).waitFor({ timeout: 60_000 });
    await eventually(
      'the params beside the answer',
      () => editorLines(page),
      (shown) => shown.some((line) => line.includes('Ada Lovelace')),
      45_000,
    );
  };

  it('a checkbox turns a rule off and on, that of a method all its rules', { skip }, async () => {
    const { page } = workbench;
    await quick(page, 'Control+P', 'main.rs');
    await page.locator('.tab', { hasText: 'main.rs' }).waitFor();
    await showHostMethods(page, 'get_user');
    await rowSays('get_user', /^get_user, mocked/);
    await turn('Ada', 'Ada', /· off$/);
    await fileSays(/"name": "Ada".*"utc_offset_hours": 0 \} \}, "disabled": true \},\n/);
    await rowSays('get_user', /1 off$/);
    await screenshot(page, 'host-methods-1-off');
    await turn('Ada', 'Ada', /no hits$/);
    await fileSays(MOCKS);
    await turn('get_user', 'get_user', /3 off$/);
    await fileSays(/(?:"disabled": true[\s\S]*){3}/);
    await turn('get_user', 'anyone', /no hits$/);
    await fileSays(MOCKS);
  });

  it('Alt+Down and Alt+Up move a rule, and Ctrl+Z takes that back', { skip }, async () => {
    const { page } = workbench;
    await choose(/^Ada/);
    await untilOrder(() => page.keyboard.press('Alt+ArrowDown'), 'anyone', 'Ada', 'nobody');
    await page.keyboard.press('Alt+ArrowDown');
    await order(['anyone', 'nobody', 'Ada']);
    await page.keyboard.press('Alt+ArrowUp');
    await order(['anyone', 'Ada', 'nobody']);
    await page.keyboard.press('Control+z');
    await order(['anyone', 'nobody', 'Ada']);
    // one at a time: VS Code gives a key that comes while it draws the tree anew to nobody
    await page.keyboard.press('Control+z');
    await order(['anyone', 'Ada', 'nobody']);
    await page.keyboard.press('Control+z');
    await order(['Ada', 'anyone', 'nobody']);
    await fileSays(MOCKS);
  });

  it('a rule is dragged to where another one stands', { skip }, async () => {
    const { page } = workbench;
    await untilOrder(() => row(/^nobody/).dragTo(row(/^Ada/)), 'nobody', 'Ada', 'anyone');
    await fileSays(/"nobody"[\s\S]*\/\/ the first of them\s+\{ "name": "Ada"/);
    await screenshot(page, 'host-methods-2-dragged');
    await page.keyboard.press('Control+z');
    await order(['Ada', 'anyone', 'nobody']);
  });

  it('goes to where the guest calls a method, though a function of its own does so', { skip }, async () => {
    const { page } = workbench;
    const item = await rowMenuItem(page, 'log', /Guest Function/);
    await screenshot(page, 'host-methods-3-menu');
    await item.click();
    const line = fs
      .readFileSync(testPlugin('hello/src/main.rs'), 'utf8')
      .split('\n')
      .findIndex((text) => text.includes('call(&host, "log"'));
    await eventually(
      'the place of the cursor',
      async () =>
        (await page
          .locator('.statusbar-item', { hasText: /^Ln \d/ })
          .first()
          .textContent()) ?? '',
      (shown) => shown.startsWith(`Ln ${line + 1},`),
    );
    await page.locator('.tab.active', { hasText: 'main.rs' }).waitFor();
  });

  it('Ctrl+Alt+Enter answers with an error, which the plugin gets', { skip }, async () => {
    const { page } = workbench;
    await untilAsked(true);
    // the answer is selected: what is typed takes its place, quotes too
    await page.keyboard.type('"the log is full"');
    await screenshot(page, 'host-methods-4-error');
    await eventually(
      'what was typed, and nothing else',
      () => editorLines(page),
      (lines) => lines.filter((text) => text !== '' && !text.startsWith('//')).join() === '"the log is full"',
    );
    await page.keyboard.press('Control+Alt+Enter');
    await consoleSays(page, /greet answered with error .*the log is full/);
    await answerTab().waitFor({ state: 'detached' });
    await sessionEnded(page);
    await showHostMethods(page, 'get_user');
    await rowSays('Ada', /1 hit$/);
    await fileSays(MOCKS);
  });

  it('Ctrl+Alt+Backspace answers never: the plugin waits, and that is told', { skip }, async () => {
    const { page } = workbench;
    await untilAsked(false);
    await page.keyboard.press('Control+Alt+Backspace');
    await answerTab().waitFor({ state: 'detached' });
    await consoleSays(page, /The call hangs: the plugin waits for the reply to `log` \(id 1\), which never comes\./);
    await screenshot(page, 'host-methods-5-never');
    await page.keyboard.press('Shift+F5');
    await sessionEnded(page);
  });
});
