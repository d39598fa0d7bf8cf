;; A line that begins as JSON and breaks off, then a good response.
;; Production: the host stops reading there, and the call fails with ParseError.
(module
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\00\80\00\00\00\20\00\00") ;; iovec: 8192 bytes at 0x8000; how many came is put at 8
  (data (i32.const 1024) "{\"jsonrpc\":\"2.0\",\"id\":0,\"result\":\n")
  (data (i32.const 1072) "{\"jsonrpc\":\"2.0\",\"id\":0,\"result\":\"done\"}\n")

  ;; A request shorter than 8 KiB comes whole; while nothing is there the answer is EAGAIN.
  (func $read_line
    (loop $again
      (br_if $again (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))))

  (func $print (param $text i32) (param $length i32)
    (i32.store (i32.const 16) (local.get $text))
    (i32.store (i32.const 20) (local.get $length))
    (drop (call $fd_write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 24))))

  (func (export "_start")
    (call $read_line)
    (call $print (i32.const 1024) (i32.const 34))
    (call $print (i32.const 1072) (i32.const 41)))
)
