// The panel in VS Code's default themes: axe finds nothing serious in any of its states, and pictures are left for eyes in screenshots/.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { after, describe, it } from 'node:test';
import type { AxeResults } from 'axe-core';
import { eventually } from '../harness/debug-views.ts';
import { picture } from './panelPage.ts';
import { sampleCall } from './sampleCall.ts';
import { openSample, release, type SamplePanel } from './samplePanel.ts';
import { THEMES } from './themes.ts';

const AXE = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

after(release);

/** What axe finds, a line for each element. */
async function faults({ page }: SamplePanel, state: string): Promise<string[]> {
  if (!(await page.evaluate('"axe" in window'))) await page.evaluate(AXE);
  const { violations } = (await page.evaluate('axe.run(document, { resultTypes: ["violations"] })')) as AxeResults;
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${state}: ${id}: ${target.join(' ')}: ${failureSummary}`),
    );
}

/** Through all that the panel can show; `look` is called in each state. */
async function tour(panel: SamplePanel, look: (state: string) => Promise<void>): Promise<void> {
  const { page } = panel;
  await page.locator('#strip-summary').waitFor({ state: 'attached' });
  await look('rows');
  await page.locator('.row', { hasText: 'no.such.method' }).last().click();
  await page.getByRole('tree', { name: 'Message' }).getByText('error', { exact: true }).click();
  await look('details');
  await page.getByRole('tab', { name: 'Facts' }).click();
  await look('facts');
  await page.getByRole('tab', { name: 'Stack' }).click();
  await page.locator('.frame').waitFor();
  await look('stack');
  await page.locator('.row', { hasText: 'stdout by mistake' }).click();
  await page.getByRole('tab', { name: 'Raw' }).click();
  await look('fault');
  await page.getByRole('button', { name: 'Show Bytes' }).click();
  await page.locator('.hex-line').first().waitFor();
  await look('bytes');
  await page.getByRole('button', { name: 'More Actions' }).click();
  await look('menu');
  await page.keyboard.press('Escape');
  await panel.filter.fill('me');
  await page.locator('.completion').first().waitFor();
  await page.keyboard.press('ArrowDown');
  await look('completion');
  await page.keyboard.press('Escape');
  await panel.filter.fill('fuel:abc');
  await page.locator('.mirror .wrong').waitFor();
  await look('problem');
  await panel.filter.fill('text:"there is no such text"');
  await page.getByText('No row matches the filter.').waitFor();
  await look('nothing');
  await panel.filter.fill('');
  await page.getByText(/^49 rows/).waitFor();
  panel.post({ type: 'reveal', row: 0, sendAgain: true });
  const field = page.getByRole('textbox', { name: /Params of/ });
  await field.fill('{"name": "Grace", ');
  await page.getByText(/^Not JSON/).waitFor();
  await panel.grid.focus();
  await page.keyboard.press('Control+f');
  await page.keyboard.type('echo');
  await eventually(
    'found',
    () => page.locator('.find-count').innerText(),
    (text) => text.includes('of'),
  );
  await page.getByRole('button', { name: 'Columns' }).click();
  await look('find and columns');
  await page.keyboard.press('Escape');
  panel.post({ type: 'reveal', row: 0, sendAgain: true });
  await field.waitFor();
  await look('form');
}

describe('the panel in its themes', () => {
  for (const [name, theme] of Object.entries(THEMES)) {
    it(`${name}: axe finds nothing serious`, async () => {
      const call = sampleCall();
      const panel = await openSample([call], { theme, history: ['method:echo', 'is:error'] });
      try {
        call.stopAt(call.store.length - 12);
        await panel.page.locator('.row.present').waitFor();
        const found: string[] = [];
        await tour(panel, async (state) => {
          found.push(...(await faults(panel, state)));
        });
        assert.deepEqual([...new Set(found)], []);
        assert.deepEqual(await panel.violations(), []);
      } finally {
        await panel.close();
      }
    });
  }

  for (const [name, theme] of Object.entries(THEMES)) {
    it(`${name}: pictures, as low as the panel area is and as high as it can be`, async () => {
      for (const height of [300, 700]) {
        const call = sampleCall();
        const panel = await openSample([call], { theme, size: { width: 1200, height }, history: ['method:echo'] });
        try {
          call.stopAt(call.store.length - 12);
          await panel.page.locator('.row.present').waitFor();
          await tour(panel, async (state) => {
            // let what was clicked settle: hover, focus, the strip's next picture
            await panel.page.waitForTimeout(150);
            await picture(panel.page, `panel-${name}-${height}-${state.replaceAll(' ', '-')}`);
          });
        } finally {
          await panel.close();
        }
      }
    });
  }
});
