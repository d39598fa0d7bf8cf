// A plugin that was built elsewhere, whose source is open, on the screen: a breakpoint of the editor counts, and of several calls on a line one is
// stepped into by its name. Pictures are kept in screenshots/, for eyes. (S1, S3, S6)
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import {
  arrowLine,
  callStackRows,
  editorLines,
  eventually,
  pressUntil,
  showDebugViews,
} from '../harness/debug-views.ts';
import { openWorkbench, screenshot, type Workbench } from '../harness/workbench.ts';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
/** Its debug information names /rust-calls/main.rs, which is nowhere. */
const crate = path.join(root, 'test-plugins/rust-calls');

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

const arrowAt = (page: Page, pattern: RegExp, timeoutMs?: number) =>
  eventually(
    `the arrow at ${pattern}`,
    () => arrowLine(page),
    (line) => pattern.test(line ?? ''),
    timeoutMs,
  );

describe('a plugin that was built elsewhere, whose source is open', () => {
  let workbench: Workbench;
  let base: string;

  before(async () => {
    base = fs.mkdtempSync(path.join(os.tmpdir(), 'wpd-'));
    const folder = path.join(base, 'rust-calls');
    fs.cpSync(crate, folder, { recursive: true });
    fs.mkdirSync(path.join(folder, '.vscode'));
    fs.writeFileSync(path.join(folder, '.vscode/launch.json'), JSON.stringify(LAUNCH));
    // one that is older than its source would be asked about
    const later = Date.now() / 1000 + 3600;
    fs.utimesSync(path.join(folder, 'level0.wasm'), later, later);
    workbench = await openWorkbench({ folder });
  });

  afterEach(async (test) => {
    if (workbench !== undefined && (test as { passed?: boolean }).passed === false)
      await screenshot(workbench.page, 'failed-built-elsewhere');
  });

  after(async () => {
    await workbench?.close();
    fs.rmSync(base, { recursive: true, force: true });
  });

  it('S3, S6: stops on the line of the file that is open', async () => {
    const { page } = workbench;
    const line = fs
      .readFileSync(path.join(crate, 'main.rs'), 'utf8')
      .split('\n')
      .findIndex((one) => one.includes('let nested'));
    await showDebugViews(page);
    const input = page.locator('.quick-input-widget:visible input').first();
    await pressUntil(page, 'Control+P', input);
    await input.fill(`main.rs:${line + 1}`);
    await page.locator('.quick-input-list .monaco-list-row.focused', { hasText: 'main.rs' }).waitFor();
    await page.keyboard.press('Enter');
    await eventually(
      'the line in the editor',
      () => editorLines(page),
      (lines) => lines.some((one) => /let nested =/.test(one)),
    );
    await page.keyboard.press('F9');
    await page.locator('.debug-breakpoints .monaco-list-row', { hasText: 'main.rs' }).waitFor();
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
    await eventually(
      'the callee above its caller',
      () => callStackRows(page),
      (rows) => /main::twice[\s\S]*_start/.test(rows.join('\n')),
    );
    await screenshot(page, 'built-elsewhere-3-into');
  });
});
