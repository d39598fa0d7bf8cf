// Modules that the tests of the disassembly share: one with everything in it, and ones put together byte by byte. Only tests import it.
import { ByteWriter } from './writer.ts';

export const EVERYTHING = `(module $everything
  (type $pair (func (param i32 i64) (result i64 i32)))
  (import "env" "swap" (func $swap (type $pair)))
  (import "env" "limit" (global $limit i32))
  (memory $small 1) (memory $large i64 1)
  (table $calls 4 funcref) (table $objects 2 externref) (table $big i64 3 funcref)
  (global $counter (mut f32) (f32.const 0)) (global $object externref (ref.null extern)) (global $base i32 (i32.const 2048))
  (data $words (i32.const 1024) "hello world\\00\\01\\02\\03\\04gr\\c3\\bc\\c3\\9fe, \\"quoted\\"\\n\\00")
  (data $numbers (global.get $base) "\\01\\02\\03\\04\\05\\06\\07\\08")
  (data $shifted (offset (i32.add (global.get $base) (i32.const 64))) "moved along with the base")
  (data $unknown (global.get $limit) "only the host knows where")
  (data $passive "abc") (elem $targets func $swap)
  (export "a \\"global\\"" (global $object))

  (func $control (param $which i32) (param $flag i32) (result i32) (local $total i64) (local $unused f64)
    block $outer (result i32)
      loop $again
        block $nothing
          local.get $flag
          br_if $again
          local.get $which
          br_table $nothing $again $nothing
        end
        local.get $which
        if (result i32)
          i32.const 1
          br $outer
        else
          local.get $flag
          i32.eqz
        end
        if
          return (i32.const 5)
        end
        unreachable
      end
      i32.const 7
    end
    block (param i32) (result i64 i32)
      i64.const -9223372036854775808
      i32.const -1
      br 0
    end
    i32.const 3
    call_indirect (type $pair)
    drop
    call $long-table
    local.set $total
    (call_indirect $big (type $pair) (i32.const 1) (i64.const 2) (i64.const 0))
    return_call_indirect $calls (type $unary)
    nop)
  (type $unary (func (param i32) (result i32)))

  (func $long-table (param i64) (result i64)
    block block block block
      local.get 0 i32.wrap_i64
      br_table 0 1 2 3 3 3 3 3 3 0 1 2 4 2 1 0 3 3
    end end end end
    local.get 0)

  (func $memories (param i32) (result i32)
    (i32.store8 offset=3 (local.get 0) (i32.const 1))
    (i64.store align=1 (local.get 0) (i64.load32_u offset=1024 align=2 (local.get 0)))
    (drop (i32.load $large offset=18446744073709551615 (i64.const 4294967296)))
    (drop (i32.load $large offset=4294967300 align=1 (i64.const 0)))
    (drop (v128.load8_lane offset=2 3 (i32.const 64) (v128.load64_splat align=4 (i32.const 2112))))
    (memory.copy (i32.const 1024) (i32.const 2049) (i32.const 11))
    (memory.copy $large $small (i64.const 8) (i32.const 1040) (i32.const 7))
    (memory.fill $large (i64.const 8) (i32.const 0) (i64.const 7))
    (memory.init $passive (i32.const 1024) (i32.const 5) (i32.const 3))
    (memory.init $large $passive (i64.const 0) (i32.const 0) (i32.const 3))
    data.drop $passive
    (table.init $big $targets (i64.const 0) (i32.const 0) (i32.const 1))
    elem.drop $targets
    (table.copy $calls $big (i32.const 0) (i64.const 0) (i32.const 0))
    (table.set $objects (i32.const 0) (table.get $objects (i32.const 1)))
    (drop (table.grow $big (ref.func $swap) (i64.const 1)))
    (drop (ref.is_null (select (result externref) (global.get $object) (ref.null extern) (i32.const 0))))
    (drop (memory.grow $large (i64.const 1)))
    memory.size)

  (func $numbers (result f64)
    (drop (f32.const 1.5)) (drop (f32.const 0.1)) (drop (f32.const -0)) (drop (f32.const 1e-45)) (drop (f32.const 16777216))
    (drop (f32.const inf)) (drop (f32.const -nan)) (drop (f32.const nan:0x200001))
    (drop (f64.const 0.1)) (drop (f64.const 1e300)) (drop (f64.const -inf)) (drop (f64.const nan:0x1))
    (drop (v128.const i32x4 1 -1 0x7fffffff 0))
    (drop (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 31 (v128.const i64x2 0 0) (v128.const i64x2 0 0)))
    (global.set $counter (f32.const 3.4028235e38))
    (drop (global.get $limit))
    f64.const 5e-324))`;

/** A signed LEB128, small or not. */
export function leb(value: number): number[] {
  const writer = new ByteWriter();
  writer.s64(BigInt(value));
  return Array.from(writer.bytes());
}

export function section(id: number, content: readonly number[]): Uint8Array {
  const writer = new ByteWriter();
  writer.section(id, Uint8Array.from(content));
  return writer.bytes().slice();
}

/** A module of functions of no type with the given code, without local variables. */
export function moduleOf(parts: {
  readonly code: readonly (readonly number[] | Uint8Array)[];
  readonly memories?: readonly number[];
  readonly rest?: readonly Uint8Array[];
}): Uint8Array {
  const { code, memories, rest = [] } = parts;
  const out = new ByteWriter();
  out.raw(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  out.section(1, Uint8Array.of(1, 0x60, 0, 0));
  const functions = new ByteWriter();
  functions.u32(code.length);
  for (const _ of code) functions.byte(0);
  out.section(3, functions.bytes());
  if (memories !== undefined) out.section(5, Uint8Array.from(memories));
  const bodies = new ByteWriter();
  bodies.u32(code.length);
  for (const body of code) {
    bodies.u32(body.length + 1);
    bodies.byte(0);
    bodies.append(Uint8Array.from(body));
  }
  out.section(10, bodies.bytes());
  for (const each of rest) out.append(each);
  return out.bytes().slice();
}
