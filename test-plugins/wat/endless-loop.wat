;; loop {}: no syscall, no memory access, no end.
;; Production: hangs the call; the host yields every slice, so that its other tasks go on.
(module
  (memory (export "memory") 1)

  (func (export "_start")
    (loop $forever (br $forever)))
)
