// The transcript panel in headless Chromium with the model behind it, and what is measured inside the page: frames, rows that are there,
// memory. The bundle is the one that ships. Not the figures themselves: panel.ts and panel-live.ts.
import v8 from 'node:v8';
import vm from 'node:vm';
import type { Browser } from 'playwright-core';
import { type bundleFiles, openPanelPage, type PanelPage } from '../src/test/webview/panelPage.ts';
import { THEMES } from '../src/test/webview/themes.ts';
import { FakeWorld } from '../src/transcript/panel-fixture.ts';
import { PanelModel } from '../src/transcript/panelModel.ts';
import type { FromWebview, ToWebview } from '../src/transcript/protocol.ts';
import type { CallList, ShownCall } from '../src/transcript/shownCall.ts';

/** As wide as a window, as high as the panel area is made to read in it. */
const SIZE = { width: 1200, height: 400 };

/** Frames of the page while something goes on, in ms. */
export interface Frames {
  readonly count: number;
  readonly median: number;
  readonly p95: number;
  readonly longest: number;
  /** Frames in which a row in view had not come yet. */
  readonly blank: number;
  /** What the page's own thread works for a frame, ms: what is left when nothing else wants the machine's cores. */
  readonly work: number;
}

export class Calls implements CallList {
  calls: readonly ShownCall[];
  readonly #listeners = new Set<() => void>();
  constructor(...calls: ShownCall[]) {
    this.calls = calls;
  }
  onDidChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
  add(call: ShownCall): void {
    this.calls = [...this.calls, call];
    for (const listener of this.#listeners) listener();
  }
}

/**
 * `measure.rows()`: whether rows are in view and all of them have come. `measure.until(test)`: performance.now() of the frame behind the one in
 * which the test holds: what was drawn is on the screen then. `measure.frames`: of all frames from `begin` to `end`.
 */
const PROBE = `
  window.measure = {
    rows() {
      const grid = document.querySelector('.grid');
      if (!grid) return false;
      const { top, bottom } = grid.getBoundingClientRect();
      let seen = 0;
      for (const row of document.querySelectorAll('.row')) {
        const box = row.getBoundingClientRect();
        if (box.bottom <= top || box.top >= bottom) continue;
        if (!row.querySelector('.text')) return false;
        seen++;
      }
      return seen > 0;
    },
    until(test) {
      return new Promise((resolve) => {
        const look = () => {
          if (test()) requestAnimationFrame((now) => resolve(performance.now()));
          else requestAnimationFrame(look);
        };
        look();
      });
    },
    begin() {
      this.times = [];
      this.blank = 0;
      this.on = true;
      const frame = (now) => {
        if (!this.on) return;
        this.times.push(now);
        if (document.querySelector('.row') && !this.rows()) this.blank++;
        requestAnimationFrame(frame);
      };
      requestAnimationFrame(frame);
    },
    end() {
      this.on = false;
      return { times: this.times, blank: this.blank };
    },
  };
  // what the filter's question is answered with, and when that is on the screen
  const api = window.acquireVsCodeApi;
  let query;
  window.acquireVsCodeApi = () => {
    const { postMessage, ...others } = api();
    return {
      ...others,
      postMessage: (message) => {
        if (message.name === 'query') query = { token: message.token, sent: performance.now() };
        if (message.name === 'rows' && query?.generation === message.params.generation) query.rows = message.token;
        postMessage(message);
      },
    };
  };
  window.addEventListener('message', ({ data }) => {
    if (!query) return;
    if (data.type === 'response' && data.token === query.token) query.generation = data.result.generation;
    if (data.type === 'response' && data.token === query.rows) query.came = true;
    if (data.type === 'state' && data.state.generation === query.generation && !data.state.busy) query.shown = data.state.shown;
  });
  window.measure.filter = async (text) => {
    query = undefined;
    const field = document.querySelector('.filter input');
    field.value = text;
    field.dispatchEvent(new InputEvent('input', { bubbles: true }));
    const seen = await window.measure.until(() => query?.shown !== undefined && (query.came || query.shown === 0));
    return { ms: seen - query.sent, shown: query.shown };
  };
  window.firstRows = window.measure.until(() => window.measure.rows());
`;

export interface MeasuredPanel extends PanelPage {
  readonly model: PanelModel;
  /** ms from the last query's coming to the model to all rows' having been looked at. */
  readonly answered: () => number;
  /** Value of an expression in the page; promises are waited for. */
  ask<T>(expression: string): Promise<T>;
  frames(during: () => Promise<void>): Promise<Frames>;
  /** ms that the page's own thread has worked since it was opened. */
  work(): Promise<number>;
}

/** A page that has its model, and is still without rows. @param files of `bundleFiles(true)` */
export async function measuredPanel(
  browser: Browser,
  files: Awaited<ReturnType<typeof bundleFiles>>,
  calls: CallList,
): Promise<MeasuredPanel> {
  let asked = Number.NaN;
  let answered = Number.NaN;
  let early: ToWebview[] | undefined = [];
  let post = (message: ToWebview): void => {
    early?.push(message);
  };
  const model = new PanelModel(
    calls,
    new FakeWorld(),
    (message) => {
      if (message.type === 'state' && !message.state.busy && Number.isNaN(answered))
        answered = performance.now() - asked;
      post(message);
    },
    () => performance.now(),
  );
  const receive = (message: FromWebview): void => {
    if (message.type === 'request' && message.name === 'query') {
      asked = performance.now();
      answered = Number.NaN;
    }
    model.receive(message);
  };
  const page = await openPanelPage(browser, { files, receive, size: SIZE, theme: THEMES.dark, script: PROBE });
  post = page.post;
  for (const message of early) post(message);
  early = undefined;
  const ask = async <T>(expression: string): Promise<T> => (await page.page.evaluate(expression)) as T;
  await page.cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
  const work = async (): Promise<number> => {
    const { metrics } = await page.cdp.send('Performance.getMetrics');
    return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN) * 1e3;
  };
  return {
    ...page,
    model,
    answered: () => answered,
    ask,
    work,
    frames: async (during) => {
      await ask('measure.begin()');
      const before = await work();
      await during();
      const worked = (await work()) - before;
      const { times, blank } = await ask<{ times: number[]; blank: number }>('measure.end()');
      return { ...framesOf(times, blank), work: worked / Math.max(1, times.length) };
    },
    close: async () => {
      model.dispose();
      await page.close();
    },
  };
}

function framesOf(times: readonly number[], blank: number): Omit<Frames, 'work'> {
  const deltas = times.slice(1).map((time, index) => time - (times[index] ?? time));
  const sorted = deltas.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { count: deltas.length, median: at(0.5), p95: at(0.95), longest: sorted.at(-1) ?? Number.NaN, blank };
}

let collect: (() => void) | undefined;

/** Millions of bytes that this process holds, after collections: what hangs on a page that was closed is let go of only some turns later. */
export async function heldHere(): Promise<number> {
  if (!collect) {
    v8.setFlagsFromString('--expose-gc');
    collect = vm.runInNewContext('gc') as () => void;
  }
  for (let turn = 0; turn < 5; turn++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / 1e6;
}

/** Millions of bytes that the page's scripts hold, after a collection. */
export async function heldInPage({ cdp }: PanelPage): Promise<number> {
  await cdp.send('HeapProfiler.collectGarbage');
  const { usedSize } = await cdp.send('Runtime.getHeapUsage');
  return usedSize / 1e6;
}
