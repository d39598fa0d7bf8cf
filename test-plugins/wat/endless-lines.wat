;; Writes lines to stdout without end, each well-formed JSON-RPC: responses to an id that was never asked.
;; Production: reads and ignores each, so the call hangs.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 1024) "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":null}\n")

  (func $print (param $text i32) (param $length i32)
    (i32.store (i32.const 16) (local.get $text))
    (i32.store (i32.const 20) (local.get $length))
    (drop (call $fd_write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 24))))

  (func (export "_start")
    (loop $forever
      (call $print (i32.const 1024) (i32.const 39))
      (br $forever)))
)
