// The timeline strip's arithmetic: places on an axis and pixels, zoom and pan, ticks, lanes. Pure.
import type { Strip } from '../protocol.ts';

/** A part of the axis. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

export const xOf = (at: number, { from, to }: Range, width: number): number =>
  to > from ? ((at - from) / (to - from)) * width : 0;

export const atX = (x: number, { from, to }: Range, width: number): number =>
  width > 0 ? from + (Math.max(0, Math.min(width, x)) / width) * (to - from) : from;

/** The smallest part that can be looked at: of fuel a unit for each of some pixels, of time as fine as clocks are. */
const LEAST = { fuel: 50, time: 0.05 } as const;

/** Zooms by `factor` (below 1: in) so that `at` stays where it is. Undefined: all of it. */
export function zoomed(range: Range, at: number, factor: number, end: number, axis: Strip['axis']): Range | undefined {
  const length = Math.max(LEAST[axis], (range.to - range.from) * factor);
  if (length >= end) return undefined;
  const share = range.to > range.from ? (at - range.from) / (range.to - range.from) : 0.5;
  return within({ from: at - share * length, to: at + (1 - share) * length }, end);
}

/** Moves a range, keeping its length, so that it lies in [0, end]. */
export function within({ from, to }: Range, end: number): Range {
  const length = Math.min(to - from, end);
  const start = Math.max(0, Math.min(from, end - length));
  return { from: start, to: start + length };
}

/** Round places on the axis, about one for every `apart` pixels. */
export function ticks({ from, to }: Range, width: number, apart: number): number[] {
  const length = to - from;
  if (!(length > 0) || width < apart) return [];
  const rough = (length * apart) / width;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= rough) ?? 10 * power;
  const found: number[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) found.push(at);
  return found;
}

export interface Lane {
  readonly id: 'calls' | 'syscalls' | 'stderr';
  readonly label: string;
  readonly top: number;
  readonly height: number;
}

/** Lanes from top to bottom, above an axis line of `axisHeight`. Host calls get what the others leave. */
export function lanes(height: number, axisHeight: number): readonly Lane[] {
  const low = 9;
  const gap = 2;
  const calls = Math.max(low, height - axisHeight - 2 * (low + gap) - gap);
  return [
    { id: 'calls', label: 'host calls', top: gap, height: calls },
    { id: 'syscalls', label: 'syscalls', top: gap + calls + gap, height: low },
    { id: 'stderr', label: 'log', top: gap + calls + gap + low + gap, height: low },
  ];
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** What the strip shows, in one sentence for those who don't see it. */
export function stripSummary(strip: Strip, text: (at: number) => string): string {
  const parts = [
    `${sum(strip.messages)} messages`,
    `${sum(strip.syscalls)} syscalls`,
    `${sum(strip.stderr)} log lines`,
    `at most ${strip.inFlight.reduce((most, value) => Math.max(most, value), 0)} host calls in flight`,
  ];
  const wrong = strip.faults.filter((value) => value > 0).length;
  if (wrong > 0) parts.push(`something is wrong in ${wrong} of ${strip.faults.length} places`);
  return `From ${text(strip.from)} to ${text(strip.to)} of ${text(strip.end)} ${strip.axis === 'fuel' ? 'fuel' : ''}: ${parts.join(', ')}.`;
}
