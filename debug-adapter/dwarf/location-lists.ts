// Location lists (DWARF 5 §2.6.2, §7.29; .debug_loc of version 4 and before): which expression describes a variable while control is at an address.
// Not the expressions themselves. Nothing throws: a list that is cut short ends there.
import { At } from './constants.ts';
import { DieReader } from './die-reader.ts';
import { CutShort, ExpressionCursor } from './location-expression-cursor.ts';

/** Where a list lies, and what its entries count from. */
export interface LocationList {
  readonly bytes: Uint8Array;
  /** Position of the first entry in `bytes`, and where the section ends. */
  readonly start: number;
  readonly end: number;
  /** Of the unit: from 5 on the list lies in .debug_loclists. */
  readonly version: number;
  readonly addressSize: number;
  /** The unit's DW_AT_low_pc, 0 without. */
  readonly base: number;
  /** Entry of the unit's part of .debug_addr. */
  addressAt(index: number): number | undefined;
}

/** One entry: [low, high) as addresses of DWARF; the expression in `bytes`. */
export interface LocationListEntry {
  readonly low: number;
  readonly high: number;
  /** §2.6.2 default location: holds wherever no other entry does. */
  readonly fallback: boolean;
  readonly start: number;
  readonly end: number;
}

/** DW_LLE_*; the ninth is GNU's, of two numbers that say how far within an address an entry holds. */
const Entry = {
  EndOfList: 0,
  BaseAddressx: 1,
  StartxEndx: 2,
  StartxLength: 3,
  OffsetPair: 4,
  DefaultLocation: 5,
  BaseAddress: 6,
  StartEnd: 7,
  StartLength: 8,
  ViewPair: 9,
} as const;

/** The location list that an attribute of the present DIE refers to; undefined: it refers to none. */
export function locationListOf(reader: DieReader, attribute: number = At.Location): LocationList | undefined {
  const offset = reader.locationList(attribute);
  if (offset === undefined) return undefined;
  const { unit, file } = reader;
  let own: DieReader | undefined;
  const section = unit.version >= 5 ? file.sections.loclists : file.sections.loc;
  return {
    bytes: file.bytes,
    start: section.start + offset,
    end: section.end,
    version: unit.version,
    addressSize: unit.addressSize,
    base: reader.bases().lowPc,
    // The reader may have gone on to another unit.
    addressAt(index) {
      own ??= new DieReader(file);
      return own.root(unit) ? own.indexedAddress(index) : undefined;
    },
  };
}

/**
 * The entry that holds at an address of DWARF (one of the file less the start of the code).
 * @returns undefined where none does: the variable was optimised away there
 */
export function entryAt(list: LocationList, address: number): LocationListEntry | undefined {
  let fallback: LocationListEntry | undefined;
  for (const entry of locationListEntries(list)) {
    if (entry.fallback) fallback = entry;
    else if (address >= entry.low && address < entry.high) return entry;
  }
  return fallback;
}

/** The expression of that entry; a view. */
export function expressionAt(list: LocationList, address: number): Uint8Array | undefined {
  const entry = entryAt(list, address);
  return entry === undefined ? undefined : list.bytes.subarray(entry.start, entry.end);
}

/** The entries of a list in their order, those of code that the linker dropped left out. */
export function* locationListEntries(list: LocationList): Generator<LocationListEntry> {
  if (!(list.start >= 0 && list.start < list.end)) return;
  const cursor = new ExpressionCursor(list.bytes, list.start, list.end);
  try {
    if (list.version >= 5) yield* entriesOf5(list, cursor);
    else yield* entriesOf4(list, cursor);
  } catch (error) {
    if (!(error instanceof CutShort)) throw error;
  }
}

/** -1 and -2 are what linkers put for addresses of dropped code; what counts from them is dropped too. */
const isTombstone = (address: number, list: LocationList): boolean =>
  address >= (list.addressSize === 8 ? 2 ** 64 : 2 ** 32) - 2;

function* entriesOf4(list: LocationList, cursor: ExpressionCursor): Generator<LocationListEntry> {
  const size = list.addressSize === 8 ? 8 : 4;
  const selectsBase = size === 8 ? 0xffff_ffff_ffff_ffffn : 0xffff_ffffn;
  let { base } = list;
  for (;;) {
    const begin = cursor.unsigned(size);
    const end = cursor.unsigned(size);
    if (begin === selectsBase) {
      base = Number(end);
      continue;
    }
    if (begin === 0n && end === 0n) return;
    const length = cursor.u16();
    const start = cursor.at;
    cursor.block(length);
    if (isTombstone(base, list) || isTombstone(Number(begin), list) || begin >= end) continue;
    yield { low: base + Number(begin), high: base + Number(end), fallback: false, start, end: start + length };
  }
}

function* entriesOf5(list: LocationList, cursor: ExpressionCursor): Generator<LocationListEntry> {
  const size = list.addressSize === 8 ? 8 : 4;
  const address = () => Number(cursor.unsigned(size));
  const indexed = () => list.addressAt(cursor.ulebNumber()) ?? Number.NaN; // matches no address
  let { base } = list;
  for (;;) {
    let low = 0;
    let high = 0;
    const kind = cursor.u8();
    switch (kind) {
      case Entry.BaseAddressx:
        base = indexed();
        continue;
      case Entry.BaseAddress:
        base = address();
        continue;
      case Entry.ViewPair:
        cursor.ulebNumber();
        cursor.ulebNumber();
        continue;
      case Entry.StartxEndx:
        low = indexed();
        high = indexed();
        break;
      case Entry.StartxLength:
        low = indexed();
        high = low + cursor.ulebNumber();
        break;
      case Entry.OffsetPair:
        // Behind a base that is dropped, so are the entries.
        low = (isTombstone(base, list) ? Number.NaN : base) + cursor.ulebNumber();
        high = base + cursor.ulebNumber();
        break;
      case Entry.StartEnd:
        low = address();
        high = address();
        break;
      case Entry.StartLength:
        low = address();
        high = low + cursor.ulebNumber();
        break;
      case Entry.DefaultLocation:
        break;
      default: // the end, or what nobody knows the length of
        return;
    }
    const length = cursor.ulebNumber();
    const start = cursor.at;
    cursor.block(length);
    const fallback = kind === Entry.DefaultLocation;
    if (fallback || (low < high && !isTombstone(low, list))) yield { low, high, fallback, start, end: start + length };
  }
}
