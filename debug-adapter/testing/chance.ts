// A plugin that does by chance what plugins do: it draws random bytes, and each says what comes next. Only tests import it.
import { wat } from './wat.ts';

/**
 * Reads its request; then, for each of 40 random bytes, one of: read the clock, log a line of random length, call the host method `echo` and
 * wait for the reply, sleep for some ms, grow memory, yield, poll stdin, compute for a while, fill much memory. Then it answers with the
 * sum of all it was given.
 */
export const chance: Uint8Array = wat(`(module
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get" (func $clock_time_get (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sched_yield" (func $sched_yield (result i32)))
  (memory (export "memory") 3)
  (global $sum (mut i64) (i64.const 0))
  (data (i32.const 0) "\\00\\80\\00\\00\\00\\20\\00\\00")
  (data (i32.const 1024) "{\\"jsonrpc\\":\\"2.0\\",\\"id\\":0,\\"method\\":\\"echo\\",\\"params\\":\\"a\\"}\\n")
  (data (i32.const 1100) "{\\"jsonrpc\\":\\"2.0\\",\\"id\\":0,\\"result\\":0000000000000000}\\n")
  (data (i32.const 1200) "a log line that is cut off somewhere\\n")

  (func $add (param i64) (global.set $sum (i64.xor (i64.mul (global.get $sum) (i64.const 31)) (local.get 0))))
  (func $read_line
    (loop $again
      (br_if $again (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8))))
    (call $add (i64.load (i32.const 0x8000)))
    (call $add (i64.extend_i32_u (i32.load (i32.const 8)))))
  (func $write (param $fd i32) (param $text i32) (param $length i32)
    (i32.store (i32.const 16) (local.get $text))
    (i32.store (i32.const 20) (local.get $length))
    (drop (call $fd_write (local.get $fd) (i32.const 16) (i32.const 1) (i32.const 24))))

  (func $act (param $byte i32) (local $n i32)
    (block $compute (block $poll (block $yield (block $grow (block $sleep (block $call (block $log (block $clock (block $fill
      (br_table $clock $log $call $sleep $grow $yield $poll $fill $compute (i32.rem_u (local.get $byte) (i32.const 9))))
      ;; $fill
      (memory.fill (i32.const 0x10000) (local.get $byte) (i32.const 0x10000)) (return))
      ;; $clock
      (drop (call $clock_time_get (i32.const 0) (i64.const 1) (i32.const 32)))
      (call $add (i64.load (i32.const 32))) (return))
      ;; $log
      (call $write (i32.const 2) (i32.const 1200) (i32.add (i32.const 30) (i32.rem_u (local.get $byte) (i32.const 8)))) (return))
      ;; $call
      (call $write (i32.const 1) (i32.const 1024) (i32.const 54)) (call $read_line) (return))
      ;; $sleep
      (memory.fill (i32.const 512) (i32.const 0) (i32.const 48))
      (i64.store (i32.const 536) (i64.mul (i64.extend_i32_u (local.get $byte)) (i64.const 10000)))
      (drop (call $poll_oneoff (i32.const 512) (i32.const 600) (i32.const 1) (i32.const 700))) (return))
      ;; $grow
      (call $add (i64.extend_i32_s (memory.grow (i32.rem_u (local.get $byte) (i32.const 3))))) (return))
      ;; $yield
      (drop (call $sched_yield)) (return))
      ;; $poll
      (call $add (i64.extend_i32_s (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))) (return))
    ;; $compute
    (local.set $n (i32.mul (local.get $byte) (i32.const 500)))
    (loop $again
      (call $add (i64.extend_i32_u (local.get $n)))
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (br_if $again (i32.gt_s (local.get $n) (i32.const 0)))))

  (func (export "_start") (local $at i32)
    (call $read_line)
    (drop (call $random_get (i32.const 2048) (i32.const 40)))
    (loop $again
      (call $act (i32.load8_u offset=2048 (local.get $at)))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $at) (i32.const 40))))
    ;; the sum, as 16 digits from 1 up
    (local.set $at (i32.const 0))
    (loop $digits
      (i32.store8 offset=1133 (local.get $at) (i32.add (i32.const 49) (i32.wrap_i64 (i64.and (i64.shr_u (global.get $sum) (i64.extend_i32_u (i32.mul (local.get $at) (i32.const 4)))) (i64.const 7)))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $digits (i32.lt_u (local.get $at) (i32.const 16))))
    (call $write (i32.const 1) (i32.const 1100) (i32.const 51))))`);
