// DESIGN.md's "Numbers to hold", held against what was measured. Pure. What can't be measured yet (stepping back) is not in it.
import type { PanelSpeed } from './panel.ts';
import type { Results } from './results.ts';

export type Verdict = 'met' | 'aim met' | 'NOT met' | 'not measured';

export interface NumberToHold {
  readonly name: string;
  readonly unit: string;
  /** Whether more is better. */
  readonly more: boolean;
  readonly worst: number;
  readonly aim: number;
  readonly measured: number | undefined;
  readonly verdict: Verdict;
}

function judged(
  name: string,
  unit: string,
  more: boolean,
  worst: number,
  aim: number,
  measured: number | undefined,
): NumberToHold {
  const reaches = (bound: number): boolean => measured !== undefined && (more ? measured >= bound : measured <= bound);
  const verdict: Verdict =
    measured === undefined || Number.isNaN(measured)
      ? 'not measured'
      : reaches(aim)
        ? 'aim met'
        : reaches(worst)
          ? 'met'
          : 'NOT met';
  return { name, unit, more, worst, aim, measured, verdict };
}

export function numbersToHold({
  workloads,
  rewriting,
  openings = [],
  mocks,
  launches,
  filters,
  hostMethods = [],
  panel,
}: Results): NumberToHold[] {
  const numbers: NumberToHold[] = [];
  for (const { plugin, method, cold, rows } of workloads) {
    if (cold || method !== 'prime_sieve') continue;
    const row = (id: string) => rows.find((one) => one.id === id);
    const where = `${method}, ${plugin}`;
    const armed = row('armed')?.cpu.best;
    const session = row('session')?.cpu.best;
    const wasmi = row('wasmi')?.cpu.best;
    numbers.push(
      judged(`fuel only, against raw V8 (${where})`, 'x', false, 1.3, 1.15, row('fuel')?.ratio),
      judged(`fuel + moments, against raw V8 (${where})`, 'x', false, 1.6, 1.35, row('moments')?.ratio),
    );
    // Statements are known of a build with DWARF only.
    if (plugin.endsWith('.debug'))
      numbers.push(
        judged(
          `fuel + moments + armed statements, against raw V8 (${where})`,
          'x',
          false,
          2,
          1.65,
          row('sites')?.ratio,
        ),
        judged(
          `all of it + armed statements, faster than wasmi by (${where})`,
          'x',
          true,
          5,
          9,
          wasmi === undefined || armed === undefined ? undefined : wasmi / armed,
        ),
        judged(
          `what F5 runs under, 20 breakpoints armed, against raw V8 (${where})`,
          'x',
          false,
          2,
          1.65,
          row('session')?.ratio,
        ),
        judged(
          `what F5 runs under, 20 breakpoints armed, faster than wasmi by (${where})`,
          'x',
          true,
          5,
          9,
          wasmi === undefined || session === undefined ? undefined : wasmi / session,
        ),
      );
  }
  for (const { plugin, first, second, line } of launches) {
    if (line !== undefined) {
      numbers.push(judged(`F5 to a breakpoint on a line (${plugin})`, 's', false, 1.5, 0.5, line.first.best / 1e3));
      numbers.push(
        judged(
          `F5 to a breakpoint on a line, unchanged plugin (${plugin})`,
          's',
          false,
          1.5,
          0.5,
          line.second.best / 1e3,
        ),
      );
    }
    numbers.push(judged(`F5 to the first stop (${plugin})`, 's', false, 1.5, 0.5, first.best / 1e3));
    numbers.push(judged(`F5 to the first stop, unchanged plugin (${plugin})`, 's', false, 1.5, 0.5, second.best / 1e3));
  }
  for (const { plugin, plan, coldSpeed, warmSpeed } of rewriting) {
    if (plan !== 'engine') continue;
    numbers.push(judged(`rewriting pass, cold (${plugin})`, 'MB/s', true, 10, 30, coldSpeed));
    numbers.push(judged(`rewriting pass, warm (${plugin})`, 'MB/s', true, 10, 30, warmSpeed));
  }
  for (const { plugin, cold, warm } of openings) {
    // of optimised builds the number says nothing: they have more of it
    if (!plugin.endsWith('.debug')) continue;
    const what = 'debug information opened for lines and functions';
    numbers.push(judged(`${what}, cold (${plugin})`, 'ms', false, 150, 75, cold.best));
    numbers.push(judged(`${what}, warm (${plugin})`, 'ms', false, 150, 75, warm.best));
  }
  for (const { plugin, rules, perSecond, share } of mocks) {
    // of many rules what is held is the number of the issue: raw V8 has a host that looks at nothing
    if (rules > 1) {
      if (!plugin.endsWith('.debug'))
        numbers.push(
          judged(
            `host calls answered by the last of ${rules} rules, a second (${plugin})`,
            '/s',
            true,
            20_000,
            30_000,
            perSecond,
          ),
        );
      continue;
    }
    numbers.push(
      plugin.endsWith('.debug')
        ? judged(`host calls answered by a mock, share of raw V8 (${plugin})`, '%', true, 70, 85, share * 100)
        : judged(`host calls answered by a mock, a second (${plugin})`, '/s', true, 20_000, 60_000, perSecond),
    );
  }
  for (const { shape, rules, stretch } of hostMethods)
    numbers.push(judged(`Host Methods, ${rules} ${shape}: longest work at a stretch`, 'ms', false, 50, 20, stretch));
  // of one order: what sorts takes longer, and shows what it has meanwhile
  const patterns = (filter: string): boolean => /^-?(text:)?\//.test(filter);
  const texts = (filter: string): boolean => !patterns(filter) && (!/^-?\w+:/.test(filter) || /^-?text:/.test(filter));
  for (const [what, all] of [
    ['columns', filters.filter(({ filter, order }) => order === '' && !texts(filter) && !patterns(filter))],
    ['text', filters.filter(({ filter, order }) => order === '' && texts(filter))],
    ['/pattern/', filters.filter(({ filter, order }) => order === '' && patterns(filter))],
  ] as const) {
    if (all.length === 0) continue;
    const slowest = Math.max(...all.map((one) => one.all.best));
    numbers.push(
      judged(`filter over ${all[0]?.rows} rows, the slowest token (${what})`, 'ms', false, 100, 50, slowest),
    );
  }
  return [...numbers, ...(typeof panel === 'object' ? panelNumbers(panel) : [])];
}

function panelNumbers({ rows, load, show, scroll, fling, memory, live }: PanelSpeed): NumberToHold[] {
  const bytes = memory.page + memory.model;
  return [
    judged(`panel: first paint of ${rows} rows, from the page's load`, 'ms', false, 300, 150, load.best),
    judged(`panel: first paint of ${rows} rows, from choosing the call`, 'ms', false, 300, 100, show.best),
    // a frame of 60 Hz, and what the clocks of frames leave open
    judged('panel: 95th percentile of frames, scrolling along', 'ms', false, 20, 17, scroll.p95),
    judged('panel: 95th percentile of frames, flung through all rows', 'ms', false, 34, 17, fling.p95),
    judged(`panel: memory of page and model, ${rows} rows`, 'MB', false, 150, 50, bytes),
    judged('panel: what it takes from a call of 20 000 events a second', '%', false, 5, 2, live.slowdown * 100),
    judged("panel: longest work of the model's thread at a stretch, a live call", 'ms', false, 50, 20, live.work),
    judged('panel: the longest frame, a live call', 'ms', false, 200, 50, live.frames.longest),
  ];
}
