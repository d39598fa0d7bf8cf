// The results as text: tables that a person reads, and that go into a closing note as they are. Pure.
import type { Report } from './results.ts';
import type { Sample } from './sample.ts';

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
        `${number(one.cold.fuel)} + ${number(one.cold.rewrite)}`,
        `${number(one.warm.fuel.best)} + ${number(one.warm.rewrite.best)}`,
        number(one.coldSpeed),
        number(one.warmSpeed),
        number(one.warmSpeedWithFuel),
      ]),
    ]),
    'Host calls answered by a mock',
    table([
      ['', 'calls', 'a second', 'raw V8', 'share', 'ms (median)', 'recording, bytes an event'],
      ...report.mocks.map((one) => [
        one.plugin,
        number(one.calls),
        number(one.perSecond),
        number(one.rawPerSecond),
        `${(one.share * 100).toFixed(0)} %`,
        number(one.engine.median),
        number(one.bytesPerEvent),
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
      ...report.launches.map(({ plugin, bytes, first, second }) => [
        plugin,
        number(bytes / 1e6),
        number(first.best),
        number(first.median),
        number(second.best),
        number(second.median),
      ]),
    ]),
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
