// Helper functions for memory.grow and table.grow: fuel by size, and the hooks before and after. (I3, E9, R1)
import { F64, FUNCREF, I32, I64 } from '../wasm/value-types.ts';
import type { Additions } from './additions.ts';
import type { Assembler } from './assembler.ts';
import { type CounterGlobals, charge } from './counters.ts';
import { callHook } from './hooks.ts';
import { HookSlot, type ProbePlan } from './plan.ts';

/** Spaces as the hooks count them. */
const MEMORY = 0;
const TABLE = 1;

interface Growth {
  readonly space: number;
  readonly index: number;
  readonly is64: boolean;
  /** The parameter that says by how much; those before it are passed on. */
  readonly delta: number;
  /** Pages or items that there can ever be. */
  readonly limit: number;
  /** Bytes that one page or item costs fuel as. */
  readonly unit: number;
  /** Opcode bytes of the size instruction. */
  readonly size: readonly number[];
  readonly grow: readonly number[];
}

/** Index of the helper for memory.grow of this memory. */
export function memoryGrow(additions: Additions, plan: ProbePlan, counters: CounterGlobals, memory: number): number {
  const type = additions.module.memories[memory];
  const is64 = type?.is64 ?? false;
  const address = is64 ? I64 : I32;
  const limit = Math.min(type?.max ?? Number.POSITIVE_INFINITY, is64 ? 2 ** 48 : 65536);
  const growth = { space: MEMORY, index: memory, is64, delta: 0, limit, unit: 65536, size: [0x3f], grow: [0x40] };
  return additions.helper(`memory.grow ${memory}`, [address], [address], (code) =>
    growBody(code, additions, plan, counters, growth),
  );
}

/** Index of the helper for table.grow of this table. */
export function tableGrow(additions: Additions, plan: ProbePlan, counters: CounterGlobals, table: number): number {
  const type = additions.module.tables[table];
  const is64 = type?.is64 ?? false;
  const address = is64 ? I64 : I32;
  const limit = Math.min(type?.max ?? Number.POSITIVE_INFINITY, is64 ? 2 ** 53 : 0xffffffff);
  const unit = plan.charges?.bytesPerValue ?? 8;
  const growth = { space: TABLE, index: table, is64, delta: 1, limit, unit, size: [0xfc, 16], grow: [0xfc, 15] };
  return additions.helper(`table.grow ${table}`, [type?.elementType ?? FUNCREF, address], [address], (code) =>
    growBody(code, additions, plan, counters, growth),
  );
}

function growBody(code: Assembler, additions: Additions, plan: ProbePlan, counters: CounterGlobals, of: Growth): void {
  const { space, index, is64, delta } = of;
  if (plan.charges !== null) {
    const wide = code.local(I64);
    code.get(delta);
    if (!is64) code.op('i64.extend_i32_u');
    code.set(wide);
    // Only a growth within the declared bounds costs fuel: delta <= limit - size.
    code.get(wide).i64(BigInt(of.limit)).emit(of.size, index);
    if (!is64) code.op('i64.extend_i32_u');
    code.op('i64.sub', 'i64.le_u').if();
    code.get(wide).i64(of.unit).op('i64.mul').i64(plan.charges.bytesPerFuel);
    code.op('i64.div_u', 'i32.wrap_i64').call(charge(additions, counters)).op('end');
  }
  const native = () => {
    for (let parameter = 0; parameter <= delta; parameter++) code.get(parameter);
    code.emit(of.grow, index);
  };
  if (!plan.growHooks) {
    native();
    return;
  }
  const result = code.local(is64 ? I64 : I32);
  const asked = code.local(F64);
  code
    .get(delta)
    .op(is64 ? 'f64.convert_i64_u' : 'f64.convert_i32_u')
    .set(asked);
  code.i32(space).i32(index).get(asked);
  callHook(code, additions, HookSlot.GrowBefore);
  code.if(is64 ? I64 : I32);
  if (is64) code.i64(-1);
  else code.i32(-1);
  code.op('else');
  native();
  code.op('end').set(result);
  code
    .i32(space)
    .i32(index)
    .get(asked)
    .get(result)
    .op(is64 ? 'f64.convert_i64_s' : 'f64.convert_i32_s');
  callHook(code, additions, HookSlot.GrowAfter);
  code.get(result);
}
