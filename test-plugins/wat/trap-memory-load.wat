;; Loads 4 bytes that end one byte past the end of memory.
;; Production: traps with "out of bounds memory access", and the call fails with InternalError.
(module
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\00\80\00\00\00\20\00\00") ;; iovec: 8192 bytes at 0x8000; how many came is put at 8

  ;; A request shorter than 8 KiB comes whole; while nothing is there the answer is EAGAIN.
  (func $read_line
    (loop $again
      (br_if $again (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))))

  (func $guilty (param $short i32)
    (drop (i32.load offset=65525 (local.get $short))))

  (func (export "_start")
    (call $read_line)
    (call $guilty (i32.const 8)))
)
