;; Closes stdout and then tries to answer; it logs whether that gave EBADF.
;; Production: the host's reading ends with stdout: InternalError.
(module
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_close" (func $fd_close (param i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\00\80\00\00\00\20\00\00") ;; iovec: 8192 bytes at 0x8000; how many came is put at 8
  (data (i32.const 1024) "{\"jsonrpc\":\"2.0\",\"id\":0,\"result\":\"done\"}\n")
  (data (i32.const 1072) "fd_write after fd_close: EBADF\n")
  (data (i32.const 1104) "fd_write after fd_close was not EBADF\n")

  ;; A request shorter than 8 KiB comes whole; while nothing is there the answer is EAGAIN.
  (func $read_line
    (loop $again
      (br_if $again (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))))

  (func $log (param $text i32) (param $length i32)
    (i32.store (i32.const 16) (local.get $text))
    (i32.store (i32.const 20) (local.get $length))
    (drop (call $fd_write (i32.const 2) (i32.const 16) (i32.const 1) (i32.const 24))))

  (func (export "_start")
    (call $read_line)
    (drop (call $fd_close (i32.const 1)))
    (i32.store (i32.const 16) (i32.const 1024))
    (i32.store (i32.const 20) (i32.const 41))
    (if (i32.eq (call $fd_write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 24)) (i32.const 8))
      (then (call $log (i32.const 1072) (i32.const 31)))
      (else (call $log (i32.const 1104) (i32.const 38)))))
)
