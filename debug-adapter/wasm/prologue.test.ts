// Frame layouts of small functions, as LLVM and wasm-opt write them and as nobody does; and of random code, held against what the
// stack pointer is when that code runs. (DESIGN: frame bases)
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { wat } from '../testing/wat.ts';
import { InstructionReader } from './instructions.ts';
import { parseModule, type WasmModule } from './module.ts';
import { opcodeNamed } from './opcodes.ts';
import { type FrameLayout, FrameLayouts, type FrameShape } from './prologue.ts';
import { enterBody, stackPointerGlobal } from './prologue-pointer.ts';

const CALL = opcodeNamed('call');
const ENTRY = 65_536;

interface Followed {
  readonly shape: FrameShape;
  readonly layout: FrameLayout;
  /** Offsets of the function's calls. */
  readonly calls: readonly number[];
  /** Entry minus stack pointer at each call; `?` where it does not follow. */
  readonly depths: readonly (number | '?')[];
  /** Entry minus frame base at each call; `-` where there is no frame. */
  readonly bases: readonly (number | '-')[];
}

function callsOf(module: WasmModule, func: number): number[] {
  const reader = new InstructionReader(module.bytes);
  enterBody(module, reader, func - module.importedFunctions);
  const calls: number[] = [];
  while (reader.next()) if (reader.opcode === CALL) calls.push(reader.offset);
  return calls;
}

/** A module of one function, `(param i32) (local i32 i32 i32)`, that may call `$f`. */
const moduleText = (body: string) => `(module
  (import "t" "f" (func $f (param i32)))
  (global $sp (export "__stack_pointer") (mut i32) (i32.const ${ENTRY}))
  (global $other (mut i32) (i32.const 0))
  (func (export "g") (param i32) (local i32 i32 i32) ${body}))`;

const follow = (body: string): Followed => followed(wat(moduleText(body)));

function followed(bytes: Uint8Array): Followed {
  const module = parseModule(bytes);
  const layout = new FrameLayouts(module).of(1);
  const calls = callsOf(module, 1);
  return {
    shape: layout.shape,
    layout,
    calls,
    depths: calls.map((at) => {
      const pointer = layout.stackPointerAt(at, ENTRY);
      return pointer === undefined ? '?' : ENTRY - pointer;
    }),
    bases: calls.map((at) => {
      const base = layout.frameBaseAt(at, ENTRY);
      return base === undefined ? '-' : ENTRY - base;
    }),
  };
}

/** A frame with a call in so many blocks as no assembler takes: `open` before it, `close` after it. */
function nested(depth: number, open: readonly number[], close: readonly number[]): Followed {
  const nops = (count: number) => 'nop '.repeat(count);
  const bytes = wat(
    moduleText(`${PROLOGUE} ${nops(depth * open.length)} ${CALL_F} ${nops(depth * close.length)} ${EPILOGUE}`),
  );
  // Behind the declaration of three locals and the prologue.
  let at = parseModule(bytes).bodyStart[0]! + 12;
  for (let left = depth; left > 0; left--) for (const byte of open) bytes[at++] = byte;
  at += 4;
  for (let left = depth; left > 0; left--) for (const byte of close) bytes[at++] = byte;
  assert.ok(WebAssembly.validate(bytes));
  return followed(bytes);
}

const CALL_F = '(call $f (i32.const 0))';
const PROLOGUE = '(global.set $sp (local.tee 1 (i32.sub (global.get $sp) (i32.const 48))))';
const EPILOGUE = '(global.set $sp (i32.add (local.get 1) (i32.const 48)))';

describe('frame layouts', () => {
  it('an optimised prologue and epilogue', () => {
    const { shape, depths, bases } = follow(`${CALL_F} ${PROLOGUE} ${CALL_F} ${EPILOGUE} ${CALL_F}`);
    assert.equal(shape.kind, 'static');
    assert.ok(shape.kind === 'static' && shape.size === 48 && shape.baseLocal === 1 && shape.writesGlobal);
    assert.deepEqual(depths, [0, 48, 0]);
    // The local still holds it when the frame is given back; before the prologue there is none.
    assert.deepEqual(bases, ['-', 48, 48]);
  });

  it('names the first instruction that finds the frame', () => {
    const { shape, calls } = follow(`${PROLOGUE} ${CALL_F} ${EPILOGUE}`);
    // i32.const 0 stands before the call
    assert.ok(shape.kind === 'static' && shape.allocatesFrom > 0 && shape.allocatesFrom <= calls[0]! - 2);
  });

  it('a prologue in debug code, through locals', () => {
    const { shape, depths, bases } = follow(`
      global.get $sp local.set 1 i32.const 32 local.set 2 local.get 1 local.get 2 i32.sub local.set 3 local.get 3 global.set $sp
      ${CALL_F}
      i32.const 32 local.set 2 local.get 3 local.get 2 i32.add local.set 1 local.get 1 global.set $sp`);
    assert.ok(shape.kind === 'static' && shape.size === 32 && shape.baseLocal === 3);
    assert.deepEqual([depths, bases], [[32], [32]]);
  });

  it('a leaf, which leaves the global alone', () => {
    const { shape, layout } = follow(
      '(i32.store (local.tee 1 (i32.sub (global.get $sp) (i32.const 16))) (i32.const 1)) nop',
    );
    assert.ok(shape.kind === 'static' && shape.size === 16 && !shape.writesGlobal);
    assert.equal(layout.frameBaseAt(shape.allocatesFrom, ENTRY), ENTRY - 16);
    assert.equal(layout.stackPointerAt(shape.allocatesFrom, ENTRY), ENTRY);
    assert.equal(layout.entryFrom(shape.allocatesFrom, 1000), 1000);
  });

  it('no frame: the frame base is what the caller left', () => {
    const { shape, depths, bases } = follow(CALL_F);
    assert.deepEqual([shape, depths, bases], [{ kind: 'none' }, [0], [0]]);
    // It only looks.
    assert.deepEqual(follow(`(local.set 1 (global.get $sp)) ${CALL_F}`).shape, { kind: 'none' });
    assert.deepEqual(follow('(local.set 1 (global.get $other))').shape, { kind: 'none' });
  });

  it('a prologue behind an early return, and one in an arm', () => {
    const late = follow(`
      (block (br_if 0 (local.get 0)) ${PROLOGUE} ${CALL_F} ${EPILOGUE} (return))
      ${CALL_F}`);
    assert.equal(late.shape.kind, 'static');
    assert.deepEqual(
      [late.depths, late.bases],
      [
        [48, 0],
        [48, '-'],
      ],
    );
    const arm = follow(`(if (local.get 0) (then ${PROLOGUE} ${CALL_F} ${EPILOGUE}) (else ${CALL_F})) ${CALL_F}`);
    assert.equal(arm.shape.kind, 'static');
    assert.deepEqual(arm.depths, [48, 0, 0]);
  });

  it('a frame that each turn of a loop takes and gives back', () => {
    const { shape, depths } = follow(`(loop ${PROLOGUE} ${CALL_F} ${EPILOGUE} (br_if 0 (local.get 0))) ${CALL_F}`);
    assert.equal(shape.kind, 'static');
    assert.deepEqual(depths, [48, 0]);
  });

  it('code that is not reached changes nothing', () => {
    const { shape, depths } = follow(`${PROLOGUE}
      (block (br 0) (global.set $sp (i32.const 5)) (block (br 1)) (if (i32.const 1) (then (return)) (else (br 2))))
      ${CALL_F}
      (block (br_if 0 (local.get 0)) (block unreachable (global.set $sp (i32.const 5))) ${CALL_F})
      ${CALL_F} ${EPILOGUE}`);
    assert.equal(shape.kind, 'static');
    // The one amid dead code is never made.
    assert.deepEqual([depths[0], depths[2]], [48, 48]);
  });

  it('a stack pointer moved further by constants, before one call', () => {
    const { shape, depths, bases } = follow(`${PROLOGUE} ${CALL_F}
      (global.set $sp (i32.sub (global.get $sp) (i32.const 16))) ${CALL_F}
      (global.set $sp (i32.add (global.get $sp) (i32.const 16))) ${CALL_F} ${EPILOGUE}`);
    assert.ok(shape.kind === 'static' && shape.size === 48);
    assert.deepEqual(
      [depths, bases],
      [
        [48, 64, 48],
        [48, 48, 48],
      ],
    );
  });

  it('an aligned frame follows from its entry, and its entry not from it', () => {
    const { shape, layout, calls } = follow(`
      (global.set $sp (local.tee 2 (i32.and (i32.sub (local.tee 1 (global.get $sp)) (i32.const 100)) (i32.const -64))))
      ${CALL_F} (global.set $sp (local.get 1)) ${CALL_F}`);
    assert.ok(shape.kind === 'aligned' && shape.size === 100 && shape.alignment === 64 && shape.baseLocal === 2);
    const [at, after] = [calls[0]!, calls[1]!];
    assert.equal(layout.stackPointerAt(at, 1000), 896);
    assert.equal(layout.frameBaseAt(at, 1000), 896);
    assert.equal(layout.entryFrom(at, 896), undefined);
    assert.equal(layout.entryFrom(after, 1000), 1000);
  });

  it('an address above 2 GB is aligned and moved as 32 bits are', () => {
    const { layout, calls } = follow(`
      (global.set $sp (local.tee 2 (i32.and (i32.sub (local.tee 1 (global.get $sp)) (i32.const 100)) (i32.const -64))))
      ${CALL_F} (global.set $sp (local.get 1))`);
    assert.equal(layout.stackPointerAt(calls[0]!, 0xf000_0010), 0xefff_ff80);
    assert.equal(layout.stackPointerAt(calls[0]!, 50), 0xffff_ffc0);
  });

  const irregular = (body: string, reason: RegExp) => {
    const followed = follow(body);
    assert.ok(followed.shape.kind === 'irregular', followed.shape.kind);
    assert.match(followed.shape.reason, reason);
    return followed;
  };

  it('stack space of a computed size', () => {
    const { depths, bases } = irregular(
      `${PROLOGUE} ${CALL_F} (global.set $sp (local.tee 2 (i32.sub (global.get $sp) (local.get 0)))) ${CALL_F}
       ${EPILOGUE} ${CALL_F}`,
      /it computes/,
    );
    assert.deepEqual(
      [depths, bases],
      [
        [48, '?', 0],
        [48, 48, 48],
      ],
    );
  });

  it('a frame base that moves to another local, as in debug code with arrays of variable length', () => {
    const { bases } = follow(`(local.set 1 (i32.sub (global.get $sp) (i32.const 48))) (local.set 2 (local.get 1))
      (global.set $sp (local.get 1)) ${CALL_F}
      (local.set 1 (i32.sub (local.get 1) (local.get 0))) (global.set $sp (local.get 1)) ${CALL_F}
      (local.set 2 (i32.const 0)) ${CALL_F}`);
    assert.deepEqual(bases, [48, 48, '-']);
  });

  it('nothing but stack space of a computed size: the frame base is the stack pointer at entry', () => {
    const { shape, bases } = irregular(
      `(global.set $sp (i32.sub (local.tee 3 (global.get $sp)) (local.get 0))) ${CALL_F} (global.set $sp (local.get 3))`,
      /it computes/,
    );
    assert.ok(shape.kind === 'irregular' && shape.baseLocal === 3);
    assert.deepEqual(bases, [0]);
  });

  it('paths that meet with different stack pointers, by a branch and around a loop', () => {
    assert.deepEqual(irregular(`(if (local.get 0) (then ${PROLOGUE})) ${CALL_F}`, /paths meet/).depths, ['?']);
    const push = '(global.set $sp (i32.sub (global.get $sp) (i32.const 16)))';
    assert.deepEqual(irregular(`(loop ${CALL_F} ${push} (br_if 0 (local.get 0)))`, /paths meet/).depths, ['?']);
  });

  it('a function that returns with the stack pointer moved', () => {
    irregular(PROLOGUE, /moved/);
    irregular(`${PROLOGUE} (br_if 0 (local.get 0)) ${EPILOGUE}`, /moved/);
  });

  it('sizes that differ by the path, and sums that are no addresses', () => {
    const moved = '(global.set $sp (i32.sub (global.get $sp) (local.get 2)))';
    const arm = '(local.set 2 (i32.const 16)) (if (local.get 0) (then (local.set 2 (i32.const 32))))';
    assert.deepEqual(irregular(`${arm} ${moved} ${CALL_F}`, /it computes/).depths, ['?']);
    const turn = `(local.set 2 (i32.const 16)) (loop ${moved} ${CALL_F} (local.set 2 (i32.const 0)) (br_if 0 (local.get 0)))`;
    assert.deepEqual(irregular(turn, /it computes/).depths, ['?']);
    assert.deepEqual(
      follow(`(local.set 2 (i32.const 16)) (block (br_if 0 (local.get 0)) ${moved} ${CALL_F} return)`).depths,
      [16],
    );
    for (const sum of ['(i32.add (global.get $sp) (global.get $sp))', '(i32.sub (i32.const 8) (global.get $sp))'])
      assert.deepEqual(irregular(`(global.set $sp ${sum}) ${CALL_F}`, /it computes/).depths, ['?']);
  });

  it('a stack pointer from elsewhere', () => {
    irregular(`(global.set $sp (i32.load (i32.const 0))) ${CALL_F}`, /it computes/);
    irregular(`(global.set $sp (i32.const 4096)) ${CALL_F}`, /it computes/);
  });

  it('nests too deeply to be followed: said, and soon', () => {
    const { shape, depths } = nested(30_000, [0x02, 0x40], [0x0b]);
    assert.ok(shape.kind === 'irregular' && /nested/.test(shape.reason));
    assert.deepEqual(depths, ['?']);
  });

  it('loops in loops are walked a few times, not once for each', () => {
    // local.get 0, br_if 0, end: each loop learns from the one inside it what changes.
    const { shape, depths } = nested(10_000, [0x03, 0x40], [0x20, 0, 0x0d, 0, 0x0b]);
    assert.equal(shape.kind, 'static');
    assert.deepEqual(depths, [48]);
  });
});

describe('addresses in locals', () => {
  const module = parseModule(
    wat(
      moduleText(`(local.set 3 (i32.add (local.tee 2 (i32.sub (global.get $sp) (i32.const 48))) (i32.const 8)))
        (global.set $sp (local.get 2)) ${CALL_F}
        (if (local.get 0) (then (local.set 3 (i32.const 7)) ${CALL_F}) (else (local.set 2 (local.get 3)) ${CALL_F}))
        (global.set $sp (i32.sub (global.get $sp) (local.get 0))) ${CALL_F}`),
    ),
  );
  const layouts = new FrameLayouts(module);
  const calls = callsOf(module, 1);

  it('follow from the entry, where all paths agree', () => {
    const at = (local: number) => calls.map((offset) => layouts.localAt(1, local, offset, 1000));
    assert.deepEqual(at(2), [952, 952, 960, undefined]);
    assert.deepEqual(at(3), [960, undefined, 960, undefined]);
    assert.deepEqual(layouts.addressLocals(1).sort(), [2, 3]);
  });

  it('and nothing else does', () => {
    const at = (func: number, local: number) => layouts.localAt(func, local, calls[0] ?? 0, 1000);
    assert.deepEqual([at(1, 0), at(1, 1), at(1, 4), at(1, -1), at(0, 0), at(2, 0)], Array(6).fill(undefined));
    assert.deepEqual([layouts.addressLocals(0), layouts.addressLocals(2)], [[], []]);
  });
});

describe('the stack pointer', () => {
  const global = (text: string, names = false) => stackPointerGlobal(parseModule(wat(`(module ${text})`, { names })));
  const decoys = '(global (mut i32) (i32.const 1)) (global i32 (i32.const 2))';
  const uses = (index: number) => `(func (local i32)
    (global.set ${index} (local.tee 0 (i32.sub (global.get ${index}) (i32.const 16)))))`;

  it('is found by its name, its export or import, and its use, in this order', () => {
    const named = '(global $__stack_pointer (mut i32) (i32.const 9))';
    assert.equal(global(`${decoys} ${named} ${uses(0)}`, true), 2);
    assert.equal(global(`${decoys} (global (export "__stack_pointer") (mut i32) (i32.const 9)) ${uses(0)}`), 2);
    assert.equal(global(`(import "env" "__stack_pointer" (global (mut i32))) ${decoys} ${uses(1)}`), 0);
    assert.equal(global(`${decoys} (global (mut i32) (i32.const 9)) ${uses(2)} ${uses(2)} ${uses(0)}`), 2);
  });

  it('is a mutable integer, or there is none', () => {
    assert.equal(global('(global $__stack_pointer i32 (i32.const 9))', true), -1);
    assert.equal(global('(global $__stack_pointer (mut f32) (f32.const 9))', true), -1);
    assert.equal(global(decoys), -1);
    const layouts = new FrameLayouts(parseModule(wat('(module (func))')));
    assert.deepEqual([layouts.stackPointer, layouts.initial, layouts.of(0).shape], [-1, undefined, { kind: 'none' }]);
    assert.deepEqual(layouts.unusual(), []);
  });

  it('has its initial value from the module', () => {
    const layouts = new FrameLayouts(parseModule(wat(moduleText(''))));
    assert.equal(layouts.initial, ENTRY);
    const wide = wat('(module (global $__stack_pointer (mut i64) (i64.const 0x100000010)))', { names: true });
    assert.equal(new FrameLayouts(parseModule(wide)).initial, 0x1_0000_0010);
  });
});

// Statements over the stack pointer, by number: random code whose every call tells what the stack pointer then is.
type Statement =
  | {
      readonly kind:
        | 'move'
        | 'call'
        | 'tee'
        | 'restore'
        | 'derive'
        | 'align'
        | 'forget'
        | 'constant'
        | 'add'
        | 'between';
      readonly a: number;
      readonly b: number;
    }
  | {
      readonly kind: 'frame' | 'if' | 'block' | 'loop';
      readonly a: number;
      readonly b: number;
      readonly body: readonly Statement[];
    };

const simple = fc.record({
  kind: fc.constantFrom(
    'move',
    'call',
    'call',
    'tee',
    'restore',
    'derive',
    'align',
    'forget',
    'constant',
    'add',
    'between',
  ),
  a: fc.nat(3),
  b: fc.integer({ min: -4, max: 4 }),
});
const { program } = fc.letrec<{ statement: Statement; program: Statement[] }>((tie) => ({
  statement: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { weight: 5, arbitrary: simple as fc.Arbitrary<Statement> },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constantFrom('frame', 'frame', 'if', 'block', 'loop'),
        a: fc.nat(3),
        b: fc.nat(3),
        body: tie('program'),
      }) as fc.Arbitrary<Statement>,
    },
  ),
  program: fc.array(tie('statement'), { maxLength: 7 }),
}));

/** Conditions are bits of parameter 0, taken from the right; locals 1 to 4 hold addresses, 5 and on count the loops. */
function emit(statements: readonly Statement[], calls: { count: number }, loops: { count: number }): string {
  const bit = '(i32.and (local.get 0) (i32.const 1)) (local.set 0 (i32.shr_u (local.get 0) (i32.const 1)))';
  return statements
    .map((statement): string => {
      const { kind, a, b } = statement;
      const local = 1 + a;
      switch (kind) {
        case 'move':
          return `(global.set $sp (i32.add (global.get $sp) (i32.const ${16 * b})))`;
        case 'call':
          return `(call $f (i32.const ${calls.count++}))`;
        case 'tee':
          return `(local.set ${local} (i32.sub (global.get $sp) (i32.const ${16 * b})))`;
        case 'restore':
          return `(global.set $sp (local.get ${local}))`;
        case 'derive':
          return `(local.set ${local} (i32.add (i32.const ${b}) (local.get ${1 + ((a + 1) % 4)})))`;
        case 'align':
          return `(global.set $sp (local.tee ${local} (i32.and (i32.const -${8 << a}) (global.get $sp))))`;
        case 'forget':
          return `(local.set ${local} (i32.xor (local.get ${local}) (local.get 0)))`;
        case 'constant':
          return `(local.set ${local} (i32.const ${16 * b}))`;
        case 'add':
          return `(global.set $sp (i32.add (global.get $sp) (local.get ${local})))`;
        case 'between':
          return `(local.set ${local} (i32.sub (local.get ${1 + ((a + b + 4) % 4)}) (local.get ${local})))`;
        case 'frame':
          return `(global.set $sp (local.tee ${local} (i32.sub (global.get $sp) (i32.const ${16 * b}))))
            ${emit(statement.body, calls, loops)}
            (global.set $sp (i32.add (local.get ${local}) (i32.const ${16 * b})))`;
        case 'if':
          return `${bit} (if (then ${emit(statement.body.slice(0, b), calls, loops)}) (else ${emit(statement.body.slice(b), calls, loops)}))`;
        case 'block':
          return `(block ${emit(statement.body.slice(0, b), calls, loops)} ${bit} (br_if 0) ${emit(statement.body.slice(b), calls, loops)}${a === 0 ? '(br 0)' : ''})`;
        default: {
          const counter = 5 + loops.count++;
          return `(loop ${emit(statement.body, calls, loops)}
            (br_if 0 (i32.lt_u (local.tee ${counter} (i32.add (local.get ${counter}) (i32.const 1))) (i32.const 3))))`;
        }
      }
    })
    .join('\n');
}

describe('random code', () => {
  it('has, where a stack pointer or entry is given, that one', () => {
    let given = 0;
    let calls = 0;
    fc.assert(
      fc.property(program, fc.array(fc.nat(0xffff), { minLength: 3, maxLength: 3 }), (statements, choices) => {
        const loops = { count: 0 };
        const body = emit(statements, { count: 0 }, loops);
        const locals = `(local ${'i32 '.repeat(4 + loops.count)})`;
        const bytes = wat(`(module (import "t" "f" (func $f (param i32)))
          (global $sp (export "__stack_pointer") (mut i32) (i32.const ${ENTRY}))
          (func (export "g") (param i32) ${locals} ${body}))`);
        const module = parseModule(bytes);
        const layout = new FrameLayouts(module).of(1);
        const offsets = callsOf(module, 1);
        let pointer: { value: number };
        let entry = ENTRY;
        let steps = 0;
        class Enough extends Error {}
        const f = (call: number) => {
          const offset = offsets[call]!;
          const truth = pointer.value >>> 0;
          const found = layout.stackPointerAt(offset, entry);
          const outer = layout.entryFrom(offset, truth);
          calls++;
          if (found !== undefined) {
            given++;
            assert.equal(found, truth, `call ${call}`);
          }
          if (outer !== undefined) assert.equal(outer, entry, `call ${call}`);
          // Nested loops run long; they have nothing new to tell.
          if (++steps > 2000) throw new Enough();
        };
        const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { t: { f } });
        pointer = exports['__stack_pointer'] as unknown as { value: number };
        for (const choice of choices) {
          entry = (ENTRY + 16 * choice) >>> 0;
          pointer.value = entry;
          steps = 0;
          try {
            (exports['g'] as (choice: number) => void)(choice);
          } catch (error) {
            if (!(error instanceof Enough)) throw error;
          }
        }
      }),
      { numRuns: 300 },
    );
    assert.ok(given > calls / 20, `${given} of ${calls} were given`);
  });

  it('damaged or not, gives a layout, and no exception', () => {
    const bytes = wat(
      moduleText(`${PROLOGUE} (loop (if (local.get 0) (then ${CALL_F})) (br_if 0 (local.get 0))) ${EPILOGUE}`),
    );
    const module = parseModule(bytes);
    const [start, end] = [module.bodyStart[0]!, module.bodyEnd[0]!];
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: start, max: end - 1 }), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        (edits) => {
          const damaged = Uint8Array.from(bytes);
          for (const [at, byte] of edits) damaged[at] = byte;
          const layouts = new FrameLayouts(parseModule(damaged));
          const { shape } = layouts.of(1);
          assert.ok(['none', 'static', 'aligned', 'irregular'].includes(shape.kind));
          layouts.unusual();
        },
      ),
      { numRuns: 2000 },
    );
  });
});
