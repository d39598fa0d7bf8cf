// The two forms in which LLVM says that a variable has a place in its function's frame: what they are read from, without evaluating them. Whatever else an
// expression does is none of these. Pure.
import { CutShort, ExpressionCursor } from './location-expression-cursor.ts';
import { Op, WasmPlace } from './location-expression-operators.ts';

/** A place in the frame that begins a stack object: bytes behind the frame base. */
export interface FrameSlot {
  readonly offset: number;
  /** It holds the address of what is described. */
  readonly isPointer: boolean;
}

/** `DW_OP_fbreg N`, or what begins with `DW_OP_fbreg N, DW_OP_deref` (DWARF 5 §2.5.1.2, §2.5.1.3); undefined: another expression. */
export function frameSlot(expression: Uint8Array): FrameSlot | undefined {
  return read(expression, Op.fbreg, (cursor) => {
    const offset = Number(cursor.sleb());
    if (cursor.done) return { offset, isPointer: false };
    return cursor.u8() === Op.deref ? { offset, isPointer: true } : undefined;
  });
}

/** The Wasm local that a DW_AT_frame_base names: `DW_OP_WASM_location 0 N`, as a value or not; undefined: another expression. */
export function frameBaseLocal(expression: Uint8Array): number | undefined {
  return read(expression, Op.WASM_location, (cursor) => {
    if (cursor.u8() !== WasmPlace.Local) return undefined;
    const local = cursor.ulebNumber();
    return cursor.done || (cursor.u8() === Op.stack_value && cursor.done) ? local : undefined;
  });
}

function read<T>(expression: Uint8Array, first: number, rest: (cursor: ExpressionCursor) => T): T | undefined {
  const cursor = new ExpressionCursor(expression);
  if (cursor.peek() !== first) return undefined;
  cursor.u8();
  try {
    return rest(cursor);
  } catch (error) {
    if (error instanceof CutShort) return undefined;
    throw error;
  }
}
