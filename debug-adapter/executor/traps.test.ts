// Traps in wasmi's words, and the frame that is the author's own. Contracts E4, P1.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { replaysExactly, runCall } from '../testing/run-call.ts';
import { wat } from '../testing/wat.ts';
import { ownFrame, trapOf, wasmFrames } from './traps.ts';

// V8's words for each differ; these are wasmi 1.0.3's (wasmi_core, TrapCode), and both of them where V8 does not tell which.
const TRAPS: readonly [code: string, words: string][] = [
  ['unreachable', 'wasm `unreachable` instruction executed'],
  ['(drop (i32.load (i32.const -1)))', 'out of bounds memory access'],
  ['(i64.store (i32.const 65529) (i64.const 1))', 'out of bounds memory access'],
  ['(memory.fill (i32.const 0) (i32.const 0) (i32.const 65537))', 'out of bounds memory access'],
  ['(memory.copy (i32.const 1) (i32.const 0) (i32.const 65536))', 'out of bounds memory access'],
  ['(memory.init $d (i32.const 0) (i32.const 0) (i32.const 9))', 'out of bounds memory access'],
  ['(drop (i32.div_s (i32.const 1) (i32.const 0)))', 'integer divide by zero'],
  ['(drop (i64.rem_u (i64.const 1) (i64.const 0)))', 'integer divide by zero'],
  ['(drop (i32.div_s (i32.const 0x80000000) (i32.const -1)))', 'integer overflow'],
  ['(drop (i64.div_s (i64.const 0x8000000000000000) (i64.const -1)))', 'integer overflow'],
  ['(drop (i32.trunc_f64_s (f64.const nan)))', 'invalid conversion to integer or integer overflow'],
  ['(drop (i32.trunc_f64_s (f64.const 1e10)))', 'invalid conversion to integer or integer overflow'],
  ['(drop (table.get $t (i32.const 99)))', 'undefined element: out of bounds table access'],
  ['(table.set $t (i32.const 99) (ref.null func))', 'undefined element: out of bounds table access'],
  ['(table.copy (i32.const 0) (i32.const 0) (i32.const 99))', 'undefined element: out of bounds table access'],
  ['(table.init $e (i32.const 0) (i32.const 0) (i32.const 99))', 'undefined element: out of bounds table access'],
  ['(call_indirect $t (type $void) (i32.const 99))', 'undefined element: out of bounds table access'],
  ['(call_indirect $t (type $void) (i32.const 0))', 'uninitialized element or indirect call type mismatch'],
  ['(call_indirect $t (type $void) (i32.const 1))', 'uninitialized element or indirect call type mismatch'],
];

describe('traps', { concurrency: 2 }, () => {
  for (const [code, words] of TRAPS)
    it(`P1: ${code} is '${words}'`, async () => {
      const plugin = wat(
        `(module
          (type $void (func)) (type $other (func (param i32)))
          (memory (export "memory") 1 1) (data $d "12345678")
          (table $t 2 funcref) (elem (table $t) (i32.const 1) func $other) (elem $e func $other)
          (func $other (type $other))
          (func $guilty ${code})
          (func (export "_start") (call $guilty)))`,
        { names: true },
      );
      const call = await runCall(plugin, 'run');
      assert.equal(call.outcome.kind, 'fault');
      assert.equal(call.outcome.fault?.kind, 'trap');
      assert.equal(call.outcome.fault?.message, `The plugin trapped in function \`guilty\`: ${words}.`);
      await replaysExactly(call, plugin);
    });
});

describe('what is no trap', () => {
  it('E8: a stack overflow of V8 is ours, never the plugin’s', () => {
    const trap = trapOf(new RangeError('Maximum call stack size exceeded'));
    assert.equal(trap?.kind, 'ours');
    assert.match(trap?.message ?? '', /limit of the debugger, not a fault of the plugin/);
  });

  it('E4: any other error is none', () => {
    for (const error of [new Error('x'), new TypeError('y'), new RangeError('Invalid array length'), 'text', undefined])
      assert.equal(trapOf(error), undefined);
  });
});

describe('frames', () => {
  it('S6: V8’s trace gives function and offset, innermost first', () => {
    const trace = `Error: stop
    at Object.fd_write (file:///x/guest-imports.ts:75:40)
    at rust_pdk::main (wasm://wasm/rust_pdk-00ad0bc6:wasm-function[578]:0x2c1a)
    at wasm://wasm/00ad0bc6:wasm-function[10]:0xfff
    at entry (file:///x/guest-run.ts:1:1)`;
    assert.deepEqual(wasmFrames(trace), [578, 0x2c1a, 10, 0xfff]);
    assert.deepEqual(wasmFrames(''), []);
  });

  it('P1: the author’s own frame is the innermost that is no library’s', () => {
    const frame = (name: string) => ({ func: 1, offset: 2, name });
    const names = [
      'core::panicking::panic_fmt',
      '<std::io::Stdout as std::io::Write>::write_all',
      'my_plugin::inner',
      'my_plugin::outer',
      'tokio::runtime::Runtime::block_on',
      '_start',
    ];
    assert.equal(ownFrame(names.map(frame))?.name, 'my_plugin::inner');
    assert.equal(ownFrame([]), undefined);
  });
});
