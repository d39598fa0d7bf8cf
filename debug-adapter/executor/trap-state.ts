// A guest that stands right before the instruction that is to trap, as trap-detail.ts asks for it; and its stack in memory, whose overflow is
// told by `__stack_pointer`. Reads only. Contract P1.
import { DataAddresses } from '../wasm/disassembly-data.ts';
import { InstructionReader } from '../wasm/instructions.ts';
import type { CodeRun } from './code-run.ts';
import type { Loaded } from './loading.ts';
import type { GuestFrame } from './options.ts';
import { type TrapDetail, type TrapState, trapDetail } from './trap-detail.ts';
import { unwindGuest } from './unwind-guest.ts';

/** The stack in memory has overflowed. */
interface MemoryStackOverflow {
  /** Where the innermost frame lies, or would: below 0, or amid data. */
  readonly pointer: number;
  /** How large the stack is, where it comes first in memory. */
  readonly bytes?: number;
}

/** What the trap was, as far as its instruction tells. */
export interface TrapFound extends Partial<TrapDetail> {
  /** The instruction's operands are being looked for still: there may be more to tell when they are found. */
  readonly sought?: true;
  readonly overflow?: MemoryStackOverflow;
}

interface Standing {
  readonly code: CodeRun;
  readonly loaded: Loaded;
  readonly instance: WebAssembly.Instance;
  /** Innermost first. */
  readonly frames: readonly GuestFrame[];
}

/** Looks at the instruction before which the guest stands, with its operands at hand. */
export function trapFound(standing: Standing): TrapFound {
  const { code, loaded } = standing;
  const { guest } = code;
  const { module } = loaded;
  const at = new InstructionReader(module.bytes);
  at.reset(guest.offset, module.bytes.length);
  const stack = memoryStackOverflow(standing);
  const overflow = stack === undefined ? {} : { overflow: stack };
  if (guest.offset < 0 || !guest.handed || !at.next()) return overflow;
  const table = (index: number): WebAssembly.Table | undefined => {
    const found = standing.instance.exports[loaded.instrumented.exports.tables[index] ?? ''];
    return found instanceof WebAssembly.Table ? found : undefined;
  };
  const state: TrapState = {
    module,
    at,
    operand: (index) => {
      const value = guest.operands.value(index);
      return typeof value === 'number' || typeof value === 'bigint' ? value : undefined;
    },
    memorySize: (index) => guest.memoryAt(index)?.buffer.byteLength,
    tableSize: (index) => table(index)?.length,
    functionAt: (index, element) => functionIn(table(index), element),
    nameOf: (func) => loaded.nameOf(func),
  };
  return { ...trapDetail(state), ...overflow };
}

/** Functions of an instance are named by their numbers (JavaScript API of WebAssembly, "name of the WebAssembly function"). */
function functionIn(table: WebAssembly.Table | undefined, element: number): number | undefined {
  if (table === undefined || element >= table.length) return undefined;
  const found: unknown = table.get(element);
  if (found === null) return -1;
  return typeof found === 'function' && /^\d+$/.test(found.name) ? Number(found.name) : undefined;
}

/**
 * Whether the frames have left the stack that the linker laid out, which grows down: to below 0 where it comes first in memory (wasm-ld
 * --stack-first, as rustc has it), into data elsewhere. Undefined: they have not, or there is no such stack.
 */
function memoryStackOverflow({ loaded, instance, frames }: Standing): MemoryStackOverflow | undefined {
  const { layouts, instrumented, module } = loaded;
  const { initial } = layouts;
  const global = instance.exports[instrumented.exports.globals[layouts.stackPointer] ?? ''];
  const value: unknown = global instanceof WebAssembly.Global ? global.value : undefined;
  if (initial === undefined || typeof value !== 'number') return undefined;
  // a function that calls no other may lay its frame below the stack pointer without moving that
  const base = unwindGuest({ layouts, instance, exports: instrumented.exports }, frames)[0]?.frameBase;
  const pointer = Math.min(value | 0, (base ?? value) | 0);
  if (pointer < 0) return { pointer, bytes: initial };
  return pointer < initial && new DataAddresses(module).placeOf(0, pointer) !== undefined ? { pointer } : undefined;
}
