// How the status bar words fuel. Pure.
import type { FuelState } from '../debug-adapter/executor/options.ts';

const grouped = (value: number): string => String(Math.round(value)).replace(/\B(?=(\d{3})+(?!\d))/g, '\u202f');

/** A few characters: `≈12.4 M`. */
export function shortFuel({ consumed, exact }: FuelState): string {
  const sign = exact ? '' : '≈';
  for (const [unit, size] of [
    ['G', 1e9],
    ['M', 1e6],
    ['k', 1e3],
  ] as const)
    if (consumed >= 10 * size) {
      const scaled = consumed / size;
      return `${sign}${scaled >= 1000 ? grouped(scaled) : scaled.toPrecision(3)}\u202f${unit}`;
    }
  return `${sign}${grouped(consumed)}`;
}

/** The tooltip, as Markdown. */
export function fuelTooltip({ consumed, slice, left, yields, exact }: FuelState): string {
  return [
    `**Fuel of the running call: ${exact ? '' : '≈\u202f'}${grouped(consumed)}**`,
    `Yields: ${grouped(yields)}`,
    `Left in this slice: ${grouped(left)} of ${grouped(slice)}`,
  ].join('\n\n');
}
