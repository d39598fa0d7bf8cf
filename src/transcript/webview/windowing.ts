// Which rows are in view, and where they lie: arithmetic of a list whose rows all have one height. Pure. The windowing is our own, some forty
// lines, because a call has up to millions of rows, and the libraries for this keep an object for each. A browser cannot lay out more
// than some 33 million pixels, so past TALLEST the scroll bar stands for more rows than it has pixels.

/** Pixels that a list is tall at most: below 2^24, where 32-bit floats still tell pixels apart. */
export const TALLEST = 15_000_000;

export interface Lengths {
  readonly count: number;
  /** CSS pixels. */
  readonly row: number;
  /** What is in view at once, CSS pixels. */
  readonly view: number;
}

/** How tall the scrolled content is made. */
export const spacer = ({ count, row }: Lengths): number => Math.min(count * row, TALLEST);

/** Whether the scroll bar stands for more pixels than it has. */
export const scaled = ({ count, row }: Lengths): boolean => count * row > TALLEST;

/** The furthest that `top` can be: the place in the whole list, in pixels, of what stands at the upper edge. */
export const furthest = ({ count, row, view }: Lengths): number => Math.max(0, count * row - view);

/** Place in the whole list for a scroll position. */
export function topOf(scrollTop: number, lengths: Lengths): number {
  if (!scaled(lengths)) return scrollTop;
  const most = TALLEST - lengths.view;
  return most <= 0 ? 0 : (Math.min(scrollTop, most) / most) * furthest(lengths);
}

/** Scroll position for a place in the whole list. */
export function scrollOf(top: number, lengths: Lengths): number {
  const far = furthest(lengths);
  const within = Math.max(0, Math.min(top, far));
  if (!scaled(lengths)) return within;
  return (within / far) * (TALLEST - lengths.view);
}

/** Rows [from, to) that are drawn: those in view, and `beyond` rows on either side. */
export function drawn(top: number, { count, row, view }: Lengths, beyond: number): { from: number; to: number } {
  const from = Math.max(0, Math.floor(top / row) - beyond);
  const to = Math.min(count, Math.ceil((top + view) / row) + beyond);
  return { from: Math.min(from, Math.max(0, to)), to: Math.max(0, to) };
}

/** Where the list has to stand for a row to be in view: as it is, the shortest way, or with the row in the middle. */
export function revealing(index: number, top: number, lengths: Lengths, where: 'nearest' | 'center'): number {
  const { row, view } = lengths;
  const above = index * row;
  if (above >= top && above + row <= top + view) return top;
  const wanted = where === 'center' ? above - (view - row) / 2 : above < top ? above : above + row - view;
  return Math.max(0, Math.min(wanted, furthest(lengths)));
}
