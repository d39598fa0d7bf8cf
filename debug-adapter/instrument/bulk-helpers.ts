// Helper functions for bulk operations: fuel by size, and long copies in pieces. What would trap is left to the native
// instruction, so the trap is the guest's own; checks come before fuel, as in wasmi. (I1, I3, E2)

import type { InstructionReader } from '../wasm/instructions.ts';
import type { WasmModule } from '../wasm/module.ts';
import { FUNCREF, I32, I64 } from '../wasm/value-types.ts';
import { Action } from './actions.ts';
import type { Additions } from './additions.ts';
import type { Assembler } from './assembler.ts';
import { type CounterGlobals, charge } from './counters.ts';
import { memoryGrow, tableGrow } from './grow-helpers.ts';
import { callHook } from './hooks.ts';
import { BULK_CHUNK, BULK_THRESHOLD, HookSlot, type ProbePlan } from './plan.ts';

const PAGE = 65536;

export class BulkHelpers {
  readonly #module: WasmModule;
  readonly #additions: Additions;
  readonly #plan: ProbePlan;
  readonly #counters: CounterGlobals;
  /** Whether any code drops data or element segments: a segment's length is then not certain. */
  dropsSegments = false;

  constructor(additions: Additions, plan: ProbePlan, counters: CounterGlobals) {
    this.#module = additions.module;
    this.#additions = additions;
    this.#plan = plan;
    this.#counters = counters;
  }

  /** The helper that stands for the instruction `reader` is at; -1 if it can stay as it is. Throws WasmError for indices that are not there. */
  helperFor(reader: InstructionReader, action: number): number {
    const { charges, chunkBulk, growHooks } = this.#plan;
    const costs = charges !== null;
    const { index, index2 } = reader;
    const check = (what: string, n: number, count: number) => {
      if (n >= count) reader.fail(`${what} ${n} does not exist`);
    };
    const memories = this.#module.memories.length;
    const tables = this.#module.tables.length;
    switch (action) {
      case Action.MemoryGrow:
        check('memory', index, memories);
        return costs || growHooks ? memoryGrow(this.#additions, this.#plan, this.#counters, index) : -1;
      case Action.TableGrow:
        check('table', index, tables);
        return costs || growHooks ? tableGrow(this.#additions, this.#plan, this.#counters, index) : -1;
      case Action.MemoryFill:
        check('memory', index, memories);
        return costs || chunkBulk ? this.#memoryFill(index) : -1;
      case Action.MemoryCopy:
        check('memory', index, memories);
        check('memory', index2, memories);
        return costs || chunkBulk ? this.#memoryCopy(index, index2) : -1;
      case Action.MemoryInit:
        check('memory', index2, memories);
        check('data segment', index, this.#module.dataMode.length);
        return costs || chunkBulk ? this.#memoryInit(index, index2) : -1;
      case Action.TableFill:
        check('table', index, tables);
        return costs ? this.#tableFill(index) : -1;
      case Action.TableCopy:
        check('table', index, tables);
        check('table', index2, tables);
        return costs ? this.#tableCopy(index, index2) : -1;
      case Action.TableInit:
        check('table', index2, tables);
        check('element segment', index, this.#module.elementCount);
        return costs ? this.#tableInit(index, index2) : -1;
      default:
        return -1;
    }
  }

  #memoryFill(memory: number): number {
    const is64 = this.#module.memories[memory]?.is64 ?? false;
    const address = is64 ? I64 : I32;
    return this.#additions.helper(`memory.fill ${memory}`, [address, I32, address], [], (code) => {
      const to = widened(code, 0, is64);
      const count = widened(code, 2, is64);
      const native = () => code.emit([0xfc, 11], memory);
      this.#memorySize(code, memory);
      const size = kept(code);
      outOfBounds(code, to, count, size);
      code.if().get(0).get(1).get(2);
      native();
      code.op('return', 'end');
      this.#charge(code, count, 1);
      const step = (length: () => void) => {
        narrowed(code, to, is64);
        code.get(1);
        length();
        native();
      };
      this.#inPieces(code, count, is64, step, [to]);
    });
  }

  #memoryCopy(target: number, source: number): number {
    const target64 = this.#module.memories[target]?.is64 ?? false;
    const source64 = this.#module.memories[source]?.is64 ?? false;
    const both64 = target64 && source64;
    const parameters = [target64 ? I64 : I32, source64 ? I64 : I32, both64 ? I64 : I32];
    return this.#additions.helper(`memory.copy ${target} ${source}`, parameters, [], (code) => {
      const to = widened(code, 0, target64);
      const from = widened(code, 1, source64);
      const count = widened(code, 2, both64);
      const native = () => code.emit([0xfc, 10], target, source);
      this.#memorySize(code, target);
      const targetSize = kept(code);
      this.#memorySize(code, source);
      const sourceSize = kept(code);
      outOfBounds(code, to, count, targetSize);
      outOfBounds(code, from, count, sourceSize);
      code.op('i32.or').if().get(0).get(1).get(2);
      native();
      code.op('return', 'end');
      this.#charge(code, count, 1);
      const step = (length: () => void) => {
        narrowed(code, to, target64);
        narrowed(code, from, source64);
        length();
        native();
      };
      if (this.#plan.chunkBulk && target === source) {
        // Towards higher addresses the pieces go from the end, or the overlap would be overwritten before it is read.
        code.get(to).get(from).op('i64.gt_u').get(count).i64(BULK_THRESHOLD).op('i64.gt_u').emit([0x71]).if().loop();
        code.get(count).i64(BULK_CHUNK).op('i64.sub').set(count);
        for (const [base, is64] of [
          [to, target64],
          [from, source64],
        ] as const) {
          code.get(base).get(count).op('i64.add');
          if (!is64) code.op('i32.wrap_i64');
        }
        lengthOf(code, BULK_CHUNK, both64);
        native();
        callHook(code, this.#additions, HookSlot.Bulk);
        code.get(count).i64(BULK_CHUNK).op('i64.gt_u').branchIf(0).op('end', 'end');
      }
      this.#inPieces(code, count, both64, step, [to, from]);
    });
  }

  #memoryInit(segment: number, memory: number): number {
    const is64 = this.#module.memories[memory]?.is64 ?? false;
    return this.#additions.helper(`memory.init ${segment} ${memory}`, [is64 ? I64 : I32, I32, I32], [], (code) => {
      const to = widened(code, 0, is64);
      const from = widened(code, 1, false);
      const count = widened(code, 2, false);
      const native = () => code.emit([0xfc, 8], segment, memory);
      this.#memorySize(code, memory);
      const size = kept(code);
      // An active segment is empty by the time that code runs.
      const bytes =
        this.#module.dataMode[segment] === 1 ? this.#module.dataEnd[segment]! - this.#module.dataStart[segment]! : 0;
      code.i64(bytes);
      const available = kept(code);
      outOfBounds(code, to, count, size);
      outOfBounds(code, from, count, available);
      code.op('i32.or').if().get(0).get(1).get(2);
      native();
      code.op('return', 'end');
      this.#probeDropped(code, count, () => code.get(0).get(1).i32(1), native);
      this.#charge(code, count, 1);
      const step = (length: () => void) => {
        narrowed(code, to, is64);
        narrowed(code, from, false);
        length();
        native();
      };
      this.#inPieces(code, count, false, step, [to, from]);
    });
  }

  #tableFill(table: number): number {
    const type = this.#module.tables[table];
    const is64 = type?.is64 ?? false;
    const address = is64 ? I64 : I32;
    return this.#additions.helper(
      `table.fill ${table}`,
      [address, type?.elementType ?? FUNCREF, address],
      [],
      (code) => {
        const to = widened(code, 0, is64);
        const count = widened(code, 2, is64);
        this.#tableSize(code, table);
        const size = kept(code);
        outOfBounds(code, to, count, size);
        this.#chargeUnless(code, count);
        code.get(0).get(1).get(2).emit([0xfc, 17], table);
      },
    );
  }

  #tableCopy(target: number, source: number): number {
    const target64 = this.#module.tables[target]?.is64 ?? false;
    const source64 = this.#module.tables[source]?.is64 ?? false;
    const parameters = [target64 ? I64 : I32, source64 ? I64 : I32, target64 && source64 ? I64 : I32];
    return this.#additions.helper(`table.copy ${target} ${source}`, parameters, [], (code) => {
      const to = widened(code, 0, target64);
      const from = widened(code, 1, source64);
      const count = widened(code, 2, target64 && source64);
      this.#tableSize(code, target);
      const targetSize = kept(code);
      this.#tableSize(code, source);
      const sourceSize = kept(code);
      outOfBounds(code, to, count, targetSize);
      outOfBounds(code, from, count, sourceSize);
      code.op('i32.or');
      this.#chargeUnless(code, count);
      code.get(0).get(1).get(2).emit([0xfc, 14], target, source);
    });
  }

  #tableInit(segment: number, table: number): number {
    const is64 = this.#module.tables[table]?.is64 ?? false;
    return this.#additions.helper(`table.init ${segment} ${table}`, [is64 ? I64 : I32, I32, I32], [], (code) => {
      const to = widened(code, 0, is64);
      const from = widened(code, 1, false);
      const count = widened(code, 2, false);
      const native = () => code.emit([0xfc, 12], segment, table);
      this.#tableSize(code, table);
      const size = kept(code);
      code.i64(this.#module.elementMode[segment] === 1 ? this.#module.elementLength[segment]! : 0);
      const available = kept(code);
      outOfBounds(code, to, count, size);
      outOfBounds(code, from, count, available);
      code.op('i32.or').if().get(0).get(1).get(2);
      native();
      code.op('return', 'end');
      this.#probeDropped(code, count, () => code.get(0).get(1).i32(1), native);
      this.#charge(code, count, this.#plan.charges?.bytesPerValue ?? 8);
      code.get(0).get(1).get(2);
      native();
    });
  }

  /** Charges `count` items of `unit` bytes; nothing without fuel. */
  #charge(code: Assembler, count: number, unit: number): void {
    const { charges } = this.#plan;
    if (charges === null) return;
    code.get(count);
    if (unit > 1) code.i64(unit).op('i64.mul');
    code.i64(charges.bytesPerFuel).op('i64.div_u', 'i32.wrap_i64').call(charge(this.#additions, this.#counters));
  }

  /** With a condition on the stack that says that the native instruction will trap: charges table items unless it does. */
  #chargeUnless(code: Assembler, count: number): void {
    code.op('i32.eqz').if();
    this.#charge(code, count, this.#plan.charges?.bytesPerValue ?? 8);
    code.op('end');
  }

  /** A dropped segment traps before it costs: its first item is done alone, which it would be anyway. */
  #probeDropped(code: Assembler, count: number, one: () => void, native: () => void): void {
    if (!this.dropsSegments || this.#plan.charges === null) return;
    code.get(count).op('i64.eqz', 'i32.eqz').if();
    one();
    native();
    code.op('end');
  }

  /** The operation over `count` bytes: in pieces that move the `cursors` up while it is long, then the rest. */
  #inPieces(
    code: Assembler,
    count: number,
    is64: boolean,
    step: (length: () => void) => void,
    cursors: number[],
  ): void {
    if (this.#plan.chunkBulk) {
      code.get(count).i64(BULK_THRESHOLD).op('i64.gt_u').if().loop();
      step(() => lengthOf(code, BULK_CHUNK, is64));
      for (const cursor of cursors) code.get(cursor).i64(BULK_CHUNK).op('i64.add').set(cursor);
      code.get(count).i64(BULK_CHUNK).op('i64.sub').set(count);
      callHook(code, this.#additions, HookSlot.Bulk);
      code.get(count).i64(BULK_CHUNK).op('i64.gt_u').branchIf(0).op('end', 'end');
    }
    step(() => narrowed(code, count, is64));
  }

  #memorySize(code: Assembler, memory: number): void {
    code.emit([0x3f], memory);
    if (!this.#module.memories[memory]?.is64) code.op('i64.extend_i32_u');
    code.i64(PAGE).op('i64.mul');
  }

  #tableSize(code: Assembler, table: number): void {
    code.emit([0xfc, 16], table);
    if (!this.#module.tables[table]?.is64) code.op('i64.extend_i32_u');
  }
}

/** A local with the parameter as an unsigned i64. */
function widened(code: Assembler, parameter: number, is64: boolean): number {
  const local = code.local(I64);
  code.get(parameter);
  if (!is64) code.op('i64.extend_i32_u');
  code.set(local);
  return local;
}

/** A local with what lies on the stack. */
function kept(code: Assembler): number {
  const local = code.local(I64);
  code.set(local);
  return local;
}

/** Pushes a local as the address type. */
function narrowed(code: Assembler, local: number, is64: boolean): void {
  code.get(local);
  if (!is64) code.op('i32.wrap_i64');
}

function lengthOf(code: Assembler, bytes: number, is64: boolean): void {
  if (is64) code.i64(bytes);
  else code.i32(bytes);
}

/** Pushes whether [at, at + count) passes `size`, without overflow: count > size or at > size - count. */
function outOfBounds(code: Assembler, at: number, count: number, size: number): void {
  code.get(count).get(size).op('i64.gt_u');
  code.get(at).get(size).get(count).op('i64.sub', 'i64.gt_u', 'i32.or');
}
