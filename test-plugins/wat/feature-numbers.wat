;; Multi-value, sign extension and saturating conversion: a pair (255, -1e30), 255 extended from 8 bits is -1, -1e30
;; saturates to 0 as u32; 4 + -1 + 0 is answered.
;; Production: accepted, and answers.
(module
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (global $extended (mut i32) (i32.const 0))
  (global $saturated (mut i32) (i32.const 0))
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

  (func $pair (result i32 f32) (i32.const 255) (f32.const -1e30))

  (func (export "_start")
    (call $read_line)
    (call $pair)
    (global.set $saturated (i32.trunc_sat_f32_u))
    (global.set $extended (i32.extend8_s))
    (i32.store8 (i32.const 1057) (i32.add (i32.const 48) (i32.add (i32.const 4) (i32.add (global.get $extended) (global.get $saturated)))))
    (call $print (i32.const 1024) (i32.const 36)))
)
