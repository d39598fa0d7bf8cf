// The panel's rows, filter and find as a person uses them: keys, columns, completion, history; and what a plugin must not be able to do to
// it. The bundle and the model are the real ones; VS Code is not there. Contracts E4, P3.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { eventually } from '../harness/debug-views.ts';
import { MARKUP, MAX, manyRows, sampleCall, TURNED } from './sampleCall.ts';
import { count, release, withPanel } from './samplePanel.ts';

after(release);

describe('the panel: rows', () => {
  it('what happened, in order, with words for what colours and icons say', () =>
    withPanel([sampleCall()], async (panel) => {
      await panel.grid.focus();
      await panel.page.keyboard.press('Home');
      const labels = await eventually(
        'the first rows',
        panel.labels,
        (found) => found[0]?.startsWith('request greet') === true && found.some((label) => label.startsWith('polls')),
      );
      assert.match(labels[0] ?? '', new RegExp(`request greet, id 0, host to plugin, .*${MAX}`));
      const polls = labels.find((label) => label.startsWith('polls'));
      assert.match(polls ?? '', /polled 12 times/);
      await panel.page.keyboard.press('End');
      await panel.row('EBADF').waitFor();
      assert.equal(await panel.row('EBADF').locator('.errno').innerText(), 'EBADF');
      assert.match((await panel.row('stdout by mistake').getAttribute('aria-label')) ?? '', /^Fault/);
      assert.match((await panel.row('nobody answers').innerText()) ?? '', /pending/);
      await eventually(
        'the count',
        () => count(panel),
        (text) => text === '49 rows',
      );
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
      await eventually(
        'the line',
        () => raw.innerText(),
        (text) => /order \u05e9\u05dc\u05d5\u05dd 42/.test(text),
      );
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
      const request = `row-${await panel.row('"number 0"').getAttribute('data-index')}`;
      await panel.row('"number 0"').click();
      await panel.grid.focus();
      await eventually('the request', active, (id) => id === request);
      await keyboard.press('Alt+ArrowDown');
      await eventually('the reply', active, (id) => id !== request);
      await eventually('its name', panel.chosen, (label) => label.startsWith('result echo'));
      const there = (what: string) => () => panel.page.locator(what).count();
      await eventually('its partner', there('.row.partner'), (found) => found === 1);
      const tree = panel.page.getByRole('tree', { name: 'Message' });
      await tree.getByRole('treeitem').first().waitFor();
      await keyboard.press('Enter');
      const focused = () => panel.page.evaluate('document.activeElement.textContent');
      await eventually('the tabs', focused, (text) => text === 'Message');
      await keyboard.press('ArrowDown');
      await keyboard.press('ArrowDown');
      const inTree = () => tree.getAttribute('aria-activedescendant');
      await eventually('into the tree', inTree, (id) => /message-0/.test(id ?? ''));
      await keyboard.press('Escape');
      const className = () => panel.page.evaluate('document.activeElement.className');
      await eventually('back in the rows', className, (name) => name === 'grid');
      await keyboard.press('Escape');
      await eventually('no details', there('.details'), (found) => found === 0);
      const named = () => panel.page.evaluate('document.activeElement.getAttribute("aria-label")');
      await keyboard.press('Shift+F6');
      await eventually('the strip', named, (name) => name === 'Timeline by fuel');
      await keyboard.press('Shift+F6');
      await eventually('the filter', named, (name) => name === 'Filter');
    }));

  it('P3: of a hundred thousand rows only those in view are there, and the last is reached', () =>
    withPanel([manyRows(100_000)], async (panel) => {
      await panel.grid.focus();
      await panel.page.keyboard.press('End');
      await eventually('the last rows', panel.labels, (labels) => labels.at(-1)?.includes('"number 24') === true);
      assert.ok((await panel.page.locator('.row').count()) < 80);
      await eventually(
        'the count',
        () => count(panel),
        (text) => /^1[\s\d]* rows$/.test(text),
      );
    }));

  it('more rows than a scroll bar has pixels: a wheel moves by rows, keys reach both ends', () =>
    withPanel([manyRows(720_000)], async (panel) => {
      const { page } = panel;
      // while they come, it says how many of how many
      const all = await eventually(
        'all of them',
        () => count(panel),
        (text) => / rows$/.test(text) && Number(text.replace(/\D/g, '')) >= 720_000,
        240_000,
      );
      const total = Number(all.replace(/\D/g, ''));
      await panel.grid.focus();
      await page.keyboard.press('End');
      const ends = async (): Promise<number[]> => {
        const places = await page.locator('.row').evaluateAll((all) => all.map((row) => Number(row.dataset.index)));
        return [Math.min(...places), Math.max(...places)];
      };
      await eventually('the last', ends, ([, last]) => last === total - 1);
      await page.keyboard.press('Home');
      await eventually('the first', ends, ([first]) => first === 0);
      await page.mouse.move(300, 400);
      for (let turn = 1; turn <= 10; turn++) await page.mouse.wheel(0, 220);
      // ten rows a turn, and twelve are drawn above those in view
      await eventually('a hundred rows on', ends, ([first]) => first === 88);
      await eventually('they have come', panel.labels, (labels) => labels.every((label) => label !== 'Loading'));
    }));

  it('columns: hidden, wider, sorted; kept for the next time', () =>
    withPanel([sampleCall()], async (panel) => {
      const { page } = panel;
      await page.getByRole('button', { name: 'Columns' }).click();
      const bytes = page.getByRole('menuitemcheckbox', { name: 'Bytes' });
      await bytes.click();
      await eventually(
        'unchecked',
        () => bytes.getAttribute('aria-checked'),
        (checked) => checked === 'false',
      );
      await page.keyboard.press('Escape');
      await page.locator('.header .c-bytes').waitFor({ state: 'detached' });
      const name = page.locator('.header .c-name');
      const width = async () => (await name.boundingBox())?.width ?? 0;
      const before = await eventually('a width', width, (wide) => wide > 0);
      await name.locator('.sort').focus();
      await page.keyboard.press('Shift+ArrowRight');
      await eventually('ten pixels more', width, (wide) => wide === before + 10);
      const kept = await eventually(
        'what is kept',
        async () => panel.world.kept.columns ?? [],
        (columns) => columns.some((one) => one.column === 'name' && one.width === before + 10),
      );
      assert.ok(!kept.some((one) => one.column === 'bytes'));
      const fuel = page.locator('.header .c-fuel');
      const sorted = () => fuel.getAttribute('aria-sort');
      await fuel.locator('.sort').click();
      await eventually('ascending', sorted, (order) => order === 'ascending');
      await fuel.locator('.sort').click();
      await eventually('descending', sorted, (order) => order === 'descending');
      await eventually('the last one first', panel.labels, (labels) => labels[0]?.includes('nobody answers') === true);
      await fuel.locator('.sort').click();
      await eventually('in order', sorted, (order) => order === 'none');
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
      await eventually('the rows', panel.labels, (labels) => labels.every((label) => label.includes(' echo')));
      await eventually(
        'what is said',
        () => page.locator('[role=status]').innerText(),
        (text) => text.includes('7 of 49'),
      );
      await filter.fill('bogus:3');
      await page.locator('.mirror .wrong').waitFor();
      await eventually(
        'invalid',
        () => filter.getAttribute('aria-invalid'),
        (invalid) => invalid === 'true',
      );
      await filter.fill('text:"there is no such text"');
      await page.getByText('No row matches the filter.').waitFor();
      await page.getByRole('button', { name: 'Clear Filter' }).last().click();
      await eventually(
        'all rows',
        () => count(panel),
        (text) => text === '49 rows',
      );
      await eventually(
        'no filter',
        () => filter.inputValue(),
        (text) => text === '',
      );
    }));

  it('completes, by keys', () =>
    withPanel([sampleCall()], async (panel) => {
      const { page, filter } = panel;
      await filter.focus();
      await page.keyboard.type('meth');
      await page.locator('.completion').first().waitFor();
      await page.keyboard.press('ArrowDown');
      await eventually(
        'the first',
        () => filter.getAttribute('aria-activedescendant'),
        (id) => id === 'completion-0',
      );
      await page.keyboard.press('Enter');
      await eventually(
        'the key',
        () => filter.inputValue(),
        (text) => text === 'method:',
      );
      await page.locator('.completion', { hasText: 'storage.get' }).waitFor();
      await page.keyboard.type('sto');
      await eventually(
        'what begins so',
        () => page.locator('.completion').allInnerTexts(),
        (texts) => texts.length > 0 && texts.every((text) => text.includes('storage.')),
      );
      await page.keyboard.press('ArrowDown');
      await eventually(
        'the first of them',
        () => filter.getAttribute('aria-activedescendant'),
        (id) => id === 'completion-0',
      );
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
      await eventually('the request', panel.chosen, (label) => label.startsWith('request storage.get'));
      await page.keyboard.press('Escape');
      await page.getByRole('search').waitFor({ state: 'detached' });
      panel.post({ type: 'do', what: 'findNext' });
      await eventually('by a command', panel.chosen, (label) => label.startsWith('result storage.get'));
    }));
});
