import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { needs, pluginBytes } from '../testing/run-call.ts';
import { wat } from '../testing/wat.ts';
import { Disassembly } from '../wasm/disassembly.ts';
import { codeStart } from '../wasm/disassembly-index.ts';
import { parseModule } from '../wasm/module.ts';
import { FunctionNames } from '../wasm/names.ts';
import { exitsOf, polls } from './exits.ts';
import { ALL_MINE } from './files.ts';
import { type ModuleSource, openSource } from './module-source.ts';

/** The instructions at which the first function of a module is left, by their text. */
function exits(text: string): string[] {
  const module = parseModule(wat(text));
  const found = new Set(exitsOf(module, 0));
  const rows = new Disassembly(module, new FunctionNames(module)).rowsOf(0, 0, 200);
  return rows.filter(({ offset }) => found.has(offset)).map((row) => row.text.trim().split(/\s/)[0] ?? '');
}

/** The module without the names that its linker gave. */
function withoutNames(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const names = parseModule(bytes).sections.find(({ name }) => name === 'name');
  assert.ok(names);
  const at = Buffer.from(bytes.buffer, bytes.byteOffset, names.start).lastIndexOf('name');
  const copy = bytes.slice();
  copy[at] = 'N'.charCodeAt(0);
  return copy;
}

const sourceOf = (bytes: Uint8Array<ArrayBuffer>): ModuleSource => {
  const module = parseModule(bytes);
  const source = openSource(module, new FunctionNames(module), ALL_MINE);
  assert.ok(source);
  return source;
};

describe('where functions are left', () => {
  it('S1: by a return, a tail call and at the end; not by what leaves a block or calls', () => {
    assert.deepEqual(
      exits(`(module (table 1 funcref) (type $t (func)) (func $f (param i32)
        (block (br_if 0 (local.get 0)) (call $g) (return))
        (if (local.get 0) (then (return_call $g)))
        (return_call_indirect (type $t) (i32.const 0)))
        (func $g))`),
      ['return', 'return_call', 'return_call_indirect', 'end'],
    );
  });

  it('S1: which may have the body of an async function in them, by names of both manglings', () => {
    const named = (name: string) => {
      const module = parseModule(wat(`(module (func (export "${name}")))`));
      return polls(new FunctionNames(module), 0, () => undefined);
    };
    assert.equal(named('_ZN5hello5greet28_$u7b$$u7b$closure$u7d$$u7d$17h0123456789abcdefE'), true);
    assert.equal(named('_RNCNvCs1234_5hello5greet0B3_'), true);
    assert.equal(named('_RNvCs1234_5hello5greet'), false);
    assert.equal(named('greet'), false);
  });

  it('S1: bodies of async functions have exits without a name section too', needs('rust-views.debug'), () => {
    const bytes = pluginBytes('rust-views.debug');
    const stripped = withoutNames(bytes);
    const module = parseModule(stripped);
    assert.match(new FunctionNames(module).of(module.functionTypes.length - 1), /^func\[/);
    const [whole, without] = [sourceOf(bytes), sourceOf(stripped)];
    const bodies = Array.from(module.bodyEnd, (end, n) => ({ start: codeStart(module, n), end })).filter(
      ({ start, end }) => whole.isExit(end - 1) && whole.coroutineAt(start, 0) !== undefined,
    );
    assert.ok(bodies.length > 5);
    for (const { end } of bodies) assert.equal(without.isExit(end - 1), true);
  });
});
