;; It calls poll_oneoff with bad pointers that the host unwraps, and answers the list of errnos.
;; Production: the host panics at the first of them. The debugger answers EFAULT (21) to each.
(module
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (global $end (mut i32) (i32.const 1058)) ;; where the text of the response ends
  (data (i32.const 0) "\00\80\00\00\00\20\00\00") ;; iovec: 8192 bytes at 0x8000; how many came is put at 8
  (data (i32.const 1024) "{\"jsonrpc\":\"2.0\",\"id\":0,\"result\":[")
  (data (i32.const 128) ;; subscription: userdata 1, clock 0, in 0 ns
    "\01\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00"
    "\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00")

  ;; A request shorter than 8 KiB comes whole; while nothing is there the answer is EAGAIN.
  (func $read_line
    (loop $again
      (br_if $again (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))))

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
    (call $read_line)

    (call $note (call $poll_oneoff (i32.const 65536) (i32.const 512) (i32.const 1) (i32.const 544))) ;; subscription at the end
    (call $note (call $poll_oneoff (i32.const 65489) (i32.const 512) (i32.const 1) (i32.const 544))) ;; one byte over
    (call $note (call $poll_oneoff (i32.const -48) (i32.const 512) (i32.const 1) (i32.const 544)))
    (call $note (call $poll_oneoff (i32.const 128) (i32.const 512) (i32.const 2147483647) (i32.const 544))) ;; 2^31 - 1 subscriptions
    (call $note (call $poll_oneoff (i32.const 128) (i32.const 65505) (i32.const 1) (i32.const 544))) ;; event one byte over
    (call $note (call $poll_oneoff (i32.const 128) (i32.const 65536) (i32.const 1) (i32.const 544)))
    (call $note (call $poll_oneoff (i32.const 128) (i32.const -32) (i32.const 1) (i32.const 544)))
    (call $note (call $poll_oneoff (i32.const 128) (i32.const 512) (i32.const 1) (i32.const 65533))) ;; nevents one byte over
    (call $note (call $poll_oneoff (i32.const 128) (i32.const 512) (i32.const 1) (i32.const -4)))

    (i32.store16 (i32.sub (global.get $end) (i32.const 1)) (i32.const 0x7d5d)) ;; "]}" over the last comma
    (i32.store8 offset=1 (global.get $end) (i32.const 10))
    (call $print (i32.const 1024) (i32.sub (i32.add (global.get $end) (i32.const 2)) (i32.const 1024))))
)
