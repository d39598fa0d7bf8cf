;; No memory at all.
;; Production: instantiates; the first syscall that touches memory panics in the host ("guest must have memory").
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))

  (func (export "_start")
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0))))
)
