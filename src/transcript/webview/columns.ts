// The columns: their names, widths and order, and what a person may change of that. Pure.
import type { Column, Order, Settings } from '../protocol.ts';

export interface ColumnText {
  readonly column: Column;
  /** In the header. */
  readonly label: string;
  /** In the menu, and for screen readers. */
  readonly long: string;
  /** CSS pixels. */
  readonly width: number;
  readonly number: boolean;
}

/** All of them, in the order in which the menu lists them. */
export const COLUMNS: readonly ColumnText[] = [
  { column: 'event', label: '#', long: 'Number of the event', width: 64, number: true },
  { column: 'dir', label: '', long: 'Direction', width: 30, number: false },
  { column: 'kind', label: 'Kind', long: 'Kind', width: 80, number: false },
  { column: 'name', label: 'Name', long: 'Name', width: 170, number: false },
  { column: 'id', label: 'Id', long: 'Id', width: 48, number: true },
  { column: 'summary', label: 'Summary', long: 'Summary', width: 160, number: false },
  { column: 'bytes', label: 'Bytes', long: 'Bytes', width: 64, number: true },
  { column: 'fuelSince', label: '+ Fuel', long: 'Fuel since the row before', width: 78, number: true },
  { column: 'fuel', label: 'Fuel', long: 'Fuel consumed', width: 92, number: true },
  { column: 'time', label: 'Time', long: 'Time since the start', width: 76, number: true },
  { column: 'duration', label: 'Duration', long: 'Duration until the reply', width: 84, number: true },
];

export const columnText = (column: Column): ColumnText =>
  COLUMNS.find((one) => one.column === column) ?? { column, label: column, long: column, width: 80, number: false };

export type Shown = readonly { readonly column: Column; readonly width: number }[];

const HIDDEN_AT_FIRST: readonly Column[] = ['event', 'kind'];
const NARROWEST = 24;
const WIDEST = 2000;

export const DEFAULTS: Shown = COLUMNS.filter(({ column }) => !HIDDEN_AT_FIRST.includes(column)).map(
  ({ column, width }) => ({ column, width }),
);

/** What was kept, made whole: known columns, once each, with widths that can be seen. */
export function shownColumns({ columns }: Settings): Shown {
  const seen = new Set<Column>();
  const known = (columns ?? []).filter(({ column }) => {
    const takes = !seen.has(column) && COLUMNS.some((one) => one.column === column);
    seen.add(column);
    return takes;
  });
  if (known.length === 0) return DEFAULTS;
  return known.map(({ column, width }) => ({ column, width: bounded(Number.isFinite(width) ? width : NARROWEST) }));
}

const bounded = (width: number): number => Math.max(NARROWEST, Math.min(WIDEST, Math.round(width)));

export const resized = (shown: Shown, column: Column, width: number): Shown =>
  shown.map((one) => (one.column === column ? { column, width: bounded(width) } : one));

/** Shows a hidden column at its place in the order of COLUMNS, or hides it. The last one stays. */
export function toggled(shown: Shown, column: Column): Shown {
  if (shown.some((one) => one.column === column))
    return shown.length === 1 ? shown : shown.filter((one) => one.column !== column);
  const rank = (of: Column): number => COLUMNS.findIndex((one) => one.column === of);
  const before = shown.findIndex((one) => rank(one.column) > rank(column));
  const added = { column, width: columnText(column).width };
  return before < 0 ? [...shown, added] : [...shown.slice(0, before), added, ...shown.slice(before)];
}

/** The order after one more click on a header: ascending, descending, that of the events. */
export function nextOrder(order: Order | undefined, column: Column): Order | undefined {
  if (order?.column !== column) return { column, descending: false };
  return order.descending ? undefined : { column, descending: true };
}

export function ariaSort(order: Order | undefined, column: Column): 'ascending' | 'descending' | 'none' {
  if (order?.column !== column) return 'none';
  return order.descending ? 'descending' : 'ascending';
}
