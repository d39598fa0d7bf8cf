// A plugin whose frames are of every kind that LLVM makes, in the way LLVM makes them: variable-length arrays, arrays aligned beyond the
// stack's 16 bytes, both in one frame, plain ones between them, leaves that leave the stack pointer alone. Only tests import it.
import { wat } from './wat.ts';

/** `_start` goes 14 levels deep through all of them. @param address type of addresses: i64 for memory64 */
export function oddFrames(address: 'i32' | 'i64'): Uint8Array<ArrayBuffer> {
  const text = TEXT.replaceAll('ADDR', address).replaceAll('MEMORY', address === 'i64' ? 'i64 2' : '2');
  return wat(
    address === 'i64'
      ? text.replaceAll('(WIDE ', '(i64.extend_i32_u ')
      : text.replaceAll('(WIDE ', '(i32.or (i32.const 0) '),
  );
}

const TEXT = `(module
  (memory (export "memory") MEMORY)
  (global $sp (export "__stack_pointer") (mut ADDR) (ADDR.const 65536))
  (table 4 funcref)
  (elem (i32.const 0) $variable $aligned $both $early)
  (type $kind (func (param i32 i32) (result i32)))

  ;; It takes no frame of the global's, being a leaf.
  (func $touch (param $at ADDR) (param $n i32) (result i32) (local $frame ADDR)
    (local.set $frame (ADDR.sub (global.get $sp) (ADDR.const 16)))
    (i32.store (local.get $frame) (local.get $n))
    (i32.store8 (local.get $at) (local.get $n))
    (i32.load (local.get $frame)))

  (func $plain (param $depth i32) (param $n i32) (result i32) (local $frame ADDR)
    (global.set $sp (local.tee $frame (ADDR.sub (global.get $sp) (ADDR.const 48))))
    (drop (call $touch (local.get $frame) (local.get $n)))
    (local.set $n (call $descend (i32.sub (local.get $depth) (i32.const 1)) (i32.add (local.get $n) (i32.const 3))))
    (global.set $sp (ADDR.add (local.get $frame) (ADDR.const 48)))
    (local.get $n))

  ;; char a[n]: all of its frame is of a computed size.
  (func $variable (type $kind) (local $entry ADDR) (local $a ADDR) (local $r i32)
    (global.set $sp (local.tee $a (ADDR.sub
      (local.tee $entry (global.get $sp))
      (ADDR.and (WIDE (i32.add (local.get 1) (i32.const 15))) (ADDR.const -16)))))
    (drop (call $touch (local.get $a) (local.get 1)))
    (local.set $r (call $plain (local.get 0) (i32.add (local.get 1) (i32.const 1))))
    (drop (call $touch (local.get $a) (local.get $r)))
    (global.set $sp (local.get $entry))
    (local.get $r))

  ;; _Alignas(128) char a[72]
  (func $aligned (type $kind) (local $entry ADDR) (local $frame ADDR) (local $r i32)
    (global.set $sp (local.tee $frame (ADDR.and
      (ADDR.sub (local.tee $entry (global.get $sp)) (ADDR.const 128))
      (ADDR.const -128))))
    (drop (call $touch (local.get $frame) (local.get 1)))
    (local.set $r (call $plain (local.get 0) (i32.add (local.get 1) (i32.const 5))))
    (global.set $sp (local.get $entry))
    (local.get $r))

  ;; _Alignas(64) char a[24], b[n]; and char c[n + i] in a loop, given back each time.
  (func $both (type $kind) (local $entry ADDR) (local $frame ADDR) (local $b ADDR) (local $saved ADDR) (local $r i32) (local $i i32)
    (local.set $entry (global.get $sp))
    (global.set $sp (local.tee $frame (ADDR.and (ADDR.sub (local.get $entry) (ADDR.const 64)) (ADDR.const -64))))
    (drop (call $touch (local.get $frame) (local.get 1)))
    (global.set $sp (local.tee $b (ADDR.sub
      (global.get $sp)
      (ADDR.and (WIDE (i32.add (local.get 1) (i32.const 15))) (ADDR.const -16)))))
    (local.set $r (call $plain (local.get 0) (i32.add (local.get 1) (i32.const 7))))
    (loop $again
      (local.set $saved (global.get $sp))
      (global.set $sp (ADDR.sub (global.get $sp) (ADDR.and (WIDE (i32.add (local.get 1) (local.get $i))) (ADDR.const -16))))
      (drop (call $touch (local.get $b) (local.get $i)))
      (global.set $sp (local.get $saved))
      (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 3))))
    (global.set $sp (local.get $entry))
    (local.get $r))

  ;; A frame only behind an early return.
  (func $early (type $kind) (local $frame ADDR) (local $r i32)
    (if (i32.gt_u (local.get 1) (i32.const 1000)) (then (return (call $plain (i32.const 0) (local.get 1)))))
    (drop (call $touch (ADDR.const 1024) (local.get 1)))
    (global.set $sp (local.tee $frame (ADDR.sub (global.get $sp) (ADDR.const 32))))
    (local.set $r (call $plain (local.get 0) (local.get 1)))
    (global.set $sp (ADDR.add (local.get $frame) (ADDR.const 32)))
    (i32.add (local.get $r) (call $touch (ADDR.const 1024) (local.get 1))))

  ;; It has no frame.
  (func $descend (param $depth i32) (param $n i32) (result i32)
    (if (i32.le_s (local.get $depth) (i32.const 0)) (then (return (call $touch (ADDR.const 1024) (local.get $n)))))
    (call_indirect (type $kind) (local.get $depth) (local.get $n) (i32.and (local.get $depth) (i32.const 3))))

  (func (export "_start")
    (drop (call $descend (i32.const 14) (i32.const 9)))))`;
