// Host methods without a host, as an author meets them: with no launch.json and no mock file, F5 pauses at an unknown host method; she answers by hand and
// keeps that as a mock, runs again without a pause, turns the mock into an error with two clicks, and sees the plugin's error path.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { giveParams, offered, question, takeMethod, typeMethod } from '../harness/call-questions.ts';
import { editorLines, eventually, pressUntil } from '../harness/debug-views.ts';
import { hostMethodSays, rowMenuItem, showHostMethods } from '../harness/host-methods-view.ts';
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

const MODULE = testPlugin('out/rust-pdk.release.wasm');
const BIG = '18446744073709551615';

describe('host methods, with no launch.json and no mock file', () => {
  const skip = fs.existsSync(MODULE) ? false : `${MODULE} is missing: run node test-plugins/build.ts`;
  let workbench: Workbench;
  let mocks: string;

  before(async () => {
    if (skip) return;
    const fill = (folder: string): void => {
      copyBuilt('rust-pdk', MODULE, folder);
      mocks = path.join(folder, '.vscode/plugin.mocks.jsonc');
    };
    const settings = { ...NO_CARGO, ...CONSOLE_IN_FRONT, 'workbench.colorTheme': 'Default Dark Modern' };
    workbench = await openOwnFolder('rust-pdk', fill, settings);
  });

  afterEach((test) => keepFailure(workbench, test));

  after(() => workbench?.close());

  const rowSays = (text: string, pattern: RegExp) => hostMethodSays(workbench.page, text, pattern);
  const fileSays = (pattern: RegExp) =>
    eventually(
      `${pattern} in the mock file`,
      async () => (fs.existsSync(mocks) ? fs.readFileSync(mocks, 'utf8') : ''),
      (text) => pattern.test(text),
    );
  /** F5, the method and its params, as the second time. */
  const callAgain = async (): Promise<void> => {
    const { page } = workbench;
    await pressUntil(page, 'F5', question(page, 'Which method of rust-pdk'));
    await offered(page, 'called before').waitFor();
    await takeMethod(page, 'echo');
    await giveParams(page);
  };

  it('knows the host method from the source before anything has run', { skip }, async () => {
    const { page } = workbench;
    await quick(page, 'Control+P', 'main.rs');
    await page.locator('.tab', { hasText: 'main.rs' }).waitFor();
    await showHostMethods(page, 'echo');
    await rowSays('echo', /^echo, not yet called/);
  });

  it('pauses at the unknown host method, with its params beside the answer', { skip }, async () => {
    const { page } = workbench;
    await page.locator('.tab', { hasText: 'main.rs' }).click();
    await page.keyboard.press('F5');
    await question(page, 'Which method of rust-pdk').waitFor();
    await typeMethod(page, 'echo');
    await takeMethod(page, 'echo');
    await giveParams(page, `{"message":${BIG}}`);
    await page.locator('.tab.active', { hasText: 'Answer to echo' }).waitFor();
    const lines = await eventually(
      'the params beside the answer',
      () => editorLines(page),
      (shown) => shown.some((line) => line.includes(BIG)) && shown.includes('null'),
    );
    assert.match(lines.join('\n'), /calls the host method echo and waits/);
    await showHostMethods(page, 'echo');
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
    await sessionEnded(page);
    await fileSays(new RegExp(`"echo": \\[\\s*\\{ "reply": \\{ "result": \\{ "by": "hand", "n": ${BIG} \\} \\} \\}`));
    await page.locator('.tab', { hasText: 'Answer to echo' }).waitFor({ state: 'detached' });
    await showHostMethods(page, 'echo');
    await rowSays('every call', new RegExp(`"n":\\s?${BIG}`));
    await screenshot(page, 'mocks-2-remembered');
  });

  it('runs again without a pause', { skip }, async () => {
    const { page } = workbench;
    await callAgain();
    await showHostMethods(page, 'echo');
    await rowSays('every call', /1 hit$/);
    await consoleSays(page, new RegExp(`echo returned \\{"by":"hand","n":${BIG}\\}`));
    await sessionEnded(page);
    await rowSays('echo', /^echo, mocked · 1 call/);
    await screenshot(page, 'mocks-3-again');
  });

  it('turns the mock into an error with two clicks, and the plugin takes its error path', { skip }, async () => {
    const { page } = workbench;
    const item = await rowMenuItem(page, 'echo', /^Mock with an Error$/);
    await screenshot(page, 'mocks-4-menu');
    await item.click();
    await rowSays('every call', /error -32000 mocked error of echo/);
    await fileSays(/"error": \{ "code": -32000, "message": "mocked error of echo" \}/);
    await callAgain();
    await consoleSays(page, /echo answered with error -32000 mocked error of echo/);
    await sessionEnded(page);
    await showHostMethods(page, 'echo');
    await screenshot(page, 'mocks-5-error');
  });
});
