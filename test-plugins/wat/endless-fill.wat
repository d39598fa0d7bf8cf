;; Fills 64 MB again and again: each memory.fill is one instruction and takes milliseconds.
;; Production: hangs the call; a fill costs a 64th of its bytes in fuel (1 048 576), so the host yields at each.
(module
  (memory (export "memory") 1024)

  (func (export "_start")
    (loop $forever
      (memory.fill (i32.const 0) (i32.const 170) (i32.const 0x4000000))
      (br $forever)))
)
