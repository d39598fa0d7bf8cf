// The panel's page with the real model behind it, over calls that are filled by hand: what the tests of the page alone have in common.
import assert from 'node:assert/strict';
import type { Browser, Locator, Page } from 'playwright-core';
import { type FakeCall, FakeCalls, FakeWorld } from '../../transcript/panel-fixture.ts';
import { PanelModel } from '../../transcript/panelModel.ts';
import type { FromWebview, RequestName, ToWebview } from '../../transcript/protocol.ts';
import { launchBrowser } from '../harness/browser.ts';
import { bundleFiles, openPanelPage, type PanelPage, type PanelPageOptions } from './panelPage.ts';
import { THEMES } from './themes.ts';

let started: Promise<[Browser, ReadonlyMap<string, Uint8Array>]> | undefined;

/** The browser, and the page's files: once for a test file, when its first test needs them. */
const prepared = (): Promise<[Browser, ReadonlyMap<string, Uint8Array>]> => {
  started ??= Promise.all([launchBrowser(), bundleFiles()]);
  return started;
};

/** Ends the browser. Every file that opens a page does so behind its tests. */
export async function release(): Promise<void> {
  if (started) await (await started)[0].close();
}

export interface SamplePanel extends PanelPage {
  readonly world: FakeWorld;
  readonly calls: FakeCalls;
  readonly model: PanelModel;
  /** Names of the requests that the page has made. */
  readonly asked: RequestName[];
  readonly selected: (number | undefined)[];
  /** Errors that the page has thrown or logged. */
  readonly errors: string[];
  readonly grid: Locator;
  readonly filter: Locator;
  row(text: string | RegExp): Locator;
  /** Accessible names of the rows that are drawn, from top to bottom. */
  labels(): Promise<string[]>;
  /** Accessible name of the row that is selected; '' when it is not drawn. */
  chosen(): Promise<string>;
}

type Options = Partial<Pick<PanelPageOptions, 'size' | 'theme' | 'state' | 'reducedMotion'>> & {
  readonly history?: string[];
};

export async function openSample(calls: readonly FakeCall[], options: Options = {}): Promise<SamplePanel> {
  const [browser, files] = await prepared();
  const list = new FakeCalls();
  list.calls = calls;
  const world = new FakeWorld();
  world.filters.push(...(options.history ?? []));
  const asked: RequestName[] = [];
  const selected: (number | undefined)[] = [];
  let early: ToWebview[] | undefined = [];
  let post = (message: ToWebview): void => {
    early?.push(message);
  };
  const model = new PanelModel(
    list,
    world,
    (message) => post(message),
    () => performance.now(),
  );
  const receive = (message: FromWebview): void => {
    if (message.type === 'request') asked.push(message.name);
    else if (message.type === 'selected') selected.push(message.row);
    model.receive(message);
  };
  const opened = await openPanelPage(browser, { theme: THEMES.dark, ...options, files, receive });
  post = opened.post;
  for (const message of early) post(message);
  early = undefined;
  const { page } = opened;
  const errors = watchErrors(page);
  const grid = page.getByRole('grid');
  if (calls.some((call) => call.store.length > 0)) await page.locator('.row .cell .text').first().waitFor();
  return {
    ...opened,
    world,
    calls: list,
    model,
    asked,
    selected,
    errors,
    grid,
    filter: page.getByRole('combobox', { name: 'Filter' }),
    row: (text) => page.locator('.row', { hasText: text }).first(),
    labels: async () => {
      const rows = await page
        .locator('.row')
        .evaluateAll((all) =>
          all.map((one) => [Number(one.getAttribute('data-index')), one.getAttribute('aria-label') ?? ''] as const),
        );
      return rows.sort(([a], [b]) => a - b).map(([, label]) => label);
    },
    chosen: async () => {
      const [row] = await page
        .locator('.row.selected')
        .evaluateAll((all) => all.map((one) => one.getAttribute('aria-label') ?? ''));
      return row ?? '';
    },
    close: async () => {
      model.dispose();
      await opened.close();
    },
  };
}

/** Runs `use` with a page, and checks at its end that nothing was thrown and nothing broke the page's policy. */
export async function withPanel(
  calls: readonly FakeCall[],
  use: (panel: SamplePanel) => Promise<void>,
  options: Options = {},
): Promise<void> {
  const panel = await openSample(calls, options);
  try {
    await use(panel);
    assert.deepEqual(await panel.violations(), []);
    assert.deepEqual(panel.errors, []);
  } finally {
    await panel.close();
  }
}

/** What stands beside the filter: `37 of 1 204`. */
export const count = (panel: SamplePanel) => panel.page.locator('.count').innerText();

function watchErrors(page: Page): string[] {
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  return errors;
}
