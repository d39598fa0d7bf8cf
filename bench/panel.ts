// The transcript panel over a call of 100 000 rows that has ended: first paint, a scroll over all of it, memory, the filter's answer. The page is
// the one that ships, the model the real one; a bridge over Chromium's debugging port stands for VS Code's.
import type { Browser } from 'playwright-core';
import { findChromium, launchBrowser } from '../src/test/harness/browser.ts';
import { bundleFiles } from '../src/test/webview/panelPage.ts';
import { manyRows } from '../src/test/webview/sampleCall.ts';
import { type LivePanel, livePanel } from './panel-live.ts';
import { Calls, type Frames, heldHere, heldInPage, type MeasuredPanel, measuredPanel } from './panel-page.ts';
import { type Sample, sampleOf } from './sample.ts';

export interface PanelSpeed {
  readonly rows: number;
  /** ms from the beginning of the page's load to rows on the screen. */
  readonly load: Sample;
  /** ms that the page's own thread has worked by then, since the document was there. */
  readonly loadWork: Sample;
  /** ms from choosing the call in the panel to its rows on the screen. */
  readonly show: Sample;
  /** The whole list by the wheel, as fast as a free wheel spins, and at a speed at which one can still read along. */
  readonly fling: Frames;
  readonly scroll: Frames;
  readonly filters: readonly {
    readonly filter: string;
    readonly shown: number;
    /** ms from the model's being asked to its having looked at all rows. */
    readonly answer: Sample;
    /** ms from the query's leaving the page to its rows on the screen. */
    readonly seen: Sample;
  }[];
  /** Millions of bytes: of the page's scripts, and of the call's events and rows and all that answers the page. */
  readonly memory: { readonly page: number; readonly model: number };
  readonly live: LivePanel;
}

const FILTERS = ['method:echo', 'kind:error', 'errno:!0', 'fuel:>1000', 'id:3', 'text:"number 24999"', 'dir:out -echo'];

export interface PanelWork {
  readonly rows: number;
  readonly rounds: number;
  /** How long the live call takes. */
  readonly seconds: number;
}

/** The figures; a sentence where there is no Chromium. */
export async function panelSpeed(
  { rows, rounds, seconds }: PanelWork,
  say: (step: string) => void,
): Promise<PanelSpeed | string> {
  if (findChromium() === undefined) return 'The panel was not measured: there is no Chromium (CHROMIUM names one).';
  const browser = await launchBrowser();
  try {
    const files = await bundleFiles(true);
    say('panel: first paint');
    const load: number[] = [];
    const loadWork: number[] = [];
    const show: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const panel = await measuredPanel(browser, files, new Calls(manyRows(rows, 1)));
      load.push(await panel.ask<number>('firstRows'));
      loadWork.push(await panel.work());
      await panel.close();
      show.push(await shown(browser, files, rows));
    }
    const before = await heldHere();
    const panel = await measuredPanel(browser, files, new Calls(manyRows(rows, 1)));
    try {
      await panel.ask('firstRows');
      say('panel: scrolling');
      const fling = await panel.frames(() => wheel(panel, rows * 22, 400_000));
      await panel.ask('document.querySelector(".grid").scrollTop = 0');
      const scroll = await panel.frames(() => wheel(panel, 12_000, 3_000));
      say('panel: filters');
      const filters = [];
      for (const filter of FILTERS) filters.push(await filtered(panel, filter, rounds));
      const memory = { page: await heldInPage(panel), model: (await heldHere()) - before };
      say('panel: a live call');
      const live = await livePanel(browser, files, { rounds, seconds });
      return {
        rows,
        load: sampleOf(load),
        loadWork: sampleOf(loadWork),
        show: sampleOf(show),
        fling,
        scroll,
        filters,
        memory,
        live,
      };
    } finally {
      await panel.close();
    }
  } finally {
    await browser.close();
  }
}

async function shown(browser: Browser, files: Awaited<ReturnType<typeof bundleFiles>>, rows: number): Promise<number> {
  const calls = new Calls(manyRows(rows, 1), manyRows(10, 2));
  const panel = await measuredPanel(browser, files, calls);
  await panel.ask('firstRows');
  const took = await panel.ask<number>(`(async () => {
    const chooser = document.querySelector('select');
    chooser.value = '1';
    const began = performance.now();
    chooser.dispatchEvent(new Event('change', { bubbles: true }));
    const call = '"call":1,';
    await measure.until(() => measure.rows() && document.querySelector('.row').dataset.vscodeContext?.includes(call));
    return performance.now() - began;
  })()`);
  await panel.close();
  return took;
}

/** Turns the wheel by `pixels` in all, `speed` of them a second. */
async function wheel({ cdp }: MeasuredPanel, pixels: number, speed: number): Promise<void> {
  await cdp.send('Input.synthesizeScrollGesture', {
    x: 300,
    y: 300,
    yDistance: -pixels,
    speed,
    gestureSourceType: 'mouse',
    preventFling: true,
  });
}

async function filtered(panel: MeasuredPanel, filter: string, rounds: number): Promise<PanelSpeed['filters'][number]> {
  const answers: number[] = [];
  const seen: number[] = [];
  let passing = 0;
  const ask = (text: string) => panel.ask<{ ms: number; shown: number }>(`measure.filter(${JSON.stringify(text)})`);
  for (let round = 0; round < rounds; round++) {
    const { ms, shown } = await ask(filter);
    answers.push(panel.answered());
    seen.push(ms);
    passing = shown;
    await ask('');
  }
  return { filter, shown: passing, answer: sampleOf(answers), seen: sampleOf(seen) };
}
