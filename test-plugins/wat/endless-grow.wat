;; Grows its memory by 1 MiB again and again, without touching it, and goes on when that fails.
;; Production: has no limit of its own, so 4 GiB are allocated; then hangs the call.
(module
  (memory (export "memory") 1)

  (func (export "_start")
    (loop $forever
      (drop (memory.grow (i32.const 16)))
      (br $forever)))
)
