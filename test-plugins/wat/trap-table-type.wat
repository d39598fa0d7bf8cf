;; Calls a function as one of another type.
;; Production: traps with "indirect call type mismatch", and the call fails with InternalError.
(module
  (type $number (func (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\00\80\00\00\00\20\00\00") ;; iovec: 8192 bytes at 0x8000; how many came is put at 8
  (table 8 funcref)
  (elem (i32.const 3) $other)

  ;; A request shorter than 8 KiB comes whole; while nothing is there the answer is EAGAIN.
  (func $read_line
    (loop $again
      (br_if $again (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))))

  (func $other (param i32 i64) (result f32) (f32.const 1))
  (func $guilty (param $index i32)
    (drop (call_indirect (type $number) (i32.const 1) (i32.sub (local.get $index) (i32.const 5)))))

  (func (export "_start")
    (call $read_line)
    (call $guilty (i32.const 8)))
)
