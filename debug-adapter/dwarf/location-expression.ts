// Evaluates DWARF expressions and simple and composite location descriptions (DWARF 5 §2.5, §2.6) for a stopped program. Not location lists: those
// choose an expression (location-lists.ts). Never throws: what can't be had is a Location that says why.
//
// LLVM's use of DW_OP_WASM_location: it pushes what the local, global or operand holds. `DW_OP_WASM_location 0 2, DW_OP_stack_value` is therefore
// a variable that lives in local 2, and `DW_OP_WASM_location 0 2` alone a variable in memory whose address is in local 2 (a struct that is passed
// by pointer). Nothing that LLVM writes means the place itself as DW_OP_reg does.
import type { Location, Machine, Missing } from './location.ts';
import { isMissing } from './location.ts';
import { CutShort, ExpressionCursor } from './location-expression-cursor.ts';
import { Op, refusalOf, WasmPlace } from './location-expression-operators.ts';
import { ExpressionStack, fail, had, stackOperator, Unavailable } from './location-expression-stack.ts';
import type { BaseKind, Cell } from './location-expression-values.ts';
import { bitsOf, bytesOf, convert, generic, isFloat, reinterpret, typed } from './location-expression-values.ts';

/** What an expression refers to, beside the machine. */
export interface ExpressionContext {
  /** Bytes of an address, of the unit's header: 4, or 8 of wasm64. */
  readonly addressSize: number;
  /** Bytes of an offset, by the unit's format: 4, or 8 of 64-bit DWARF. */
  readonly offsetSize: number;
  /** DW_AT_frame_base of the function around, chosen for the place if it is a list. */
  readonly frameBase?: Uint8Array | undefined;
  /** The entry of .debug_addr, for DW_OP_addrx and constx; undefined: it is not there. */
  readonly addressAt?: ((index: number) => number | undefined) | undefined;
  /** The base type at an offset from the unit's start; undefined: there is none. */
  readonly baseType?: ((offset: number) => BaseKind | undefined) | undefined;
  /** DW_AT_location of the DIE that DW_OP_call2, call4 (offset from the unit's start) or call_ref (from .debug_info's: `whole`) names. */
  readonly called?: ((offset: number, whole: boolean) => Uint8Array | undefined) | undefined;
  /** Address of the object that DW_OP_push_object_address means. */
  readonly object?: number | undefined;
  /** What is on the stack when it begins: expressions of DW_AT_data_member_location find the address of the struct there. */
  readonly initial?: bigint | undefined;
  /** Bytes of the value that is looked for. */
  readonly valueSize?: number | undefined;
}

/** No compiler comes near any of these; garbage does. */
const MOST_STEPS = 20_000;
const MOST_PIECES = 1_000;
const MOST_DEPTH = 16;

const OPTIMISED_AWAY = 'it was optimised away';

/** Where the value is that `expression` describes. Empty: it was optimised away (§2.6.1.1.1). */
export function evaluateExpression(expression: Uint8Array, context: ExpressionContext, machine: Machine): Location {
  const location = guarded(() => new Evaluation(context, machine).location(expression));
  return 'kind' in location ? location : { kind: 'unavailable', reason: location.reason };
}

/**
 * What an expression comes to that computes a number (§2.5): the offset of a member, an upper bound. Not for one that describes a place.
 * @returns unsigned, of 64 bits
 */
export function evaluateNumber(expression: Uint8Array, context: ExpressionContext, machine: Machine): bigint | Missing {
  return guarded(() => new Evaluation(context, machine).number(expression));
}

function guarded<T>(evaluate: () => T): T | Missing {
  try {
    return evaluate();
  } catch (error) {
    if (error instanceof Unavailable) return { reason: error.message };
    if (error instanceof CutShort) return { reason: 'its DWARF expression is cut short' };
    throw error;
  }
}

/** A machine of which nothing is known, for expressions that need none. */
export const noMachine: Machine = {
  local: () => ({ reason: 'no frame is at hand' }),
  global: () => ({ reason: 'no frame is at hand' }),
  operand: () => ({ reason: 'no frame is at hand' }),
  memory: () => ({ reason: 'no memory is at hand' }),
  frameBase: () => ({ reason: 'no frame is at hand' }),
  stackPointer: () => undefined,
  entry: () => ({ reason: 'no frame is at hand' }),
};

/** The same program when the frame was entered, of which parameters alone are known (§2.5.1.7). */
function entered(machine: Machine): Machine {
  const gone = (): Missing => ({ reason: 'what it was when the function was entered is not known' });
  const local = (index: number) => machine.entry({ kind: 'local', index });
  return {
    local,
    global: gone,
    operand: gone,
    memory: gone,
    frameBase: gone,
    stackPointer: () => undefined,
    entry: gone,
  };
}

const WASM_KINDS = ['local', 'global', 'operand', 'global'] as const;

interface Piece {
  readonly location: Location;
  readonly size: number;
  readonly offset: number;
}

class Evaluation {
  readonly #context: ExpressionContext;
  readonly #machine: Machine;
  readonly #addressBits: number;
  readonly #stack = new ExpressionStack();
  readonly #pieces: Piece[] = [];
  readonly #depth: number;
  /** A place that is not the memory at the top of the stack. */
  #found: Location | undefined;
  /** Shared with the expressions within this one. */
  readonly #steps: { left: number };
  #calls = 0;

  constructor(context: ExpressionContext, machine: Machine, depth = 0, steps = { left: MOST_STEPS }) {
    if (depth > MOST_DEPTH) fail('its DWARF expressions lie within each other without end');
    this.#steps = steps;
    this.#context = context;
    this.#machine = machine;
    this.#depth = depth;
    this.#addressBits = context.addressSize === 8 ? 64 : 32;
    if (context.initial !== undefined) this.#stack.push(generic(context.initial));
  }

  location(expression: Uint8Array): Location {
    // What LLVM leaves of a place in the frame that it dropped: the offset, to be added to nothing.
    if (expression[0] === Op.plus_uconst && this.#stack.empty) return { kind: 'unavailable', reason: OPTIMISED_AWAY };
    this.#run(expression);
    if (this.#pieces.length === 0) return this.#simple();
    if (this.#found !== undefined || !this.#stack.empty) fail('the last part of its DWARF expression has no size');
    return this.#composite();
  }

  number(expression: Uint8Array): bigint {
    this.#run(expression);
    const found = this.#found;
    if (this.#pieces.length > 0) fail('its DWARF expression describes a place, not a number');
    if (found === undefined) return this.#stack.pop().bits;
    switch (found.kind) {
      case 'local':
        return had(this.#machine.local(found.index));
      case 'global':
        return had(this.#machine.global(found.index));
      case 'operand':
        return had(this.#machine.operand(found.index));
      case 'bytes':
        return bitsOf(found.bytes.subarray(0, 8));
      default:
        return fail('its DWARF expression describes a place, not a number');
    }
  }

  /** §2.6.1.1: what is described so far; the next piece begins afresh. */
  #simple(): Location {
    let location = this.#found;
    if (location === undefined && !this.#stack.empty)
      location = { kind: 'memory', address: this.#address(this.#stack.pop()) };
    this.#found = undefined;
    this.#stack.clear();
    return location ?? { kind: 'unavailable', reason: OPTIMISED_AWAY };
  }

  /** §2.6.1.2: the pieces; one where they lie side by side in memory, which is easier to read and has an address. */
  #composite(): Location {
    const pieces: Piece[] = [];
    for (const piece of this.#pieces) {
      const last = pieces.at(-1);
      if (last !== undefined && adjacent(last, piece))
        pieces[pieces.length - 1] = { ...last, size: last.size + piece.size };
      else pieces.push(piece);
    }
    const [first] = pieces;
    const bits = (this.#context.valueSize ?? Number.POSITIVE_INFINITY) * 8;
    // A place alone goes on behind the piece: only where the piece has all of the value.
    if (first !== undefined && pieces.length === 1 && first.offset === 0 && first.size >= bits) return first.location;
    return { kind: 'pieces', pieces };
  }

  #piece(size: number, offset: number): void {
    if (this.#pieces.length >= MOST_PIECES) fail('its DWARF expression has too many pieces');
    if (!Number.isSafeInteger(size) || !Number.isSafeInteger(offset)) fail('a piece of it has no size that there is');
    this.#pieces.push({ location: this.#simple(), size, offset });
  }

  #address(cell: Cell): number {
    if (isFloat(cell.kind)) fail('its DWARF expression takes a float for an address');
    return Number(BigInt.asUintN(this.#addressBits, cell.bits));
  }

  #run(expression: Uint8Array): void {
    const cursor = new ExpressionCursor(expression);
    while (!cursor.done) {
      if (--this.#steps.left < 0) fail('its DWARF expression does not come to an end');
      const op = cursor.u8();
      if (this.#found !== undefined && op !== Op.piece && op !== Op.bit_piece && op !== Op.nop && op !== Op.GNU_uninit)
        fail('its DWARF expression goes on behind its end');
      if (stackOperator(op, cursor, this.#stack)) continue;
      const value = this.#value(op, cursor) ?? this.#typed(op, cursor);
      if (value !== undefined) this.#stack.push(value);
      else this.#describe(op, cursor);
    }
  }

  /** Operators that push what they find in the program. */
  #value(op: number, cursor: ExpressionCursor): Cell | undefined {
    switch (op) {
      case Op.WASM_location:
      case Op.WASM_location_int:
        return undefined;
      case Op.addr:
        return this.#linked(cursor.unsigned(this.#addressBits / 8));
      case Op.addrx:
      case Op.GNU_addr_index:
        return this.#linked(this.#indexed(cursor));
      case Op.constx:
      case Op.GNU_const_index:
        return generic(this.#indexed(cursor));
      case Op.fbreg:
        return generic(this.#frameBase() + cursor.sleb());
      case Op.call_frame_cfa:
        return generic(BigInt(had(this.#machine.frameBase())));
      case Op.deref:
        return generic(this.#read(this.#addressBits / 8));
      case Op.deref_size:
        return generic(this.#read(cursor.u8()));
      case Op.push_object_address:
        return generic(BigInt(this.#context.object ?? fail('the object that it is of is not at hand')));
      case Op.entry_value:
      case Op.GNU_entry_value: {
        const block = cursor.block(cursor.ulebNumber());
        return generic(this.#within(entered(this.#machine)).number(block));
      }
      default:
        return undefined;
    }
  }

  /** §2.5.1.2, §2.5.1.6: operators that name base types. */
  #typed(op: number, cursor: ExpressionCursor): Cell | undefined {
    switch (op) {
      case Op.const_type:
      case Op.GNU_const_type: {
        const kind = this.#baseType(cursor.ulebNumber());
        return known(typed(bitsOf(cursor.block(cursor.u8())), kind));
      }
      case Op.deref_type:
      case Op.GNU_deref_type: {
        const size = cursor.u8();
        const kind = this.#baseType(cursor.ulebNumber());
        return known(typed(this.#read(size), kind));
      }
      case Op.convert:
      case Op.GNU_convert: {
        const kind = this.#conversion(cursor.ulebNumber());
        return known(convert(this.#stack.pop(), kind));
      }
      case Op.reinterpret:
      case Op.GNU_reinterpret: {
        const kind = this.#conversion(cursor.ulebNumber());
        return known(reinterpret(this.#stack.pop(), kind));
      }
      default:
        return undefined;
    }
  }

  /** Operators that describe a place, and those that can't be done here. */
  #describe(op: number, cursor: ExpressionCursor): void {
    switch (op) {
      case Op.WASM_location:
        this.#wasm(cursor, false);
        return;
      case Op.WASM_location_int:
        this.#wasm(cursor, true);
        return;
      case Op.stack_value:
        this.#found = { kind: 'bytes', bytes: bytesOf(this.#stack.pop()) };
        return;
      case Op.implicit_value:
        this.#found = { kind: 'bytes', bytes: cursor.block(cursor.ulebNumber()) };
        return;
      case Op.implicit_pointer:
      case Op.GNU_implicit_pointer: {
        const die = Number(cursor.unsigned(this.#context.offsetSize));
        this.#found = { kind: 'implicitPointer', die, offset: Number(cursor.sleb()) };
        return;
      }
      case Op.piece:
        this.#piece(cursor.ulebNumber() * 8, 0);
        return;
      case Op.bit_piece: {
        const size = cursor.ulebNumber();
        this.#piece(size, cursor.ulebNumber());
        return;
      }
      case Op.call2:
        this.#call(cursor.u16(), false);
        return;
      case Op.call4:
        this.#call(cursor.u32(), false);
        return;
      case Op.call_ref:
        this.#call(Number(cursor.unsigned(this.#context.offsetSize)), true);
        return;
      case Op.GNU_uninit: // that it may not be initialised yet, debuggers do not say
        return;
      default:
        fail(refusalOf(op));
    }
  }

  #wasm(cursor: ExpressionCursor, wide: boolean): void {
    const machine = this.#machine;
    const place = cursor.u8();
    const index = wide || place === WasmPlace.GlobalRelocated ? cursor.u32() : cursor.ulebNumber();
    const kind = WASM_KINDS[place] ?? fail(`its DWARF expression has an unknown kind ${place} of WebAssembly place`);
    let value: bigint | number | Missing | undefined;
    if (kind === 'global') {
      // The global of this frame, which the present one is not in a caller. A value: nobody sets it.
      const pointer = machine.stackPointer();
      if (pointer?.global === index) value = pointer.value;
      // Only `__tls_base` is ever dropped: without threads, thread-locals are plain data, whose addresses are whole.
      if (place === WasmPlace.GlobalRelocated && index === 0xffff_ffff) value = 0;
    }
    if (value === undefined) {
      if (cursor.peek() === Op.stack_value) {
        cursor.u8();
        this.#found = { kind, index };
        return;
      }
      if (kind === 'local') value = machine.local(index);
      else value = kind === 'global' ? machine.global(index) : machine.operand(index);
    }
    this.#stack.push(generic(BigInt(had(value))));
  }

  /** An address that the linker filled in; its tombstone is what is left of a thing that it dropped. */
  #linked(address: bigint): Cell {
    if (address >= BigInt.asUintN(this.#addressBits, -2n)) fail('the linker dropped it');
    return generic(address);
  }

  #indexed(cursor: ExpressionCursor): bigint {
    const index = cursor.ulebNumber();
    return BigInt(this.#context.addressAt?.(index) ?? fail(`entry ${index} of .debug_addr is not there`));
  }

  #frameBase(): bigint {
    const unwound = this.#machine.frameBase();
    if (!isMissing(unwound)) return BigInt(unwound);
    const expression = this.#context.frameBase ?? fail(unwound.reason);
    return this.#within(this.#machine).number(expression);
  }

  /** For an expression within this one; it finds an empty stack. */
  #within(machine: Machine): Evaluation {
    const context = { ...this.#context, frameBase: undefined, valueSize: undefined, initial: undefined };
    return new Evaluation(context, machine, this.#depth + 1, this.#steps);
  }

  #read(size: number): bigint {
    if (size < 1 || size > 16) fail(`its DWARF expression reads ${size} bytes at once`);
    return bitsOf(had(this.#machine.memory(this.#address(this.#stack.pop()), size)));
  }

  /** §2.5.1.5: on the same stack; a DIE without a location has no effect. */
  #call(offset: number, whole: boolean): void {
    if (this.#calls >= MOST_DEPTH) fail('its DWARF expressions call each other without end');
    this.#calls++;
    this.#run(this.#context.called?.(offset, whole) ?? new Uint8Array(0));
    this.#calls--;
  }

  #baseType(offset: number): BaseKind {
    return this.#context.baseType?.(offset) ?? fail('its DWARF expression names a base type that is not there');
  }

  /** 0 is the generic type. */
  #conversion(offset: number): BaseKind | undefined {
    return offset === 0 ? undefined : this.#baseType(offset);
  }
}

const known = (cell: Cell | undefined): Cell => cell ?? fail('its DWARF expression computes in a type of odd size');

function adjacent(left: Piece, right: Piece): boolean {
  if (left.location.kind !== 'memory' || right.location.kind !== 'memory') return false;
  if (left.offset !== 0 || right.offset !== 0 || left.size % 8 !== 0) return false;
  return left.location.address + left.size / 8 === right.location.address;
}
