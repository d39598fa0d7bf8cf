// The results as text: tables that a person reads, and that go into a closing note as they are. Pure.

import type { PanelSpeed } from './panel.ts';
import type { Frames } from './panel-page.ts';
import type { Report } from './results.ts';
import type { Sample } from './sample.ts';
import type { SourceSpeed } from './source.ts';

/** Columns as wide as their widest cell; the first is set to the left, the others to the right. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => [...(row[column] ?? '')].length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => {
        const pad = ' '.repeat((widths[column] ?? 0) - [...cell].length);
        return column === 0 ? cell + pad : pad + cell;
      })
      .join(' | ');
  const [head = [], ...body] = rows;
  const rule = widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [line(head), rule.join(' | '), ...body.map(line)].map((text) => `| ${text} |`).join('\n');
}

const number = (value: number, digits = 3): string =>
  Number.isNaN(value)
    ? '–'
    : value >= 10 ** digits
      ? Math.round(value).toLocaleString('en-US').replaceAll(',', ' ')
      : value.toPrecision(digits);
const bound = (value: number): string => (value >= 1_000 ? number(value) : String(value));
/** What the panel is to keep up with. */
const EVENTS_A_SECOND = 20_000;
const spread = ({ best, worst }: Sample): string => `${number(best)} – ${number(worst)}`;
const ratio = (value: number): string => (Number.isNaN(value) ? '–' : `${value.toFixed(2)}`);

function panelTables({ rows, load, loadWork, show, scroll, fling, filters, memory, live }: PanelSpeed): string[] {
  const frames = (about: string, { count, median, p95, longest, blank, work }: Frames): string[] => [
    about,
    number(count),
    number(median),
    number(p95),
    number(longest),
    number(blank),
    number(work),
  ];
  const times = (about: string, sample: Sample): string[] => [
    about,
    number(sample.best),
    number(sample.median),
    number(sample.worst),
  ];
  return [
    table([
      [`${number(rows)} rows, ms`, 'best', 'median', 'worst'],
      times('first paint, from the load', load),
      times("the page's own work in that", loadWork),
      times('first paint, from choosing the call', show),
      ...filters.flatMap(({ filter, shown, answer, seen }) => [
        times(`${filter} (${number(shown)} rows): said to be done`, answer),
        times(`${filter}: rows on the screen`, seen),
      ]),
      times(`live call, ${number(live.perSecond)} events a second, nobody looking`, live.alone),
      times('live call, the panel at its end', live.watched),
      times("the guest's thread in that, nobody looking", live.aloneCpu),
      times("the guest's thread in that, the panel at its end", live.watchedCpu),
    ]),
    table([
      ['frames', 'count', 'median ms', '95 % ms', 'longest ms', 'with rows still to come', 'own work, ms a frame'],
      frames('scrolling along', scroll),
      frames('flung through all rows', fling),
      frames('a live call', live.frames),
    ]),
    `Held: ${number(memory.page)} MB by the page's scripts, ${number(memory.model)} MB by the call's events, its rows and the model. The thread of the model in a live call: at most ${number(live.work)} ms of work at a stretch (without the panel ${number(live.aloneWork)} ms), timers up to ${number(live.late)} ms late (${number(live.aloneLate)} ms).`,
  ];
}

function sourceTables({ collections, conditions }: SourceSpeed): string[] {
  return [
    table([
      ['ms (best)', 'entries', 'rows of the frame', 'first 100', '100 amid', 'last 100'],
      ...collections.map(({ about, entries, frame, firstPage, middlePage, lastPage }) => [
        about,
        number(entries),
        ...[frame, firstPage, middlePage, lastPage].map(({ best }) => number(best)),
      ]),
    ]),
    table([
      ['a condition that never holds', 'looked at', 'a second'],
      ...conditions.map(({ condition, evaluated, perSecond }) => [condition, number(evaluated), number(perSecond)]),
    ]),
  ];
}

export function reportText(report: Report): string {
  const { machine } = report;
  const parts: string[] = [
    `${machine.cpu}, ${machine.cores} cores, ${machine.platform}; Node ${machine.node}, V8 ${machine.v8}; load ${machine.load.map((load) => load.toFixed(1)).join(' before, ')} after; ${report.seconds.toFixed(0)} s${report.quick ? ' (quick: the numbers mean little)' : ''}`,
  ];
  for (const { plugin, method, params, cold, rows } of report.workloads)
    parts.push(
      `${plugin}: ${method} ${params}${cold ? ', cold: from the bytes on' : ''}`,
      table([
        ['', 'thread ms (best)', 'ms (median)', 'spread', 'first', 'to raw V8', 'medians'],
        ...rows.map((row) => [
          row.about,
          number(row.cpu.best),
          number(row.wall.median),
          spread(row.wall),
          row.first === null ? '–' : number(row.first),
          ratio(row.ratio),
          ratio(row.medianRatio),
        ]),
      ]),
    );
  parts.push(
    'Rewriting',
    table([
      ['', 'code, MB', 'rewritten', 'cold ms (fuel + pass)', 'warm ms', 'cold MB/s', 'warm MB/s', 'with fuel'],
      ...report.rewriting.map((one) => [
        `${one.plugin}, ${one.plan}`,
        number(one.code / 1e6),
        number(one.rewritten / 1e6),
        `${number(one.cold.fuel.best)} + ${number(one.cold.rewrite.best)}`,
        `${number(one.warm.fuel.best)} + ${number(one.warm.rewrite.best)}`,
        number(one.coldSpeed),
        number(one.warmSpeed),
        number(one.warmSpeedWithFuel),
      ]),
    ]),
    'Opening debug information for lines and functions: ms of the thread',
    table([
      ['', 'module, MB', 'rows', 'cold (best)', 'lines + a function', 'cold, spread', 'warm'],
      ...report.openings.map((one) => [
        one.plugin,
        number(one.bytes / 1e6),
        number(one.rows),
        number(one.cold.best),
        `${number(one.lines.best)} + ${number(one.functions.best)}`,
        spread(one.cold),
        number(one.warm.best),
      ]),
    ]),
    'Host calls answered by a mock',
    table([
      ['', 'rules', 'calls', 'a second', 'raw V8', 'share', 'ms (median)', 'recording, bytes an event'],
      ...report.mocks.map((one) => [
        one.plugin,
        number(one.rules),
        number(one.calls),
        number(one.perSecond),
        number(one.rawPerSecond),
        `${(one.share * 100).toFixed(0)} %`,
        number(one.engine.median),
        number(one.bytesPerEvent),
      ]),
    ]),
    'Host Methods: work of the extension host, each at a stretch (ms)',
    table([
      ['', 'read, in all', 'its longest turn', 'which rule is which', 'rows', 'rows after a hit', 'with a near miss'],
      ...report.hostMethods.map(({ shape, rules, read, turn, follow, rows, refresh, miss }) => [
        `${number(rules)} ${shape}`,
        ...[read, turn, follow, rows, refresh, miss].map(({ best }) => number(best)),
      ]),
    ]),
    `The stack at an event: V8's own at every syscall, and a replay to it`,
    table([
      [
        '',
        'frames',
        'µs, captured',
        'and as text',
        `of ${EVENTS_A_SECOND} a second`,
        'bytes',
        'events',
        'call, ms',
        'to the last, ms',
        'again, ms (best)',
      ],
      ...report.stacks.map((one) => {
        const each = (way: Sample): number => ((way.best - one.without.best) / one.syscalls) * 1e3;
        return [
          one.plugin,
          number(one.frames),
          number(each(one.captured)),
          number(each(one.formatted)),
          `${((each(one.captured) / 1e6) * EVENTS_A_SECOND * 100).toFixed(0)} %`,
          number(one.bytes),
          number(one.events),
          number(one.recorded),
          number(one.first),
          number(one.replay.best),
        ];
      }),
    ]),
    'From F5 to the first stop',
    table([
      ['', 'MB', 'first, ms (best)', 'median', 'second, ms (best)', 'median'],
      ...report.launches.flatMap(({ plugin, bytes, first, second, line }) => {
        const row = (name: string, one: { readonly first: Sample; readonly second: Sample }): string[] => [
          name,
          number(bytes / 1e6),
          number(one.first.best),
          number(one.first.median),
          number(one.second.best),
          number(one.second.median),
        ];
        return [row(plugin, { first, second }), ...(line === undefined ? [] : [row(`${plugin}, on a line`, line)])];
      }),
    ]),
    'Variables of a frame with a large collection; conditions in a loop',
    ...(typeof report.source === 'string' ? [report.source] : sourceTables(report.source)),
    'Memory (MB resident)',
    table([
      ['', 'before', 'at most', 'a run takes', 'events'],
      ...report.memory.map(({ plugin, method, before, most, events }) => [
        `${plugin}: ${method}`,
        number(before),
        number(most),
        number(most - before),
        number(events),
      ]),
    ]),
    'Filter of the transcript',
    table([
      ['', 'order', 'rows', 'shown', 'ms (best)', 'median', 'first time', 'first page', 'longest slice'],
      ...report.filters.map((one) => [
        one.filter,
        one.order,
        number(one.rows),
        number(one.shown),
        number(one.all.best),
        number(one.all.median),
        number(one.first),
        number(one.page.median),
        number(one.slice),
      ]),
    ]),
    'Transcript panel',
    ...(typeof report.panel === 'string' ? [report.panel] : panelTables(report.panel)),
    'Numbers to hold (DESIGN.md)',
    table([
      ['', 'measured', 'no worse than', 'aim', ''],
      ...report.numbers.map(({ name, unit, worst, aim, measured, verdict }) => [
        name,
        measured === undefined ? '–' : `${number(measured)} ${unit}`,
        `${bound(worst)} ${unit}`,
        `${bound(aim)} ${unit}`,
        verdict,
      ]),
    ]),
  );
  return `${parts.join('\n\n')}\n`;
}
