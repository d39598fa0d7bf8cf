;; Calls itself without end.
;; Production: the 1 001st live frame traps with "call stack exhausted": InternalError.
(module
  (memory (export "memory") 1)

  (func (export "_start")
    (call $deeper (i32.const 0)))

  (func $deeper (param $depth i32)
    (call $deeper (i32.add (local.get $depth) (i32.const 1))))
)
