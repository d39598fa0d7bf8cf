;; fd_read into 4 096 iovecs of one byte each: the request fills so many exactly, and then stdin is empty. It answers
;; the errno of that read and of the next.
;; Production: the answer is EAGAIN (6) and the bytes are lost to the guest, though they lie in its memory: the next
;; read finds nothing either.
(module
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 2)
  (global $end (mut i32) (i32.const 1058)) ;; where the text of the response ends
  (data (i32.const 0) "\00\80\00\00\00\20\00\00") ;; iovec: 8192 bytes at 0x8000; how many came is put at 8
  (data (i32.const 1024) "{\"jsonrpc\":\"2.0\",\"id\":0,\"result\":[")
  (data (i32.const 32) "\00\00\00\00\00\00\00\00") ;; iovec: 0 bytes at 0x0

  (func $print (param $text i32) (param $length i32)
    (i32.store (i32.const 16) (local.get $text))
    (i32.store (i32.const 20) (local.get $length))
    (drop (call $fd_write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 24))))

  (func $note (param $errno i32) ;; appends it in two places: " 8," or "21,"
    (i32.store8 (global.get $end)
      (select (i32.const 32) (i32.add (i32.const 48) (i32.div_u (local.get $errno) (i32.const 10)))
        (i32.lt_u (local.get $errno) (i32.const 10))))
    (i32.store8 offset=1 (global.get $end) (i32.add (i32.const 48) (i32.rem_u (local.get $errno) (i32.const 10))))
    (i32.store8 offset=2 (global.get $end) (i32.const 44))
    (global.set $end (i32.add (global.get $end) (i32.const 3))))

  (func (export "_start")
    (local $i i32)
    (loop $next
      (i32.store (i32.add (i32.const 0x10000) (i32.shl (local.get $i) (i32.const 3))) (i32.add (i32.const 0x8000) (local.get $i)))
      (i32.store (i32.add (i32.const 0x10004) (i32.shl (local.get $i) (i32.const 3))) (i32.const 1))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (i32.const 4096))))

    (loop $again (br_if $again (call $fd_read (i32.const 0) (i32.const 32) (i32.const 1) (i32.const 8)))) ;; wait for it
    (call $note (call $fd_read (i32.const 0) (i32.const 0x10000) (i32.const 4096) (i32.const 8)))
    (call $note (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))

    (i32.store16 (i32.sub (global.get $end) (i32.const 1)) (i32.const 0x7d5d)) ;; "]}" over the last comma
    (i32.store8 offset=1 (global.get $end) (i32.const 10))
    (call $print (i32.const 1024) (i32.sub (i32.add (global.get $end) (i32.const 2)) (i32.const 1024))))
)
