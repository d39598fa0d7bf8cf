// A plugin whose callers' locals tell the calls apart: a function that calls itself, twice begun, and yields at the bottom. Only tests import it.
import { wat } from './wat.ts';

/** At its second yield: `$down` four times, `n` from 0 to 3 outwards, below `_start` with `outer` = 2.5. */
export const CALLERS = wat(
  `(module
    (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
    (memory (export "memory") 1)
    (func $down (param $n i32) (param $what i64) (result i32) (local $twice i32)
      (local.set $twice (i32.mul (local.get $n) (i32.const 2)))
      (if (result i32) (i32.eqz (local.get $n))
        (then (call $yield))
        (else (call $down (i32.sub (local.get $n) (i32.const 1)) (i64.add (local.get $what) (i64.const 100))))))
    (func (export "_start") (local $outer f64)
      (drop (call $down (i32.const 2) (i64.const 0)))
      (local.set $outer (f64.const 2.5))
      (drop (call $down (i32.const 3) (i64.const 1)))))`,
  { names: true },
);
