// I1 on hand-written cases: the rewritten module gives the same results, traps and memory as the raw one, under every plan.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ProbePlan } from '../instrument/plan.ts';
import { NO_PLAN, outcomeOf, RewrittenGuest } from '../instrument/testing.ts';
import { wat } from '../testing/wat.ts';
import type { WasmModule } from '../wasm/module.ts';
import { chargeTable } from './charge-table.ts';

type Plan = (module: WasmModule) => ProbePlan;

const PLANS: Record<string, Plan> = {
  nothing: () => NO_PLAN,
  fuel: (module) => ({ ...NO_PLAN, charges: chargeTable(module) }),
  depth: (module) => ({ ...NO_PLAN, frameSlots: chargeTable(module).frameSlots }),
  'canonical NaN': () => ({ ...NO_PLAN, canonicalNaN: true }),
  'bulk and grow': () => ({ ...NO_PLAN, chunkBulk: true, growHooks: true }),
  everything: (module) => {
    const charges = chargeTable(module);
    return {
      ...NO_PLAN,
      charges,
      frameSlots: charges.frameSlots,
      canonicalNaN: true,
      chunkBulk: true,
      growHooks: true,
    };
  },
};

interface Case {
  readonly name: string;
  readonly text: string;
  /** Calls, in order, on one instance. */
  readonly calls: readonly (readonly [name: string, ...args: unknown[]])[];
  readonly imports?: WebAssembly.Imports;
  /** Whether NaN payloads may differ, which the raw engine leaves open. */
  readonly nan?: boolean;
}

const CASES: readonly Case[] = [
  {
    name: 'loops, if with and without else, results, parameters',
    text: `(module
      (memory (export "memory") 1)
      (func (export "sum") (param i32) (result i32) (local i32)
        (loop $l (if (local.get 0) (then
          (local.set 1 (i32.add (local.get 1) (local.get 0)))
          (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
          (br $l))))
        (local.get 1))
      (func (export "pick") (param i32) (result i32)
        (if (result i32) (local.get 0) (then (i32.const 10)) (else (i32.const 20))))
      (func (export "ifParams") (param i32 i32) (result i32)
        (local.get 0) (local.get 1)
        (if (param i32) (result i32) (then (i32.const 1) (i32.add))))
      (func (export "constantIf") (result i32)
        (if (result i32) (i32.const 1) (then (i32.const 3)) (else (i32.const 4)))
        (if (result i32) (i32.const 0) (then (i32.const 30)) (else (i32.const 40)))
        (i32.add))
      (func (export "nested") (param i32) (result i32)
        (block $out (result i32)
          (block $b
            (br_if $b (i32.eqz (local.get 0)))
            (if (i32.gt_u (local.get 0) (i32.const 5)) (then (br $out (i32.const 100))))
            (return (i32.const 50)))
          (i32.const 7)))
      (func (export "store") (param i32) (i32.store (i32.const 16) (local.get 0))))`,
    calls: [
      ['sum', 1000],
      ['sum', 0],
      ['pick', 0],
      ['pick', 1],
      ['ifParams', 5, 0],
      ['ifParams', 5, 1],
      ['constantIf'],
      ['nested', 0],
      ['nested', 3],
      ['nested', 9],
      ['store', 77],
    ],
  },
  {
    name: 'multi-value, br_table, returns out of blocks',
    text: `(module
      (func $swap (export "swap") (param i32 i64) (result i64 i32) (local.get 1) (local.get 0))
      (func (export "early") (param i32) (result i64 i32)
        (block (block (block
          (br_table 0 1 2 (local.get 0)))
          (return (i64.const 1) (i32.const 1)))
          (i64.const 2) (i32.const 2) (return))
        (loop (result i64 i32) (call $swap (i32.const 3) (i64.const 3)) (if (param i64 i32) (result i64 i32) (local.get 0) (then (return)))))
      (func (export "loopParams") (param i32) (result i32 i32)
        (i32.const 0) (local.get 0)
        (loop $l (param i32 i32) (result i32 i32)
          (i32.const 1) (i32.sub) (local.tee 0)
          (drop) (i32.const 2) (i32.add) (local.get 0)
          (br_if $l (i32.gt_s (local.get 0) (i32.const 0)))))
      (func (export "brToBody") (param i32) (result i32)
        (br_if 0 (i32.const 11) (local.get 0)) (drop) (block (br 1 (i32.const 12))) (i32.const 13))
      (func (export "tableOut") (param i32) (result i32)
        (block (result i32) (block (result i32) (i32.const 5) (br_table 0 1 2 (local.get 0))) (i32.const 1) (i32.add))))`,
    calls: [
      ['swap', 1, 2n],
      ['early', 0],
      ['early', 1],
      ['early', 2],
      ['early', 77],
      ['loopParams', 5],
      ['loopParams', 0],
      ['brToBody', 0],
      ['brToBody', 1],
      ['tableOut', 0],
      ['tableOut', 1],
      ['tableOut', 2],
      ['tableOut', -1],
    ],
  },
  {
    name: 'calls: direct, indirect, imported, tail',
    text: `(module
      (import "env" "twice" (func $twice (param i32) (result i32)))
      (type $f (func (param i32) (result i32)))
      (table 3 funcref) (elem (i32.const 0) $one $twice)
      (func $one (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
      (func (export "direct") (param i32) (result i32) (call $one (call $twice (local.get 0))))
      (func (export "indirect") (param i32 i32) (result i32) (call_indirect (type $f) (local.get 1) (local.get 0)))
      (func $even (export "even") (param i32) (result i32)
        (if (i32.eqz (local.get 0)) (then (return (i32.const 1)))) (return_call $odd (i32.sub (local.get 0) (i32.const 1))))
      (func $odd (param i32) (result i32)
        (if (i32.eqz (local.get 0)) (then (return (i32.const 0)))) (return_call $even (i32.sub (local.get 0) (i32.const 1))))
      (func (export "tailIndirect") (param i32) (result i32) (return_call_indirect (type $f) (local.get 0) (i32.const 0)))
      (func (export "tailImport") (param i32) (result i32) (block (return_call $twice (local.get 0))) (unreachable))
      (func (export "fac") (param i64) (result i64)
        (if (result i64) (i64.eqz (local.get 0)) (then (i64.const 1))
          (else (i64.mul (local.get 0) (call 8 (i64.sub (local.get 0) (i64.const 1))))))))`,
    imports: { env: { twice: (value: number) => value * 2 } },
    calls: [
      ['direct', 4],
      ['indirect', 0, 4],
      ['indirect', 1, 4],
      ['indirect', 2, 4],
      ['indirect', 9, 4],
      ['even', 10_001],
      ['even', 100_000],
      ['tailIndirect', 8],
      ['tailImport', 21],
      ['fac', 20n],
    ],
  },
  {
    name: 'traps',
    text: `(module
      (memory 1)
      (func (export "unreachable") (unreachable))
      (func (export "divide") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
      (func (export "divideConstant") (param i32) (result i32) (i32.div_u (local.get 0) (i32.const 0)))
      (func (export "load") (param i32) (result i32) (i32.load offset=8 (local.get 0)))
      (func (export "loadFar") (result i32) (i32.load offset=0xffffffff (i32.const 9)))
      (func (export "truncate") (param f64) (result i32) (i32.trunc_f64_s (local.get 0)))
      (func (export "truncateNaN") (result i32) (i32.trunc_f32_u (f32.const nan))))`,
    calls: [
      ['unreachable'],
      ['divide', 7, 2],
      ['divide', 7, 0],
      ['divide', -0x80000000, -1],
      ['divideConstant', 1],
      ['load', 0],
      ['load', 65532],
      ['load', -1],
      ['loadFar'],
      ['truncate', 1e10],
      ['truncate', -5.5],
      ['truncateNaN'],
    ],
  },
  {
    name: 'unreachable code of every kind',
    text: `(module
      (func (export "a") (result i32) (return (i32.const 1)) (if (result i32) (i32.const 1) (then (i32.const 2)) (else (i32.const 3))))
      (func (export "b") (result i32) (block (result i32) (br 0 (i32.const 4)) (loop (br 0)) (i32.add)))
      (func (export "c") (param i32) (result i32)
        (block $x (br $x) (if (local.get 0) (then (unreachable)) (else (return (i32.const 9))))) (i32.const 5))
      (func (export "d") (param i32) (result i32)
        (if (result i32) (local.get 0) (then (return (i32.const 6))) (else (block (result i32) (br 1 (i32.const 7))))))
      (func (export "e") (result i32) (br_if 0 (i32.const 8) (i32.const 1)))
      (func (export "f") (result i32) (if (i32.const 0) (then (unreachable) (loop (br 0)))) (i32.const 10))
      (func (export "g") (result i32) (loop (result i32) (if (result i32) (i32.const 1) (then (i32.const 11)) (else (br 1)))))
      (func (export "h") (unreachable) (return) (drop) (br_table 0 0 0)))`,
    calls: [['a'], ['b'], ['c', 0], ['c', 1], ['d', 0], ['d', 1], ['e'], ['f'], ['g'], ['h']],
  },
  {
    name: 'bulk memory: overlaps, bounds, dropped segments',
    text: `(module
      (memory (export "memory") 2 4) (data $p "0123456789") (data (i32.const 100) "active")
      (func (export "copy") (param i32 i32 i32) (memory.copy (local.get 0) (local.get 1) (local.get 2)))
      (func (export "fill") (param i32 i32 i32) (memory.fill (local.get 0) (local.get 1) (local.get 2)))
      (func (export "init") (param i32 i32 i32) (memory.init $p (local.get 0) (local.get 1) (local.get 2)))
      (func (export "initActive") (param i32 i32 i32) (memory.init 1 (local.get 0) (local.get 1) (local.get 2)))
      (func (export "drop") (data.drop $p))
      (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
      (func (export "size") (result i32) (memory.size)))`,
    calls: [
      ['init', 0, 0, 10],
      ['copy', 2, 0, 10],
      ['copy', 0, 3, 10],
      ['copy', 131_070, 0, 3],
      ['copy', 0, 131_070, 3],
      ['copy', 131_072, 0, 0],
      ['copy', 131_073, 0, 0],
      ['copy', -1, -1, 2],
      ['fill', 50, 0x1ff, 20],
      ['fill', 131_072, 1, 0],
      ['fill', 131_073, 1, 0],
      ['fill', 131_071, 1, 2],
      ['fill', 0, 1, -1],
      ['init', 0, 5, 5],
      ['init', 0, 5, 6],
      ['init', 131_070, 0, 5],
      ['initActive', 0, 0, 0],
      ['initActive', 0, 0, 1],
      ['grow', 1],
      ['size'],
      ['grow', 0],
      ['grow', 2],
      ['grow', -1],
      ['size'],
      ['fill', 190_000, 3, 6608],
      ['drop'],
      ['init', 0, 0, 0],
      ['init', 0, 0, 1],
    ],
  },
  {
    name: 'long bulk operations in pieces',
    text: `(module
      (memory (export "memory") 1024)
      (func (export "stamp") (param i32)
        (loop $l (i32.store (local.get 0) (i32.mul (local.get 0) (i32.const 0x9e3779b1)))
          (br_if $l (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 4096))) (i32.const 0x4000000)))))
      (func (export "copy") (param i32 i32 i32) (memory.copy (local.get 0) (local.get 1) (local.get 2)))
      (func (export "fill") (param i32 i32 i32) (memory.fill (local.get 0) (local.get 1) (local.get 2)))
      (func (export "probe") (param i32) (result i32) (i32.load (local.get 0))))`,
    calls: [
      ['stamp', 3],
      ['copy', 4096, 0, 0x3000001],
      ['copy', 5, 8192, 0x3000003],
      ['copy', 17, 17, 0x2000000],
      ['fill', 9, 7, 0x1000000],
      ['fill', 9, 8, 0x1000001],
      ['fill', 0x1000000, 8, 0x3000000],
      ['fill', 0x1000001, 8, 0x3000000],
      ['copy', 0, 1, 0x4000000],
      ['probe', 0x2ffffff],
    ],
  },
  {
    name: 'tables: get, set, grow, fill, copy, init',
    text: `(module
      (type $f (func (result i32)))
      (table $t 4 8 funcref) (table $u 4 funcref) (table $x 2 externref)
      (elem $p func $one $two) (elem declare func $one)
      (func $one (result i32) (i32.const 1)) (func $two (result i32) (i32.const 2))
      (func (export "init") (param i32 i32 i32) (table.init $t $p (local.get 0) (local.get 1) (local.get 2)))
      (func (export "copy") (param i32 i32 i32) (table.copy $u $t (local.get 0) (local.get 1) (local.get 2)))
      (func (export "within") (param i32 i32 i32) (table.copy $t $t (local.get 0) (local.get 1) (local.get 2)))
      (func (export "fill") (param i32 i32) (table.fill $t (local.get 0) (ref.func $one) (local.get 1)))
      (func (export "fillExtern") (param i32 externref i32) (table.fill $x (local.get 0) (local.get 1) (local.get 2)))
      (func (export "getExtern") (param i32) (result externref) (table.get $x (local.get 0)))
      (func (export "grow") (param i32) (result i32) (table.grow $t (ref.null func) (local.get 0)))
      (func (export "growExtern") (param externref i32) (result i32) (table.grow $x (local.get 0) (local.get 1)))
      (func (export "size") (result i32) (table.size $t))
      (func (export "drop") (elem.drop $p))
      (func (export "set") (param i32) (table.set $t (local.get 0) (ref.func $one)))
      (func (export "isNull") (param i32) (result i32) (ref.is_null (table.get $t (local.get 0))))
      (func (export "call") (param i32) (result i32) (call_indirect $t (type $f) (local.get 0)))
      (func (export "callU") (param i32) (result i32) (call_indirect $u (type $f) (local.get 0))))`,
    calls: [
      ['init', 1, 0, 2],
      ['call', 1],
      ['call', 2],
      ['call', 0],
      ['call', 4],
      ['init', 3, 0, 2],
      ['init', 0, 1, 2],
      ['init', 4, 2, 0],
      ['within', 0, 1, 3],
      ['call', 0],
      ['copy', 2, 0, 2],
      ['callU', 2],
      ['copy', 3, 0, 2],
      ['fill', 0, 4],
      ['fill', 4, 1],
      ['fill', 4, 0],
      ['grow', 2],
      ['grow', 3],
      ['grow', 0],
      ['size'],
      ['grow', 2],
      ['isNull', 7],
      ['set', 7],
      ['call', 7],
      ['set', 8],
      ['fillExtern', 0, 'x', 2],
      ['getExtern', 1],
      ['growExtern', 'y', 3],
      ['getExtern', 4],
      ['getExtern', 5],
      ['drop'],
      ['init', 0, 0, 1],
      ['init', 0, 0, 0],
    ],
  },
  {
    name: 'multi-memory and memory64',
    text: `(module
      (memory $a (export "memory") 1) (memory $b (export "other") i64 1 3) (data $p "xyz")
      (func (export "fillB") (param i64 i32 i64) (memory.fill $b (local.get 0) (local.get 1) (local.get 2)))
      (func (export "copyBA") (param i64 i32 i32) (memory.copy $b $a (local.get 0) (local.get 1) (local.get 2)))
      (func (export "copyAB") (param i32 i64 i32) (memory.copy $a $b (local.get 0) (local.get 1) (local.get 2)))
      (func (export "copyBB") (param i64 i64 i64) (memory.copy $b $b (local.get 0) (local.get 1) (local.get 2)))
      (func (export "initB") (param i64 i32 i32) (memory.init $b $p (local.get 0) (local.get 1) (local.get 2)))
      (func (export "growB") (param i64) (result i64) (memory.grow $b (local.get 0)))
      (func (export "growA") (param i32) (result i32) (memory.grow $a (local.get 0)))
      (func (export "load") (param i64) (result i32) (i32.load8_u $b offset=2 (local.get 0)))
      (func (export "storeA") (param i32 i64) (i64.store $a align=2 (local.get 0) (local.get 1))))`,
    calls: [
      ['fillB', 0n, 65, 100n],
      ['fillB', 65_536n, 65, 0n],
      ['fillB', 65_537n, 65, 0n],
      ['fillB', -1n, 65, 2n],
      ['fillB', 1n, 65, -1n],
      ['copyAB', 0, 0n, 50],
      ['storeA', 4, 0x1122334455667788n],
      ['copyBA', 200n, 0, 20],
      ['copyBB', 202n, 200n, 20n],
      ['copyBA', -8n, 0, 4],
      ['copyAB', 65_535, 0n, 2],
      ['initB', 300n, 0, 3],
      ['initB', 300n, 1, 3],
      ['growB', 1n],
      ['growB', 5n],
      ['growB', -1n],
      ['growB', 1n],
      ['growA', 1],
      ['load', 298n],
      ['load', 0xffffffffffffn],
      ['load', -1n],
    ],
  },
  {
    name: 'exports named like ours, and globals of every type',
    text: `(module
      (memory (export "wpd:hooks") 1) (global (export "wpd:fuel") (mut i32) (i32.const 5))
      (global $l (export "wpd:depth") (mut i64) (i64.const -7)) (global $f (mut f64) (f64.const 1.5)) (global $r (mut funcref) (ref.null func))
      (global $v v128 (v128.const i32x4 1 2 3 4)) (global $k i32 (i32.add (i32.const 40) (i32.const 2)))
      (func (export "wpd:memory 0") (result i32) (global.get 0))
      (func (export "wpd:start'") (param i32) (global.set 0 (local.get 0)))
      (func (export "k") (result i32) (global.get $k))
      (func (export "constantGlobal") (result i32) (if (result i32) (global.get $k) (then (i32.const 1)) (else (i32.const 2))))
      (func (export "l") (result i64) (global.set $l (i64.add (global.get $l) (i64.const 1))) (global.get $l)))`,
    calls: [['wpd:memory 0'], ["wpd:start'", 9], ['wpd:memory 0'], ['k'], ['constantGlobal'], ['l'], ['l']],
  },
  {
    name: 'a start function and active segments',
    text: `(module
      (memory (export "memory") 1) (data (i32.const 0) "abc") (global $g (mut i32) (i32.const 0))
      (func $s (global.set $g (i32.load8_u (i32.const 1)))) (start $s)
      (func (export "g") (result i32) (global.get $g)))`,
    calls: [['g']],
  },
  {
    name: 'float arithmetic without NaNs keeps every bit',
    text: `(module
      (func (export "f32") (param f32 f32) (result f32) (f32.sqrt (f32.div (f32.mul (local.get 0) (local.get 1)) (f32.sub (local.get 0) (f32.neg (local.get 1))))))
      (func (export "f64") (param f64 f64) (result f64) (f64.nearest (f64.max (f64.min (local.get 0) (local.get 1)) (f64.const -3.5))))
      (func (export "promote") (param f32) (result f64) (f64.promote_f32 (local.get 0)))
      (func (export "demote") (param f64) (result f32) (f32.demote_f64 (local.get 0)))
      (func (export "copysign") (param f64 f64) (result f64) (f64.copysign (local.get 0) (local.get 1)))
      (func (export "compare") (param f64 f64) (result i32) (f64.lt (f64.add (local.get 0) (local.get 1)) (f64.ceil (local.get 0)))))`,
    calls: [
      ['f32', 3, 5],
      ['f32', -0, 5],
      ['f64', 2.5, 3.5],
      ['f64', -2.5, 1],
      ['f64', -0, 0],
      ['promote', 1e-45],
      ['demote', 1e-320],
      ['demote', Number.POSITIVE_INFINITY],
      ['copysign', 1, -0],
      ['compare', 1, 2],
      ['compare', Number.NaN, 2],
      ['f32', Number.NaN, 1],
    ],
  },
  {
    name: 'SIMD, relaxed SIMD',
    text: `(module
      (memory (export "memory") 1)
      (func (export "run") (param i32) (result i64 i64) (local v128)
        (v128.store (i32.const 0) (i32x4.mul (i32x4.splat (local.get 0)) (v128.const i32x4 1 2 3 4)))
        (local.set 1 (f32x4.sqrt (f32x4.convert_i32x4_s (v128.load (i32.const 0)))))
        (local.set 1 (f64x2.add (f64x2.promote_low_f32x4 (local.get 1)) (f64x2.splat (f64.const 0.5))))
        (v128.store offset=16 (i32.const 0) (local.get 1))
        (v128.store8_lane offset=40 15 (i32.const 0) (i8x16.shuffle 0 17 2 19 4 21 6 23 8 25 10 27 12 29 14 31 (local.get 1) (v128.load (i32.const 0))))
        (i64x2.extract_lane 0 (local.get 1)) (i64x2.extract_lane 1 (local.get 1)))
      (func (export "relaxed") (param i32) (result i32)
        (v128.store (i32.const 64) (i16x8.relaxed_dot_i8x16_i7x16_s (i8x16.splat (local.get 0)) (v128.const i8x16 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16)))
        (v128.store (i32.const 80) (i32x4.relaxed_dot_i8x16_i7x16_add_s (i8x16.splat (local.get 0)) (i8x16.splat (i32.const 3)) (v128.load (i32.const 64))))
        (v128.store (i32.const 96) (f32x4.relaxed_madd (f32x4.splat (f32.const 2)) (f32x4.splat (f32.const 3)) (f32x4.splat (f32.const 4))))
        (v128.store (i32.const 112) (f64x2.relaxed_nmadd (f64x2.splat (f64.const 2)) (f64x2.splat (f64.const 3)) (f64x2.splat (f64.const 4))))
        (v128.store (i32.const 128) (i8x16.relaxed_swizzle (v128.load (i32.const 64)) (v128.const i8x16 15 14 13 12 11 10 9 8 7 6 5 4 3 2 1 0)))
        (v128.store (i32.const 144) (i8x16.relaxed_laneselect (v128.load (i32.const 64)) (v128.load (i32.const 80)) (v128.const i32x4 -1 0 -1 0)))
        (v128.store (i32.const 160) (i32x4.relaxed_trunc_f32x4_s (f32x4.splat (f32.const -3.75))))
        (v128.store (i32.const 176) (i16x8.relaxed_q15mulr_s (v128.load (i32.const 64)) (v128.load (i32.const 80))))
        (v128.store (i32.const 192) (f32x4.relaxed_min (v128.load (i32.const 96)) (f32x4.splat (f32.const 1))))
        (v128.any_true (v128.load (i32.const 176)))))`,
    calls: [
      ['run', 3],
      ['run', 1_000_000],
      ['relaxed', 7],
      ['relaxed', -128],
    ],
  },
];

/** Every exported memory, as bytes. */
function memories(instance: WebAssembly.Instance, names: readonly string[]): Buffer[] {
  return names.map((name) => Buffer.from((instance.exports[name] as WebAssembly.Memory).buffer));
}

describe('I1: the rewritten module behaves as the original', () => {
  for (const test of CASES) {
    const bytes = wat(test.text);
    const compiled = new WebAssembly.Module(bytes);
    const exported = WebAssembly.Module.exports(compiled)
      .filter((item) => item.kind === 'memory')
      .map((item) => item.name);
    for (const [plan, make] of Object.entries(PLANS)) {
      it(`I1: ${test.name}; plan: ${plan}`, () => {
        const raw = new WebAssembly.Instance(compiled, test.imports);
        const guest = new RewrittenGuest(bytes, make, test.imports);
        for (const [name, ...args] of test.calls) {
          const label = `${name}(${args.join(', ')})`;
          assert.equal(outcomeOf(guest.instance, name, args), outcomeOf(raw, name, args), label);
          for (const [index, memory] of memories(raw, exported).entries()) {
            const rewritten = Buffer.from((guest.instance.exports[exported[index]!] as WebAssembly.Memory).buffer);
            assert.ok(memory.equals(rewritten), `the memory after ${label}`);
          }
        }
      });
    }
  }
});
