;; Calls by an index that its table has not.
;; Production: traps with "undefined element: out of bounds table access", and the call fails with InternalError.
(module
  (type $nothing (func))
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\00\80\00\00\00\20\00\00") ;; iovec: 8192 bytes at 0x8000; how many came is put at 8
  (table 8 funcref)

  ;; A request shorter than 8 KiB comes whole; while nothing is there the answer is EAGAIN.
  (func $read_line
    (loop $again
      (br_if $again (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))))

  (func $guilty (param $index i32)
    (call_indirect (type $nothing) (local.get $index)))

  (func (export "_start")
    (call $read_line)
    (call $guilty (i32.const 8)))
)
