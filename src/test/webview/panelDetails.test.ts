// The panel's details: message, line, bytes, stack, doors, the form for sending a call again. The bundle and the model are the real ones; VS
// Code is not there. Contracts E2, P2.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { eventually } from '../harness/debug-views.ts';
import { longMessageCall, MAX, sampleCall } from './sampleCall.ts';
import { release, withPanel } from './samplePanel.ts';

after(release);

describe('the panel: details', () => {
  it('P2: a message as a tree with its digits, its line, its bytes, and its stack only when it is asked for', () =>
    withPanel([sampleCall()], async (panel) => {
      const { page } = panel;
      await panel.grid.focus();
      await page.keyboard.press('Home');
      await panel.row('greet').click();
      const tree = page.getByRole('tree', { name: 'Message' });
      await tree.getByText('params', { exact: true }).click();
      await tree.getByText(MAX, { exact: true }).waitFor();
      await page.getByRole('tab', { name: 'Raw' }).click();
      await eventually(
        'the line',
        () => page.locator('.raw-text').innerText(),
        (text) => text.includes(`"times":${MAX}`),
      );
      await page.getByRole('button', { name: 'Show Bytes' }).click();
      await page.locator('.hex-line', { hasText: '{"jsonrp' }).waitFor();
      await eventually(
        'the first bytes',
        () => page.locator('.hex-line').first().innerText(),
        (text) => /^00000000\s+7b 22 6a 73/.test(text),
      );
      assert.equal(panel.world.stacks, 0);
      await page.getByRole('tab', { name: 'Stack' }).click();
      await page.locator('.frame').click();
      await eventually(
        'the door',
        async () => panel.world.opened.at(-1),
        (door) => door?.[0] === 'revealFunction' && door[2].frame?.func === 1,
      );
      assert.equal(panel.world.stacks, 1);
    }));

  it('sends a call again with edited params: only JSON, and every digit of it', () =>
    withPanel([sampleCall()], async (panel) => {
      const { page } = panel;
      panel.post({ type: 'reveal', row: 0, sendAgain: true });
      const field = page.getByRole('textbox', { name: /Params of/ });
      await field.waitFor();
      await eventually(
        'the focus',
        () => page.evaluate('document.activeElement.id'),
        (id) => id === 'send-again-params',
      );
      await field.fill(`{"times":${MAX}`);
      await page.getByText(/^Not JSON/).waitFor();
      await eventually(
        'no way to send it',
        () => page.getByRole('button', { name: 'Send', exact: true }).isDisabled(),
        (disabled) => disabled,
      );
      await page.keyboard.press('Control+Enter');
      assert.equal(panel.world.opened.length, 0);
      await field.fill(`{"times":${MAX}}`);
      await page.getByText(/^Not JSON/).waitFor({ state: 'detached' });
      await page.keyboard.press('Control+Enter');
      await eventually(
        'it is sent',
        async () => panel.world.opened.length,
        (length) => length === 1,
      );
      assert.deepEqual(panel.world.opened[0]?.slice(0, 2), ['sendAgain', 0]);
      assert.equal(panel.world.opened[0]?.[2].params, `{"times":${MAX}}`);
      await field.waitFor({ state: 'detached' });
    }));

  it('doors: buttons and a menu; a refusal is said', () =>
    withPanel([sampleCall()], async (panel) => {
      const { page } = panel;
      await panel.row('nobody answers').click();
      await page.getByRole('button', { name: 'Run to Here' }).click();
      await page.getByRole('button', { name: 'More Actions' }).click();
      await page.getByRole('menuitem', { name: 'Copy as JSON' }).click();
      await eventually(
        'both',
        async () => panel.world.opened.map(([door]) => door),
        (doors) => doors.length === 2,
      );
      assert.deepEqual(
        panel.world.opened.map(([door]) => door),
        ['runToHere', 'copyJson'],
      );
      panel.world.open = () => Promise.reject(new Error('The plugin is not there any more.'));
      await page.getByRole('button', { name: 'Run to Here' }).click();
      await page.getByRole('alert').getByText('The plugin is not there any more.').waitFor();
    }));

  it('E2: a message of 10 MB opens a page at a time', () =>
    withPanel([longMessageCall(10_000_000)], async (panel) => {
      const { page } = panel;
      const began = performance.now();
      await panel.row('bulk').waitFor();
      await page.locator('.row').nth(1).click();
      const tree = page.getByRole('tree', { name: 'Message' });
      await tree.getByText('result', { exact: true }).waitFor();
      await tree.getByText('result', { exact: true }).click();
      await tree.getByText(/more$/).waitFor();
      assert.ok((await tree.getByRole('treeitem').count()) < 120);
      assert.ok(performance.now() - began < 60_000);
      await page.getByRole('tab', { name: 'Raw' }).click();
      await page.getByText(/cut here: the line has 10.MB/).waitFor();
      await page.getByRole('button', { name: 'Show Bytes' }).click();
      await page.locator('.hex').focus();
      await page.keyboard.press('End');
      await eventually(
        'the last bytes',
        () => page.locator('.hex-line').last().innerText(),
        (text) => text.includes(']}'),
      );
      // lines of sixteen bytes, and of eight again: the same bytes stay in view
      const bytesInLine = () => page.locator('.hex-bytes').last().innerText();
      for (const [width, inLine] of [
        [2600, 16],
        [1200, 8],
      ] as const) {
        await page.setViewportSize({ width, height: 700 });
        await eventually(
          `the last bytes, ${inLine} in a line`,
          async () => [await bytesInLine(), await page.locator('.hex-line').last().innerText()],
          ([bytes, text]) => (bytes ?? '').length > 3 * (inLine - 8) && (text ?? '').includes(']}'),
          10_000,
        );
      }
    }));
});
