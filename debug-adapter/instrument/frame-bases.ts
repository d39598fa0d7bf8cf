// Stores `__stack_pointer` where some functions are entered: those whose callers static unwinding can't find, because they align their
// frame or take stack space of a computed size (FrameLayouts.unusual). A slot for each frame in a memory of ours, by how many frames
// are live: nothing has to be undone when a function returns. (DESIGN: frame bases)
import type { ByteWriter } from '../wasm/writer.ts';

/** A slot: the stack pointer (8 bytes, little-endian), and the function that stored it, plus one (0: nobody yet). */
const SLOT_SHIFT = 4;
const SLOT_BYTES = 1 << SLOT_SHIFT;
const FUNCTION_AT = 8;

const GLOBAL_GET = 0x23;

/** Bytes of memory for `frames` live frames. */
export function storedBytes(frames: number): number {
  return (frames + 2) * SLOT_BYTES;
}

/** Where the stack pointer is, where it is stored, and how the frames are counted. */
export interface StoredPlaces {
  /** Index of `__stack_pointer`. */
  readonly pointer: number;
  /** It is an i64. */
  readonly wide: boolean;
  /** Index of the memory of slots: at least `storedBytes(FRAME_LIMIT)` long, 32-bit. */
  readonly memory: number;
  /** Writes code that leaves the number of live frames that are counted on the stack (i32): 1 in the outermost. */
  readonly frames: (code: ByteWriter) => void;
}

export class StoredPointers {
  readonly #functions: Uint8Array;
  readonly #places: StoredPlaces;

  /** @param functions 1 for each function (imported ones first) that stores */
  constructor(functions: Uint8Array, places: StoredPlaces) {
    this.#functions = functions;
    this.#places = places;
  }

  stores(func: number): boolean {
    return this.#functions[func] === 1;
  }

  /**
   * Writes the store at the entry of function `func`, after its frame was counted. It leaves operands and locals alone.
   * @param counted false for leaves, whose frame is not in the count
   */
  enter(code: ByteWriter, func: number, counted: boolean): void {
    const { pointer, wide, memory } = this.#places;
    this.#slot(code, counted);
    code.byte(GLOBAL_GET);
    code.u32(pointer);
    code.raw(wide ? 0x37 : 0x36, 0x42); // store, of another memory than 0
    code.u32(memory);
    code.byte(0);
    this.#slot(code, counted);
    code.byte(0x41);
    code.s32(func + 1);
    code.raw(0x36, 0x42);
    code.u32(memory);
    code.byte(FUNCTION_AT);
  }

  #slot(code: ByteWriter, counted: boolean): void {
    this.#places.frames(code);
    if (!counted) code.raw(0x41, 1, 0x6a); // i32.const, i32.add
    code.raw(0x41, SLOT_SHIFT, 0x74); // i32.const, i32.shl
  }
}

/**
 * What was stored when frame `index` of `functions` (a whole stack, innermost first) was entered; undefined where that function stores
 * nothing. `unwind` takes it as `KnownPointers.stored`.
 */
export function storedPointer(
  memory: ArrayBuffer,
  functions: readonly { readonly func: number }[],
  index: number,
): number | undefined {
  const frame = functions[index];
  const at = (functions.length - index) * SLOT_BYTES;
  if (frame === undefined || at + SLOT_BYTES > memory.byteLength) return undefined;
  const view = new DataView(memory);
  // What an earlier frame left there names another function, or was written over when this one was entered.
  if (view.getUint32(at + FUNCTION_AT, true) !== frame.func + 1) return undefined;
  return Number(view.getBigUint64(at, true));
}
