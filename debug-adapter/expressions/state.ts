// How expressions read the guest: slots by index and by name, memory with its bounds. One sentence for each thing that is not there.
// Contract E4 (nothing is read past the end, nor without bound).
import { Cells, readCell, utf8 } from './cells.ts';
import { EvaluationError, type Place, quoted } from './error.ts';
import { WIDTHS } from './numbers.ts';
import type { MemoryWindow, Scope, Slots, WasmState } from './scope.ts';
import type { CellType, SlotSpace } from './syntax.ts';
import { Compound, exact, isAbsent, shown, tidy, Unavailable, type Value } from './values.ts';

/** Bytes that one expression reads at once; the hex view pages through the rest. */
export const MOST_BYTES = 64 * 1024;
/** Bytes that `memory[address]` shows. */
const DEFAULT_BYTES = 16;
const TWO_32 = 0x1_0000_0000;

const THE: Readonly<Record<SlotSpace, readonly [one: string, many: string, where: string]>> = {
  local: ['local', 'locals', 'this function'],
  global: ['global', 'globals', 'the plugin'],
  stack: ['operand', 'operands', 'the stack here'],
};

/** @throws EvaluationError where no guest can be looked into. */
export function stateOf(scope: Scope, what: string, place: Place): WasmState {
  const { state } = scope;
  if (state === undefined) throw new EvaluationError(`${what} can't be read here`, place);
  return state;
}

/** The slots of a space. @throws EvaluationError */
export function slotsOf(scope: Scope, space: SlotSpace, place: Place): Slots {
  const state = stateOf(scope, THE[space][1], place);
  return space === 'local' ? state.locals : space === 'global' ? state.globals : state.operands;
}

/** The value of a slot, as expressions have it; an Unavailable as one. @throws EvaluationError when there is no such slot. */
export function slotValue(slots: Slots, space: SlotSpace, index: number, place: Place): Value {
  const value = slots.value(index);
  if (typeof value === 'number') return value;
  if (value === undefined) {
    const [one, many, where] = THE[space];
    const count = slots.count();
    throw new EvaluationError(
      `there is no ${one} ${index}: ${where} has ${count === 0 ? `no ${many}` : count === 1 ? `one, 0` : `${count}, from 0`}`,
      place,
    );
  }
  return typeof value === 'bigint' ? tidy(value) : value;
}

/** The index that `local[…]` and its like name: a whole number, or the name of one. @throws EvaluationError */
export function slotIndex(slots: Slots, space: SlotSpace, index: Value, place: Place): number {
  if (typeof index === 'number' && Number.isSafeInteger(index) && index >= 0) return index;
  const [one] = THE[space];
  if (typeof index === 'string') {
    const found = slots.named(index);
    if (found >= 0) return found;
    throw new EvaluationError(`there is no ${one} named ${shown(index)} here`, place);
  }
  throw new EvaluationError(`the index of a ${one} is a whole number or a name, and this is ${shown(index)}`, place);
}

export interface Found {
  readonly space: 'local' | 'global';
  readonly slots: Slots;
  readonly index: number;
}

/** What `$name` names: a local of the frame, or else a global. @throws EvaluationError */
export function slotNamed(scope: Scope, name: string, place: Place): Found {
  const state = stateOf(scope, quoted(`$${name}`), place);
  const local = state.locals.named(name);
  if (local >= 0) return { space: 'local', slots: state.locals, index: local };
  const global = state.globals.named(name);
  if (global >= 0) return { space: 'global', slots: state.globals, index: global };
  throw new EvaluationError(`there is no local and no global named ${quoted(`$${name}`)} here`, place);
}

/** An address: an i32 is taken as unsigned. @throws EvaluationError */
export function addressFrom(value: Value, place: Place): number {
  if (typeof value === 'number' && Number.isSafeInteger(value)) {
    if (value >= 0) return value;
    if (value >= -0x8000_0000) return value + TWO_32;
  }
  const plain = exact(value);
  if (plain !== value && typeof plain === 'number') return addressFrom(plain, place);
  // of a text behind a pointer of C the pointer is meant
  const behind = typeof plain === 'string' && value instanceof Compound ? value.pointsAt() : undefined;
  if (behind !== undefined) return behind;
  if (plain instanceof Unavailable) throw new EvaluationError(plain.reason, place);
  if (typeof plain === 'bigint' || (typeof plain === 'number' && Number.isSafeInteger(plain)))
    throw new EvaluationError(`address ${shown(plain)} lies in no memory`, place);
  throw new EvaluationError(
    `The address in the brackets is ${isAbsent(plain) ? 'not available here' : shown(plain)}, and must be a whole number`,
    place,
  );
}

function lengthFrom(value: Value, place: Place): number {
  const plain = exact(value);
  if (typeof plain === 'number' && Number.isSafeInteger(plain)) {
    if (plain >= 0) return plain;
    throw new EvaluationError(`the length ${plain} is negative`, place);
  }
  if (plain instanceof Unavailable) throw new EvaluationError(plain.reason, place);
  throw new EvaluationError(
    `the length in the brackets is ${isAbsent(plain) ? 'not available here' : shown(plain)}, and must be a whole number`,
    place,
  );
}

/** A window that holds all of [address, address + length). @throws EvaluationError */
export function windowAt(scope: Scope, memory: number, address: number, length: number, place: Place): MemoryWindow {
  const window = stateOf(scope, 'memory', place).memory(memory, address, length);
  if (window !== undefined && address + length <= window.size) return window;
  throw outside(window, memory, address, length, place);
}

function outside(
  window: MemoryWindow | undefined,
  memory: number,
  address: number,
  length: number,
  place: Place,
): EvaluationError {
  if (window === undefined)
    return new EvaluationError(`the plugin has no memory${memory === 0 ? '' : ` ${memory}`} to read`, place);
  const hex = `0x${address.toString(16)}`;
  const end = `the end of memory, which has ${grouped(window.size)} bytes`;
  if (address >= window.size) return new EvaluationError(`address ${hex} lies past ${end}`, place);
  return new EvaluationError(`the ${grouped(length)} bytes at ${hex} reach past ${end}`, place);
}

function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ' ');
}

/** `i32[address]`. @throws EvaluationError */
export function loadCell(scope: Scope, type: CellType, memory: number, address: Value, place: Place): number | bigint {
  const at = addressFrom(address, place);
  const window = windowAt(scope, memory, at, WIDTHS[type].bytes, place);
  return readCell(type, window.bytes, at - window.base);
}

/** `i32[address, count]`. @throws EvaluationError */
export function loadCells(
  scope: Scope,
  type: CellType,
  memory: number,
  address: Value,
  count: Value,
  place: Place,
): Cells {
  const length = lengthFrom(count, place) * WIDTHS[type].bytes;
  if (length > MOST_BYTES)
    throw new EvaluationError(
      `${grouped(length)} bytes are more than an expression reads: at most ${grouped(MOST_BYTES)}`,
      place,
    );
  const at = addressFrom(address, place);
  const window = windowAt(scope, memory, at, length, place);
  return new Cells(type, window.bytes.slice(at - window.base, at - window.base + length), at, memory);
}

/** `memory[address, length]`: as many bytes as there are, and an error only where there are none. @throws EvaluationError */
export function loadBytes(scope: Scope, memory: number, address: Value, count: Value | undefined, place: Place): Cells {
  const at = addressFrom(address, place);
  const asked = count === undefined ? DEFAULT_BYTES : lengthFrom(count, place);
  const most = Math.min(asked, MOST_BYTES);
  const window = stateOf(scope, 'memory', place).memory(memory, at, most);
  if (window === undefined || (at >= window.size && asked > 0)) throw outside(window, memory, at, most, place);
  const from = at - window.base;
  const bytes = window.bytes.slice(from, from + Math.min(most, window.size - at));
  return new Cells('memory', bytes, at, memory, asked);
}

/** `str[address, length]`. @throws EvaluationError */
export function loadText(scope: Scope, memory: number, address: Value, count: Value, place: Place): string {
  return utf8(loadCells(scope, 'u8', memory, address, count, place).bytes);
}

/** How much of memory is looked through at first for the end of a text. */
const FIRST = 256;

/** `cstr[address]`: up to the first NUL. @throws EvaluationError */
export function loadTextToNul(scope: Scope, memory: number, address: Value, place: Place): string {
  const at = addressFrom(address, place);
  for (let length = FIRST; ; length *= 16) {
    const window = stateOf(scope, 'memory', place).memory(memory, at, length);
    if (window === undefined || at >= window.size) throw outside(window, memory, at, 1, place);
    const from = at - window.base;
    const bytes = window.bytes.subarray(from, from + Math.min(length, window.size - at));
    const end = bytes.indexOf(0);
    if (end >= 0) return utf8(bytes.slice(0, end));
    if (length >= MOST_BYTES || at + length >= window.size)
      throw new EvaluationError(
        `the text at 0x${at.toString(16)} does not end within ${grouped(bytes.length)} bytes: no NUL is there`,
        place,
      );
  }
}
