// The panel while things change: rows come, the debugger stops, calls begin, the view is hidden or made narrow; and the timeline strip. The
// bundle and the model are the real ones; VS Code is not there.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { eventually } from '../harness/debug-views.ts';
import { longMessageCall, manyRows, sampleCall } from './sampleCall.ts';
import { count, release, withPanel } from './samplePanel.ts';

after(release);

describe('the panel: alive', () => {
  it('follows the end, stays where one looks, and follows again', () => {
    const call = sampleCall();
    return withPanel([call], async (panel) => {
      const { page } = panel;
      const follow = page.getByRole('button', { name: 'Follow the End' });
      await eventually(
        'following',
        () => follow.getAttribute('aria-pressed'),
        (pressed) => pressed === 'true',
      );
      const last = async () => (await panel.labels()).at(-1) ?? '';
      call.filler.stderr('later one').flush();
      await eventually('the new row', last, (label) => label.includes('later one'));
      await page.mouse.move(300, 400);
      await page.mouse.wheel(0, -5000);
      await eventually(
        'let go',
        () => follow.getAttribute('aria-pressed'),
        (pressed) => pressed === 'false',
      );
      for (let index = 0; index < 50; index++) call.filler.stderr(`much later ${index}`);
      call.filler.flush();
      await eventually(
        'more rows',
        () => count(panel),
        (text) => text === '100 rows',
      );
      await eventually('the same rows', panel.labels, ([first = '']) => first.startsWith('request greet'));
      await follow.click();
      await eventually('the end', last, (label) => label.includes('much later 49'));
    });
  });

  it('marks where the debugger stands, goes there, and says so', () => {
    const call = manyRows(5000);
    call.state = 'running';
    return withPanel([call], async (panel) => {
      const { page } = panel;
      call.stopAt(2500);
      const present = page.locator('.row.present');
      await present.waitFor();
      await eventually(
        'its name',
        async () => (await present.getAttribute('aria-label')) ?? '',
        (label) => label.startsWith('The debugger stands here'),
      );
      await eventually(
        'the arrow',
        () => present.locator('.present-arrow').count(),
        (found) => found === 1,
      );
      await eventually(
        'what is said',
        () => page.locator('[role=status]').innerText(),
        (text) => text.includes('Stopped at row'),
      );
      // whoever has looked elsewhere since is left alone until the next stop
      await page.mouse.move(300, 400);
      await page.mouse.wheel(0, -3000);
      await eventually(
        'away',
        () => present.count(),
        (found) => found === 0,
      );
      call.stopAt(2500);
      await page.waitForTimeout(300);
      assert.equal(await present.count(), 0);
      call.stopAt(2501);
      await present.waitFor();
    });
  });

  it('the strip: a click goes to the row there; keys move, zoom, choose', () =>
    withPanel([sampleCall()], async (panel) => {
      const { page } = panel;
      const strip = page.getByRole('slider', { name: 'Timeline by fuel' });
      await page.locator('#strip-summary').waitFor({ state: 'attached' });
      await eventually(
        'its summary',
        () => page.locator('#strip-summary').innerText(),
        (text) => /messages, \d+ syscalls, \d+ log lines/.test(text),
      );
      const box = (await strip.boundingBox()) ?? assert.fail('it is not drawn');
      await page.mouse.click(box.x + 2, box.y + 20);
      await eventually(
        'a row',
        async () => panel.selected.length,
        (length) => length > 0,
      );
      await strip.focus();
      await page.keyboard.press('End');
      await page.keyboard.press('Enter');
      await eventually(
        'the last row',
        async () => panel.selected.at(-1),
        (row) => row === 48,
      );
      await strip.focus();
      await page.keyboard.press('+');
      await page.locator('.strip-hint', { hasText: 'double click' }).waitFor();
      await page.keyboard.press('Escape');
      await page.locator('.strip-hint', { hasText: /^fuel$/ }).waitFor();
      await page.getByRole('button', { name: /Switch to Time/ }).click();
      await page.getByRole('slider', { name: 'Timeline by time' }).waitFor();
    }));

  it('says how to begin where there was no call, and shows the first as it comes', () =>
    withPanel([], async (panel) => {
      const { page } = panel;
      await page.getByText('No plugin call so far.').waitFor();
      panel.calls.set(sampleCall());
      await panel.row('nobody answers').waitFor();
      panel.calls.set(sampleCall(), longMessageCall(100));
      await panel.row('bulk').waitFor();
      await page.getByRole('combobox', { name: 'Call' }).selectOption('1');
      await panel.row('nobody answers').waitFor();
    }));

  it('a view that was hidden comes back as it was', async () => {
    let kept: unknown;
    await withPanel([sampleCall()], async (panel) => {
      await panel.filter.fill('method:echo');
      await eventually(
        'filtered',
        () => count(panel),
        (text) => text === '7 of 49',
      );
      await panel.row('"number 2"').click();
      await panel.page.getByRole('tab', { name: 'Facts' }).click();
      kept = await eventually(
        'what is kept',
        () => panel.page.evaluate('window.keptState()') as Promise<Record<string, unknown> | undefined>,
        (state) => state?.['tab'] === 'facts' && state['selected'] !== undefined && state['filter'] === 'method:echo',
      );
    });
    await withPanel(
      [sampleCall()],
      async (panel) => {
        await eventually(
          'the filter',
          () => panel.filter.inputValue(),
          (text) => text === 'method:echo',
        );
        await eventually(
          'filtered',
          () => count(panel),
          (text) => text === '7 of 49',
        );
        await eventually(
          'selected',
          () => panel.page.locator('.row.selected').allInnerTexts(),
          (texts) => texts.length === 1 && /number 2/.test(texts[0] ?? ''),
        );
        await eventually(
          'the tab',
          () => panel.page.getByRole('tab', { name: 'Facts' }).getAttribute('aria-selected'),
          (selected) => selected === 'true',
        );
      },
      { state: kept },
    );
  });

  it('is wide or narrow: the details stand beside the rows, or below them', () =>
    withPanel(
      [sampleCall()],
      async (panel) => {
        await panel.row('nobody answers').click();
        await eventually(
          'the details below the rows',
          async () => [await panel.grid.boundingBox(), await panel.page.locator('.details').boundingBox()] as const,
          ([rows, details]) => rows !== null && details !== null && details.y >= rows.y + rows.height - 1,
        );
        const sash = panel.page.getByRole('separator');
        await sash.focus();
        await panel.page.keyboard.press('ArrowUp');
        await eventually(
          'kept',
          async () => panel.world.kept.details ?? 0,
          (share) => share > 0.42,
        );
      },
      { size: { width: 500, height: 600 } },
    ));
});
