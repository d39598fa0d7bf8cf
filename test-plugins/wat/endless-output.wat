;; Writes to stdout without end and never a newline.
;; Production: keeps all of it, for the line that never ends, until the host has no memory left.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 1024) "all work and no play makes a dull plugin ")

  (func $print (param $text i32) (param $length i32)
    (i32.store (i32.const 16) (local.get $text))
    (i32.store (i32.const 20) (local.get $length))
    (drop (call $fd_write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 24))))

  (func (export "_start")
    (loop $forever
      (call $print (i32.const 1024) (i32.const 41))
      (br $forever)))
)
