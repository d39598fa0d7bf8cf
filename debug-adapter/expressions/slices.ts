// Ranges as indexes: `list[1..3]`, `text[..4]`. What they cut out, checked against what there is. Contracts P2, E4.
import { EvaluationError, type Place } from './error.ts';
import { Compound, exact, kindOf, shown, type Value } from './values.ts';

/** From the first to behind the last; undefined: the start, or the end. */
export interface Range {
  readonly from: number | undefined;
  readonly to: number | undefined;
}

/** A range whose ends were computed. @throws EvaluationError where they are no whole numbers */
export function rangeOf(from: Value, to: Value, inclusive: boolean, place: Place): Range {
  const end = to === undefined ? undefined : whole(to, place);
  return {
    from: from === undefined ? undefined : whole(from, place),
    to: end === undefined ? undefined : inclusive ? end + 1 : end,
  };
}

function whole(value: Value, place: Place): number {
  const plain = exact(value);
  if (typeof plain === 'number' && Number.isSafeInteger(plain)) return plain;
  throw new EvaluationError(`a range is of whole numbers, and ${shown(value)} is none`, place);
}

/** Its two ends within what there is. `what` are the things that are counted. @throws EvaluationError */
export function within(
  { from = 0, to }: Range,
  length: number,
  what: string,
  least = 0,
): { readonly start: number; readonly end: number } {
  const end = to ?? length;
  if (to === undefined && from > length)
    throw new EvaluationError(`the range begins at ${from}: there are ${length} ${what}`);
  if (from > end) throw new EvaluationError(`the range begins at ${from}, and ends before it, at ${end}`);
  if (from < least || end > length)
    throw new EvaluationError(`the range ${from}..${end} reaches out of it: there are ${length} ${what}`);
  return { start: from, end };
}

/** `owner[from..to]`. @throws EvaluationError */
export function sliceOf(owner: Value, range: Range, place: Place): Value {
  if (typeof owner === 'string') {
    const { start, end } = within(range, owner.length, 'characters');
    return owner.slice(start, end);
  }
  if (Array.isArray(owner)) {
    const { start, end } = within(range, owner.length, 'elements');
    return owner.slice(start, end);
  }
  const found = owner instanceof Compound ? owner.slice(range) : undefined;
  if (found !== undefined) return found;
  throw new EvaluationError(`what is ${kindOf(owner)} has no elements in an order`, place);
}

/** The bytes of a text in UTF-8 that a range cuts out, as Rust counts them. @throws EvaluationError */
export function textSlice(text: string, range: Range): string {
  const bytes = new TextEncoder().encode(text);
  const { start, end } = within(range, bytes.length, 'bytes');
  for (const at of [start, end])
    if (((bytes[at] ?? 0) & 0xc0) === 0x80)
      throw new EvaluationError(`byte ${at} lies in the middle of a character: the range begins and ends between them`);
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(start, end));
}
