;; Traps before it reads its request, in a function that sets things up.
;; Production: traps with "integer divide by zero", and the call fails with InternalError.
(module
  (memory (export "memory") 1)
  (global $share (mut i32) (i32.const 0))

  (func $set_up
    (global.set $share (i32.rem_u (i32.const 7) (global.get $share))))

  (func (export "_start")
    (call $set_up))
)
