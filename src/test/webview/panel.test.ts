// The transcript panel's page as a person uses it: keys, filter, find, details, sending again; and what a plugin must not be able to do to
// it. The bundle and the model are the real ones; VS Code is not there. Contracts E2, E4, P2, P3.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { FakeCall } from '../../transcript/panel-fixture.ts';
import { eventually } from '../harness/debug-views.ts';
import { longMessageCall, MARKUP, MAX, manyRows, sampleCall, TURNED } from './sampleCall.ts';
import { openSample, prepare, release, type SamplePanel } from './samplePanel.ts';

before(prepare);
after(release);

/** Runs `use` with a page, and checks at its end that nothing was thrown and nothing broke the page's policy. */
async function withPanel(calls: FakeCall[], use: (panel: SamplePanel) => Promise<void>, options = {}): Promise<void> {
  const panel = await openSample(calls, options);
  try {
    await use(panel);
    assert.deepEqual(await panel.violations(), []);
    assert.deepEqual(panel.errors, []);
  } finally {
    await panel.close();
  }
}

const count = (panel: SamplePanel) => panel.page.locator('.count').innerText();

describe('the panel: rows', () => {
  it('what happened, in order, with words for what colours and icons say', () =>
    withPanel([sampleCall()], async (panel) => {
      await panel.grid.focus();
      await panel.page.keyboard.press('Home');
      await eventually('the first row', panel.labels, (labels) => labels[0]?.startsWith('request greet') === true);
      const labels = await panel.labels();
      assert.match(labels[0] ?? '', new RegExp(`request greet, id 0, host to plugin, .*${MAX}`));
      const polls = labels.find((label) => label.startsWith('polls'));
      assert.match(polls ?? '', /polled 12 times/);
      await panel.page.keyboard.press('End');
      await panel.row('EBADF').waitFor();
      assert.equal(await panel.row('EBADF').locator('.errno').innerText(), 'EBADF');
      assert.match((await panel.row('stdout by mistake').getAttribute('aria-label')) ?? '', /^Fault/);
      assert.match((await panel.row('nobody answers').innerText()) ?? '', /pending/);
      assert.equal(await count(panel), '49 rows');
    }));

  it('E4: markup in a log line, turned text and controls are text, and run nothing', () =>
    withPanel([sampleCall()], async (panel) => {
      await panel.row('<img').waitFor();
      assert.equal(await panel.row('<img').locator('.c-summary .text').innerText(), MARKUP);
      assert.equal(await panel.page.locator('img, .row b, .row script').count(), 0);
      assert.equal(await panel.page.evaluate('window.hacked'), undefined);
      const turned = panel.row('order').locator('.c-summary .text');
      assert.equal(
        await turned.evaluate((element) => element.ownerDocument.defaultView.getComputedStyle(element).unicodeBidi),
        'isolate',
      );
      assert.doesNotMatch(await turned.innerText(), /\u202e/);
      await panel.row('order').click();
      await panel.page.getByRole('tab', { name: 'Raw' }).click();
      const raw = panel.page.locator('.raw-text');
      assert.match(await raw.innerText(), /order \u05e9\u05dc\u05d5\u05dd 42/);
      assert.ok(!(await raw.innerText()).includes(TURNED.slice(-8)), 'the override is not there as itself');
    }));

  it('keys: a walk through rows, details, and back', () =>
    withPanel([sampleCall()], async (panel) => {
      const { keyboard } = panel.page;
      const active = () => panel.grid.getAttribute('aria-activedescendant');
      await panel.grid.focus();
      await keyboard.press('Home');
      await eventually('the first', active, (id) => id === 'row-0');
      for (const _ of [1, 2, 3]) await keyboard.press('ArrowDown');
      await eventually('three down', active, (id) => id === 'row-3');
      await keyboard.press('ArrowUp');
      await eventually('one up', active, (id) => id === 'row-2');
      await keyboard.press('PageDown');
      await eventually('a page', active, (id) => Number(id?.slice(4)) > 10);
      await keyboard.press('End');
      await eventually('the end', active, (id) => id === 'row-48');
      await keyboard.press('Home');
      await panel.row('"number 0"').waitFor();
      await panel.row('"number 0"').click();
      await panel.grid.focus();
      const request = await active();
      await keyboard.press('Alt+ArrowDown');
      await eventually('the reply', active, (id) => id !== request);
      assert.match((await panel.page.locator('.row.selected').getAttribute('aria-label')) ?? '', /^result echo/);
      assert.equal(await panel.page.locator('.row.partner').count(), 1);
      await keyboard.press('Enter');
      const focused = () => panel.page.evaluate('document.activeElement.textContent');
      await eventually('the tabs', focused, (text) => text === 'Message');
      await keyboard.press('ArrowDown');
      await keyboard.press('ArrowDown');
      const tree = panel.page.getByRole('tree', { name: 'Message' });
      assert.match((await tree.getAttribute('aria-activedescendant')) ?? '', /message-0/);
      await keyboard.press('Escape');
      assert.equal(await panel.page.evaluate('document.activeElement.className'), 'grid');
      await keyboard.press('Escape');
      assert.equal(await panel.page.locator('.details').count(), 0);
      await keyboard.press('F6');
      assert.equal(await panel.page.evaluate('document.activeElement.getAttribute("aria-label")'), 'Filter');
    }));

  it('P3: of a hundred thousand rows only those in view are there, and the last is reached', () =>
    withPanel([manyRows(100_000)], async (panel) => {
      await panel.grid.focus();
      await panel.page.keyboard.press('End');
      await eventually('the last rows', panel.labels, (labels) => labels.at(-1)?.includes('"number 24') === true);
      assert.ok((await panel.page.locator('.row').count()) < 80);
      assert.match(await count(panel), /^1[\s\d]* rows$/);
    }));

  it('columns: hidden, wider, sorted; kept for the next time', () =>
    withPanel([sampleCall()], async (panel) => {
      const { page } = panel;
      await page.getByRole('button', { name: 'Columns' }).click();
      await page.getByRole('menuitemcheckbox', { name: 'Bytes' }).click();
      assert.equal(await page.getByRole('menuitemcheckbox', { name: 'Bytes' }).getAttribute('aria-checked'), 'false');
      await page.keyboard.press('Escape');
      assert.equal(await page.locator('.header .c-bytes').count(), 0);
      const name = page.locator('.header .c-name');
      const width = async () => (await name.boundingBox())?.width ?? 0;
      const before = await width();
      await name.locator('.sort').focus();
      await page.keyboard.press('Shift+ArrowRight');
      await eventually('ten pixels more', width, (wide) => wide === before + 10);
      const kept = panel.world.kept.columns ?? [];
      assert.ok(kept.some((one) => one.column === 'name' && one.width === before + 10));
      assert.ok(!kept.some((one) => one.column === 'bytes'));
      const fuel = page.locator('.header .c-fuel');
      await fuel.locator('.sort').click();
      await fuel.locator('.sort').click();
      assert.equal(await fuel.getAttribute('aria-sort'), 'descending');
      await eventually('the last one first', panel.labels, (labels) => labels[0]?.includes('nobody answers') === true);
      await fuel.locator('.sort').click();
      assert.equal(await fuel.getAttribute('aria-sort'), 'none');
    }));
});

describe('the panel: filter and find', () => {
  it('shows what passes, says what it does not understand, and comes back from nothing', () =>
    withPanel([sampleCall()], async (panel) => {
      const { page, filter } = panel;
      await filter.fill('method:echo');
      await eventually(
        'the count',
        () => count(panel),
        (text) => text === '7 of 49',
      );
      assert.ok((await panel.labels()).every((label) => label.includes(' echo')));
      await eventually(
        'what is said',
        () => page.locator('[role=status]').innerText(),
        (text) => text.includes('7 of 49'),
      );
      await filter.fill('bogus:3');
      await page.locator('.mirror .wrong').waitFor();
      assert.equal(await filter.getAttribute('aria-invalid'), 'true');
      await filter.fill('text:"there is no such text"');
      await page.getByText('No row matches the filter.').waitFor();
      await page.getByRole('button', { name: 'Clear Filter' }).last().click();
      await eventually(
        'all rows',
        () => count(panel),
        (text) => text === '49 rows',
      );
      assert.equal(await filter.inputValue(), '');
    }));

  it('completes, by keys', () =>
    withPanel([sampleCall()], async (panel) => {
      const { page, filter } = panel;
      await filter.focus();
      await page.keyboard.type('meth');
      await page.locator('.completion').first().waitFor();
      await page.keyboard.press('ArrowDown');
      assert.equal(await filter.getAttribute('aria-activedescendant'), 'completion-0');
      await page.keyboard.press('Enter');
      await eventually(
        'the key',
        () => filter.inputValue(),
        (text) => text === 'method:',
      );
      await page.locator('.completion', { hasText: 'storage.get' }).waitFor();
      await page.keyboard.type('sto');
      await page.locator('.completion', { hasText: 'storage.get' }).waitFor();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Tab');
      await eventually(
        'the value',
        () => filter.inputValue(),
        (text) => /^method:"?storage\.get/.test(text),
      );
      await eventually(
        'the rows',
        () => count(panel),
        (text) => text === '6 of 49',
      );
    }));

  it('remembers what was asked before', () =>
    withPanel(
      [sampleCall()],
      async (panel) => {
        const { page, filter } = panel;
        await filter.focus();
        await page.keyboard.press('ArrowUp');
        await eventually(
          'the last',
          () => filter.inputValue(),
          (text) => text === 'method:echo',
        );
        await page.keyboard.press('ArrowUp');
        await eventually(
          'the one before',
          () => filter.inputValue(),
          (text) => text === 'is:error',
        );
        await filter.fill('kind:stderr');
        await page.keyboard.press('Enter');
        await eventually(
          'kept',
          async () => panel.world.filters[0],
          (text) => text === 'kind:stderr',
        );
        await page.getByRole('button', { name: 'Earlier Filters' }).click();
        await page.getByRole('menuitem', { name: 'method:echo' }).click();
        await eventually(
          'chosen',
          () => filter.inputValue(),
          (text) => text === 'method:echo',
        );
      },
      { history: ['method:echo', 'is:error'] },
    ));

  it('finds, on and back, and says which it is', () =>
    withPanel([sampleCall()], async (panel) => {
      const { page } = panel;
      await panel.grid.focus();
      await page.keyboard.press('Home');
      await page.keyboard.press('Control+f');
      await page.keyboard.type('"number 3"');
      const said = () => page.locator('.find-count').innerText();
      await eventually('the first', said, (text) => text === '1 of 2');
      await page.keyboard.press('Enter');
      await eventually('the second', said, (text) => text === '2 of 2');
      await page.keyboard.press('Shift+Enter');
      await eventually('and back', said, (text) => text === '1 of 2');
      assert.match((await page.locator('.row.selected').getAttribute('aria-label')) ?? '', /^request storage\.get/);
      await page.keyboard.press('Escape');
      assert.equal(await page.getByRole('search').count(), 0);
      panel.post({ type: 'do', what: 'findNext' });
      await eventually(
        'by a command',
        async () => (await page.locator('.row.selected').getAttribute('aria-label')) ?? '',
        (label) => label.startsWith('result storage.get'),
      );
    }));
});

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
      assert.match(await page.locator('.raw-text').innerText(), new RegExp(`"times":${MAX}`));
      await page.getByRole('button', { name: 'Show Bytes' }).click();
      await page.getByText('{"jsonrpc":"2.0"').first().waitFor();
      assert.match(await page.locator('.hex-line').first().innerText(), /^00000000\s+7b 22 6a 73/);
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
      assert.ok(await page.getByRole('button', { name: 'Send', exact: true }).isDisabled());
      await page.keyboard.press('Control+Enter');
      assert.equal(panel.world.opened.length, 0);
      await field.fill(`{"times":${MAX}}`);
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
      assert.ok(performance.now() - began < 20_000);
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
    }));
});

describe('the panel: alive', () => {
  it('follows the end, stays where one looks, and follows again', () => {
    const call = sampleCall();
    return withPanel([call], async (panel) => {
      const { page } = panel;
      const follow = page.getByRole('button', { name: 'Follow the End' });
      assert.equal(await follow.getAttribute('aria-pressed'), 'true');
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
      assert.match((await panel.labels())[0] ?? '', /^request greet/);
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
      assert.match((await present.getAttribute('aria-label')) ?? '', /^The debugger stands here/);
      assert.equal(await present.locator('.present-arrow').count(), 1);
      await eventually(
        'what is said',
        () => page.locator('[role=status]').innerText(),
        (text) => text.includes('Stopped at row'),
      );
      // whoever has looked elsewhere since is left alone until the next run
      await page.mouse.move(300, 400);
      await page.mouse.wheel(0, -3000);
      await eventually(
        'away',
        () => present.count(),
        (found) => found === 0,
      );
      call.stopAt(2501);
      await page.waitForTimeout(300);
      assert.equal(await present.count(), 0);
      call.stopAt(undefined);
      call.stopAt(2600);
      await present.waitFor();
    });
  });

  it('the strip: a click goes to the row there; keys move, zoom, choose', () =>
    withPanel([sampleCall()], async (panel) => {
      const { page } = panel;
      const strip = page.getByRole('slider', { name: 'Timeline by fuel' });
      await page.locator('#strip-summary').waitFor({ state: 'attached' });
      assert.match(await page.locator('#strip-summary').innerText(), /messages, \d+ syscalls, \d+ log lines/);
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
      kept = await panel.page.evaluate('window.keptState()');
    });
    await withPanel(
      [sampleCall()],
      async (panel) => {
        assert.equal(await panel.filter.inputValue(), 'method:echo');
        await eventually(
          'filtered',
          () => count(panel),
          (text) => text === '7 of 49',
        );
        await eventually(
          'selected',
          () => panel.page.locator('.row.selected').count(),
          (found) => found === 1,
        );
        assert.match(await panel.page.locator('.row.selected').innerText(), /number 2/);
        assert.equal(await panel.page.getByRole('tab', { name: 'Facts' }).getAttribute('aria-selected'), 'true');
      },
      { state: kept },
    );
  });

  it('is wide or narrow: the details stand beside the rows, or below them', () =>
    withPanel(
      [sampleCall()],
      async (panel) => {
        await panel.row('nobody answers').click();
        const rows = await panel.grid.boundingBox();
        const details = await panel.page.locator('.details').boundingBox();
        assert.ok(rows && details && details.y >= rows.y + rows.height - 1);
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
