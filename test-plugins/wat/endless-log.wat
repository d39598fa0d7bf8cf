;; Writes log lines to stderr without end.
;; Production: hands each to the logger, so the call hangs.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 1024) "still here\n")

  (func $log (param $text i32) (param $length i32)
    (i32.store (i32.const 16) (local.get $text))
    (i32.store (i32.const 20) (local.get $length))
    (drop (call $fd_write (i32.const 2) (i32.const 16) (i32.const 1) (i32.const 24))))

  (func (export "_start")
    (loop $forever
      (call $log (i32.const 1024) (i32.const 11))
      (br $forever)))
)
