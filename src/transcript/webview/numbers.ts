// How the panel writes numbers: digits in groups by narrow spaces, times with a unit. Pure.

const NARROW = '\u202f';

/** Digits in groups of three: `1 234 567`. */
export function grouped(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+(?!\d))/g, NARROW);
}

/** Fuel is reckoned, not read from wasmi: `≈12 400`. */
export const fuelText = (fuel: number): string => `≈${grouped(fuel)}`;

/** A time in ms, in three or four digits and its unit. */
export function msText(ms: number): string {
  if (ms < 0.01 && ms > 0) return `${(ms * 1000).toFixed(1)}${NARROW}µs`;
  if (ms < 10) return `${ms.toFixed(2)}${NARROW}ms`;
  if (ms < 100) return `${ms.toFixed(1)}${NARROW}ms`;
  if (ms < 10_000) return `${grouped(ms)}${NARROW}ms`;
  if (ms < 600_000) return `${(ms / 1000).toFixed(1)}${NARROW}s`;
  return `${grouped(ms / 60_000)}${NARROW}min`;
}

/** Bytes, short where they are many: for sentences. */
export function bytesText(bytes: number): string {
  if (bytes < 10_000) return `${grouped(bytes)}${NARROW}${bytes === 1 ? 'byte' : 'bytes'}`;
  if (bytes < 10_000_000) return `${grouped(bytes / 1000)}${NARROW}kB`;
  return `${grouped(bytes / 1_000_000)}${NARROW}MB`;
}

/** How many rows: `1 204 rows`, `37 of 1 204`. */
export function countText(shown: number, total: number): string {
  if (shown === total) return `${grouped(total)} ${total === 1 ? 'row' : 'rows'}`;
  return `${grouped(shown)} of ${grouped(total)}`;
}

/** A place on an axis, in as many digits as a label has room for. */
export function axisText(axis: 'fuel' | 'time', at: number): string {
  if (axis === 'time') return msText(at);
  for (const [unit, size] of [
    ['G', 1e9],
    ['M', 1e6],
    ['k', 1e3],
  ] as const)
    if (at >= 10 * size) return `${Number((at / size).toPrecision(4))}${NARROW}${unit}`;
  return grouped(at);
}
