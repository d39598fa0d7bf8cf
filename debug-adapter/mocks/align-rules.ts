// Which rule of a changed file is which rule of the file before: those with the same text first, in order and then wherever they went; then those that
// stand between the same neighbours. So a rule keeps its counts when its reply is edited, when it is turned off, and when it is moved. Pure.
import type { MockRule } from './rules.ts';

/** Above so many pairs of rules that differ their order is not looked at: equal texts are paired as they come. */
const MOST_PAIRS = 1_000_000;

/** For each rule of a method, as it is now, the index of what it was in `before`; -1: it is new. Each index is there once at most. */
export function alignRules(before: readonly MockRule[], after: readonly MockRule[]): Int32Array {
  const was = new Int32Array(after.length).fill(-1);
  const taken = new Uint8Array(before.length);
  const pair = (b: number, a: number): void => {
    was[a] = b;
    taken[b] = 1;
  };
  const same = (b: number, a: number): boolean => sameText(before[b], after[a]);
  let from = 0;
  while (from < before.length && from < after.length && same(from, from)) pair(from, from++);
  let beforeEnd = before.length;
  let afterEnd = after.length;
  while (beforeEnd > from && afterEnd > from && same(beforeEnd - 1, afterEnd - 1)) pair(--beforeEnd, --afterEnd);
  const anchors = inOrder(from, beforeEnd, afterEnd, same);
  for (const [b, a] of anchors) pair(b, a);
  pairMoved(before, after, taken, was, pair);
  // between rules that stayed where they were
  let [b, a] = [from, from];
  for (const [nextB, nextA] of [...anchors, [beforeEnd, afterEnd] as const]) {
    pairEdited(
      before,
      after,
      free(b, nextB, (i) => taken[i] === 0),
      free(a, nextA, (i) => was[i] === -1),
      pair,
    );
    [b, a] = [nextB + 1, nextA + 1];
  }
  return was;
}

/** The longest common subsequence of the rules from `from` on, by their texts. */
function inOrder(
  from: number,
  beforeEnd: number,
  afterEnd: number,
  same: (b: number, a: number) => boolean,
): (readonly [before: number, after: number])[] {
  const rows = beforeEnd - from;
  const columns = afterEnd - from;
  if (rows * columns === 0 || rows * columns > MOST_PAIRS) return [];
  const width = columns + 1;
  const lengths = new Uint16Array((rows + 1) * width);
  for (let i = rows - 1; i >= 0; i--)
    for (let j = columns - 1; j >= 0; j--)
      lengths[i * width + j] = same(from + i, from + j)
        ? lengths[(i + 1) * width + j + 1]! + 1
        : Math.max(lengths[(i + 1) * width + j]!, lengths[i * width + j + 1]!);
  const pairs: [number, number][] = [];
  for (let i = 0, j = 0; i < rows && j < columns; ) {
    if (same(from + i, from + j)) pairs.push([from + i++, from + j++]);
    else if (lengths[(i + 1) * width + j]! >= lengths[i * width + j + 1]!) i++;
    else j++;
  }
  return pairs;
}

/** Rules that went elsewhere: the same text, in order. */
function pairMoved(
  before: readonly MockRule[],
  after: readonly MockRule[],
  taken: Uint8Array,
  was: Int32Array,
  pair: (b: number, a: number) => void,
): void {
  const byText = new Map<string, number[]>();
  for (const [b, { text }] of before.entries())
    if (taken[b] === 0) {
      const others = byText.get(text);
      if (others === undefined) byText.set(text, [b]);
      else others.push(b);
    }
  if (byText.size === 0) return;
  for (const [a, rule] of after.entries()) {
    if (was[a] !== -1) continue;
    const candidates = byText.get(rule.text);
    const at = candidates?.findIndex((b) => before[b]?.place.file === rule.place.file) ?? -1;
    const [b] = at < 0 ? [] : (candidates?.splice(at, 1) ?? []);
    if (b !== undefined) pair(b, a);
  }
}

/** Rules that were edited where they stand: those that ask the same of a call, then, where as many are left on both sides, one after the other. */
function pairEdited(
  before: readonly MockRule[],
  after: readonly MockRule[],
  old: readonly number[],
  present: readonly number[],
  pair: (b: number, a: number) => void,
): void {
  if (old.length === 0 || present.length === 0) return;
  const left = new Set(old);
  const open: number[] = [];
  const byCondition = Map.groupBy(old, (b) => conditionText(before[b]));
  for (const a of present) {
    const b = byCondition.get(conditionText(after[a]))?.shift();
    if (b === undefined) open.push(a);
    else {
      pair(b, a);
      left.delete(b);
    }
  }
  if (left.size !== open.length) return;
  for (const [i, b] of [...left].entries()) {
    const a = open[i];
    if (a !== undefined && before[b]?.place.file === after[a]?.place.file) pair(b, a);
  }
}

function free(from: number, to: number, isFree: (index: number) => boolean): number[] {
  const found: number[] = [];
  for (let i = from; i < to; i++) if (isFree(i)) found.push(i);
  return found;
}

const sameText = (one: MockRule | undefined, other: MockRule | undefined): boolean =>
  one !== undefined && one.text === other?.text && one.place.file === other.place.file;

/** What a rule asks of a call, as it is written, and its file. */
function conditionText(rule: MockRule | undefined): string {
  if (rule === undefined) return '';
  const { text, place, when } = rule;
  const written = (piece: { readonly from: number; readonly to: number } | undefined): string | undefined =>
    piece && text.slice(piece.from - place.from, piece.to - place.from);
  const { params, nth, state } = when.places;
  return JSON.stringify([place.file, written(params), written(nth), written(state)]);
}
