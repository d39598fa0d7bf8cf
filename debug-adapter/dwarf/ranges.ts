// Range lists of .debug_ranges and .debug_rnglists (DWARF 5 §2.17.3, §7.25; DWARF 4 §2.17.3), and finding what is at an address among ranges.
// Ranges of code that was dropped are left out.
import { At } from './constants.ts';
import type { DieReader } from './die-reader.ts';
import { isLive, skipLeb, uleb, unsignedOf } from './sections.ts';

const RLE = {
  EndOfList: 0,
  BaseAddressx: 1,
  StartxEndx: 2,
  StartxLength: 3,
  OffsetPair: 4,
  BaseAddress: 5,
  StartEnd: 6,
  StartLength: 7,
} as const;

/** What `appendRanges` found of the DIE: no code is said at all, or code that is not in the module. */
export const RangesFound = { None: 0, Dead: 1, Live: 2 } as const;
export type RangesFound = (typeof RangesFound)[keyof typeof RangesFound];

/** Appends the ranges of the present DIE's code that is in the module, pairs of addresses as DWARF counts them: [low, high). */
export function appendRanges(reader: DieReader, to: number[]): RangesFound {
  const before = to.length;
  const list = reader.rangeList(At.Ranges);
  if (list !== undefined) readList(reader, list, to);
  else {
    const low = reader.address(At.LowPc);
    if (low === undefined) return reader.has(At.Ranges) ? RangesFound.Dead : RangesFound.None;
    const high = reader.highPc(low);
    if (high === undefined) return RangesFound.None; // a unit's low_pc alone is a base, a label's an entry
    append(reader, low, high, to);
  }
  return to.length > before ? RangesFound.Live : RangesFound.Dead;
}

function append(reader: DieReader, low: number, high: number, to: number[]): void {
  const { sections } = reader.file;
  if (isLive(sections, low) && high > low && high <= sections.codeSize) to.push(low, high);
}

function readList(reader: DieReader, list: number, to: number[]): void {
  const before = reader.file.rangesLeft;
  if (before <= 0) return;
  const read = reader.unit.version >= 5 ? readRnglist(reader, list, to) : readPairs(reader, list, to);
  reader.file.rangesLeft = before - read;
}

/** .debug_ranges; gives how many bytes it read. */
function readPairs(reader: DieReader, list: number, to: number[]): number {
  const { file, unit } = reader;
  const { bytes, sections } = file;
  const size = unit.addressSize;
  const largest = size === 8 ? 2 ** 64 : size === 4 ? 0xffffffff : 0xffff;
  let base = reader.bases().lowPc;
  const start = sections.ranges.start + list;
  let position = start;
  for (; position + 2 * size <= sections.ranges.end; position += 2 * size) {
    const low = unsignedOf(bytes, position, size);
    const high = unsignedOf(bytes, position + size, size);
    if (low === 0 && high === 0) break;
    if (low === largest) base = high;
    // A tombstone stands for itself, whatever the base.
    else if (low < largest - 1) append(reader, base + low, base + high, to);
  }
  return position - start;
}

/** .debug_rnglists; gives how many bytes it read. */
function readRnglist(reader: DieReader, list: number, to: number[]): number {
  const { file, unit } = reader;
  const { bytes, sections } = file;
  const end = sections.rnglists.end;
  const size = unit.addressSize;
  let base: number | undefined = reader.bases().lowPc;
  const start = sections.rnglists.start + list;
  let position = start;
  let first = 0;
  const number = () => {
    const value = uleb(bytes, position);
    position = skipLeb(bytes, position, end);
    return value;
  };
  const address = () => {
    const value = unsignedOf(bytes, position, size);
    position += size;
    return value;
  };
  while (position < end) {
    const kind = bytes[position++]!;
    switch (kind) {
      case RLE.EndOfList:
        return position - start;
      case RLE.BaseAddressx:
        base = reader.indexedAddress(number());
        if (base !== undefined && !isLive(sections, base)) base = undefined;
        break;
      case RLE.BaseAddress:
        base = address();
        if (base !== 0 && !isLive(sections, base)) base = undefined;
        break;
      case RLE.OffsetPair:
        first = number();
        if (base === undefined) number();
        else append(reader, base + first, base + number(), to);
        break;
      case RLE.StartxEndx:
        first = reader.indexedAddress(number()) ?? 0;
        append(reader, first, reader.indexedAddress(number()) ?? 0, to);
        break;
      case RLE.StartxLength:
        first = reader.indexedAddress(number()) ?? 0;
        append(reader, first, first + number(), to);
        break;
      case RLE.StartEnd:
        first = address();
        append(reader, first, address(), to);
        break;
      case RLE.StartLength:
        first = address();
        append(reader, first, first + number(), to);
        break;
      default:
        file.problem(
          `A range list at 0x${list.toString(16)} of .debug_rnglists has an entry of kind ${kind}, which is not known.`,
        );
        return position - start;
    }
  }
  return position - start;
}

const INDEX = 2 ** 20;
/** Ranges that begin together are put in order among so many: more are garbage. */
const MAX_TIES = 100;

/** The indices of numbers (addresses: below 2^32) from the lowest to the highest; of equal ones the first first. */
export function inOrderOf(numbers: readonly number[]): Uint32Array {
  const count = numbers.length;
  const order = new Uint32Array(count);
  if (count > INDEX) {
    for (let n = 0; n < count; n++) order[n] = n;
    return order.sort((a, b) => numbers[a]! - numbers[b]! || a - b);
  }
  // Number and index in one double: sorted without calling back.
  const keys = new Float64Array(count);
  for (let n = 0; n < count; n++) keys[n] = numbers[n]! * INDEX + n;
  keys.sort();
  for (let n = 0; n < count; n++) order[n] = keys[n]! % INDEX;
  return order;
}

/** Ranges with a number each, and the number at an address: of the range that begins last, where several hold it. */
export class RangeMap {
  #lows = new Float64Array(0);
  #highs = new Float64Array(0);
  #values = new Int32Array(0);
  /** The highest end of this range and all before it. */
  #reach = new Float64Array(0);

  /** `pairs` are lows and highs; `values` has one number for each pair. */
  constructor(pairs: readonly number[], values: readonly number[]) {
    const count = values.length;
    const lows = new Array<number>(count);
    for (let n = 0; n < count; n++) lows[n] = pairs[2 * n]!;
    const order = inOrderOf(lows);
    // Of those that begin together the one within comes later.
    for (let n = 1; n < count; n++) {
      const one = order[n]!;
      let to = n;
      for (
        ;
        to > 0 &&
        n - to < MAX_TIES &&
        lows[order[to - 1]!] === lows[one] &&
        pairs[2 * order[to - 1]! + 1]! < pairs[2 * one + 1]!;
        to--
      )
        order[to] = order[to - 1]!;
      order[to] = one;
    }
    this.#lows = new Float64Array(count);
    this.#highs = new Float64Array(count);
    this.#values = new Int32Array(count);
    this.#reach = new Float64Array(count);
    let reach = 0;
    for (let n = 0; n < count; n++) {
      const one = order[n]!;
      this.#lows[n] = pairs[2 * one]!;
      this.#highs[n] = pairs[2 * one + 1]!;
      this.#values[n] = values[one]!;
      reach = Math.max(reach, this.#highs[n]!);
      this.#reach[n] = reach;
    }
  }

  /** -1: none. */
  at(address: number): number {
    let low = 0;
    let high = this.#lows.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#lows[middle]! <= address) low = middle + 1;
      else high = middle;
    }
    for (let n = low - 1; n >= 0 && this.#reach[n]! > address; n--)
      if (this.#highs[n]! > address) return this.#values[n]!;
    return -1;
  }
}
