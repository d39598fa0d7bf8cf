;; Exports functions, globals, a table and memories under names that a rewriting debugger might want for itself, and
;; that a careful one avoids. The function is called twice, once by a table that has one of those names, and adds 1 to
;; the global each time: 44, of which 40 is taken.
;; Production: accepted, and answers.
(module
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (global $fuel (export "wpd:fuel") (mut i64) (i64.const 42))
  (global (export "~0:fuel") (export "~1:fuel") i32 (i32.const 1))
  (global (export "wpd:moments") i64 (i64.const 2))
  (table (export "wpd:hook") (export "~0:hook") (export "__indirect_function_table") 2 funcref)
  (memory $second (export "wpd:breakpoints") (export "~0:memory") 1)
  (elem (i32.const 0) $named)
  (data (i32.const 0) "\00\80\00\00\00\20\00\00") ;; iovec: 8192 bytes at 0x8000; how many came is put at 8
  (data (i32.const 1024) "{\"jsonrpc\":\"2.0\",\"id\":0,\"result\":0}\n")

  ;; A request shorter than 8 KiB comes whole; while nothing is there the answer is EAGAIN.
  (func $read_line
    (loop $again
      (br_if $again (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))))

  (func $print (param $text i32) (param $length i32)
    (i32.store (i32.const 16) (local.get $text))
    (i32.store (i32.const 20) (local.get $length))
    (drop (call $fd_write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 24))))

  (func $named (export "__fuel") (export "wpd:step") (export "~0:set") (export "") (export "fuel") (export "__stack_pointer")
    (global.set $fuel (i64.add (global.get $fuel) (i64.const 1))))

  (func (export "_start")
    (call $read_line)
    (call $named)
    (call_indirect (i32.const 0))
    (i32.store8 (i32.const 1057) (i32.add (i32.const 48) (i32.wrap_i64 (i64.sub (global.get $fuel) (i64.const 40)))))
    (call $print (i32.const 1024) (i32.const 36)))
)
