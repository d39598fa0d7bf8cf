// Disassembly as people see it: golden texts, rows around an offset as DAP asks for them, names and code that are broken, functions
// of megabytes. That instructions are read right is in disassembly-wabt.test.ts.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { assertGolden } from '../testing/golden.ts';
import { wat } from '../testing/wat.ts';
import { Disassembly, type DisassemblyRow } from './disassembly.ts';
import { WasmError } from './error.ts';
import { parseModule } from './module.ts';
import { ByteWriter } from './writer.ts';

const EVERYTHING = `(module $everything
  (type $pair (func (param i32 i64) (result i64 i32)))
  (import "env" "swap" (func $swap (type $pair)))
  (import "env" "limit" (global $limit i32))
  (memory $small 1) (memory $large i64 1)
  (table $calls 4 funcref) (table $objects 2 externref) (table $big i64 3 funcref)
  (global $counter (mut f32) (f32.const 0)) (global $object externref (ref.null extern)) (global $base i32 (i32.const 2048))
  (data $words (i32.const 1024) "hello world\\00\\01\\02\\03\\04gr\\c3\\bc\\c3\\9fe, \\"quoted\\"\\n\\00")
  (data $numbers (global.get $base) "\\01\\02\\03\\04\\05\\06\\07\\08")
  (data $shifted (offset (i32.add (global.get $base) (i32.const 64))) "moved along with the base")
  (data $unknown (global.get $limit) "only the host knows where")
  (data $passive "abc") (elem $targets func $swap)
  (export "a \\"global\\"" (global $object))

  (func $control (param $which i32) (param $flag i32) (result i32) (local $total i64) (local $unused f64)
    block $outer (result i32)
      loop $again
        block $nothing
          local.get $flag
          br_if $again
          local.get $which
          br_table $nothing $again $nothing
        end
        local.get $which
        if (result i32)
          i32.const 1
          br $outer
        else
          local.get $flag
          i32.eqz
        end
        if
          return (i32.const 5)
        end
        unreachable
      end
      i32.const 7
    end
    block (param i32) (result i64 i32)
      i64.const -9223372036854775808
      i32.const -1
      br 0
    end
    i32.const 3
    call_indirect (type $pair)
    drop
    call $long-table
    local.set $total
    (call_indirect $big (type $pair) (i32.const 1) (i64.const 2) (i64.const 0))
    return_call_indirect $calls (type $unary)
    nop)
  (type $unary (func (param i32) (result i32)))

  (func $long-table (param i64) (result i64)
    block block block block
      local.get 0 i32.wrap_i64
      br_table 0 1 2 3 3 3 3 3 3 0 1 2 4 2 1 0 3 3
    end end end end
    local.get 0)

  (func $memories (param i32) (result i32)
    (i32.store8 offset=3 (local.get 0) (i32.const 1))
    (i64.store align=1 (local.get 0) (i64.load32_u offset=1024 align=2 (local.get 0)))
    (drop (i32.load $large offset=18446744073709551615 (i64.const 4294967296)))
    (drop (i32.load $large offset=4294967300 align=1 (i64.const 0)))
    (drop (v128.load8_lane offset=2 3 (i32.const 64) (v128.load64_splat align=4 (i32.const 2112))))
    (memory.copy (i32.const 1024) (i32.const 2049) (i32.const 11))
    (memory.copy $large $small (i64.const 8) (i32.const 1040) (i32.const 7))
    (memory.fill $large (i64.const 8) (i32.const 0) (i64.const 7))
    (memory.init $passive (i32.const 1024) (i32.const 5) (i32.const 3))
    (memory.init $large $passive (i64.const 0) (i32.const 0) (i32.const 3))
    data.drop $passive
    (table.init $big $targets (i64.const 0) (i32.const 0) (i32.const 1))
    elem.drop $targets
    (table.copy $calls $big (i32.const 0) (i64.const 0) (i32.const 0))
    (table.set $objects (i32.const 0) (table.get $objects (i32.const 1)))
    (drop (table.grow $big (ref.func $swap) (i64.const 1)))
    (drop (ref.is_null (select (result externref) (global.get $object) (ref.null extern) (i32.const 0))))
    (drop (memory.grow $large (i64.const 1)))
    memory.size)

  (func $numbers (result f64)
    (drop (f32.const 1.5)) (drop (f32.const 0.1)) (drop (f32.const -0)) (drop (f32.const 1e-45)) (drop (f32.const 16777216))
    (drop (f32.const inf)) (drop (f32.const -nan)) (drop (f32.const nan:0x200001))
    (drop (f64.const 0.1)) (drop (f64.const 1e300)) (drop (f64.const -inf)) (drop (f64.const nan:0x1))
    (drop (v128.const i32x4 1 -1 0x7fffffff 0))
    (drop (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 31 (v128.const i64x2 0 0) (v128.const i64x2 0 0)))
    (global.set $counter (f32.const 3.4028235e38))
    (drop (global.get $limit))
    f64.const 5e-324))`;

/** Rows as a listing, with a head before each function. */
function listing(rows: readonly DisassemblyRow[]): string {
  let text = '';
  for (const { offset, bytes, depth, text: words, symbol, valid } of rows) {
    if (symbol !== '') text += `${symbol}\n`;
    const place = offset.toString(16).padStart(6, '0');
    text += `${place}  ${bytes.padEnd(32)} ${valid ? '' : '?'} ${'  '.repeat(depth)}${words}`.trimEnd();
    text += '\n';
  }
  return text;
}

function whole(bytes: Uint8Array): string {
  const module = parseModule(bytes);
  const disassembly = new Disassembly(module);
  return module.bodyStart.reduce((text: string, _, n) => `${text}${listing(disassembly.rowsOf(n))}\n`, '');
}

const hello = parseModule(fs.readFileSync(new URL('../../test-plugins/out/hello.wasm', import.meta.url)));

describe('disassembly as people read it', () => {
  it('prints everything there is', () => {
    assertGolden(import.meta.url, 'everything.disassembly', whole(wat(EVERYTHING, { names: true })));
  });

  it('prints what it can without a name section', () => {
    assertGolden(import.meta.url, 'everything-without-names.disassembly', whole(wat(EVERYTHING)));
  });

  it('names what a plugin in Rust calls and mentions', () => {
    // Its layout is the compiler's, so there is no golden text of it.
    const all = hello.bodyStart.reduce((text: string, _, n) => text + listing(new Disassembly(hello).rowsOf(n)), '');
    assert.match(all, /^func \$_start \(;\d+;\)$/m);
    assert.match(
      all,
      /^func \$"<core::fmt::Error as core::fmt::Debug>::fmt" \(;\d+;\) \(param i32 i32\) \(result i32\)$/m,
    );
    assert.match(all, / i32\.const \d+ \(;"Error";\)$/m);
    assert.match(all, / i32\.const \d+ \(;\$\.rodata\+\d+;\)$/m);
    assert.match(all, / call \$__wasm_call_ctors \(;\d+;\)$/m);
    assert.match(all, / global\.get \$__stack_pointer$/m);
    assert.match(all, / call_indirect \(type \(func \(param i32 i32 i32\) \(result i32\)\)\)$/m);
  });

  it('finds texts by pointer and length, and the place of a panic', () => {
    const words = (...numbers: number[]) =>
      Array.from(
        new Uint8Array(Uint32Array.from(numbers).buffer),
        (byte) => `\\${byte.toString(16).padStart(2, '0')}`,
      ).join('');
    const path = 'a/path/that/is/far/too/long/to/be/shown/src/deep/inside.rs';
    const module = parseModule(
      wat(`(module (memory 1)
        (data (i32.const 3000) "src/lib.rshello${path}")
        (data (i32.const 1024) "${words(3000, 10, 12, 5)}") (data (i32.const 1040) "${words(3015, path.length, 200, 1)}")
        (data (i32.const 1056) "${words(3010, 5)}") (data (i32.const 1064) "${words(3010, 64)}")
        (data (i32.const 1072) "${words(2999, 5)}") (data (i32.const 1080) "${words(3010).slice(3)}")
        (func (drop (i32.const 1024)) (drop (i32.const 1040)) (drop (i32.const 1056)) (drop (i32.const 1064)) (drop (i32.const 1072)) (drop (i32.const 1080))))`),
    );
    const rows = new Disassembly(module).rowsOf(0);
    assert.deepEqual(
      rows.filter(({ text }) => text.startsWith('i32.const')).map(({ text }) => text),
      [
        'i32.const 1024 (;→ "src/lib.rs":12:5;)',
        `i32.const 1040 (;→ "…${path.slice(-40)}":200:1;)`,
        'i32.const 1056 (;→ "hello";)',
        'i32.const 1064',
        'i32.const 1072',
        'i32.const 1080',
      ],
    );
  });

  it('looks into the memory that is meant', () => {
    const segments = [
      [2, 1, 0x42, ...leb(5000), 0x0b, 5, ...Buffer.from('upper')],
      [0, 0x41, ...leb(5000), 0x0b, 5, ...Buffer.from('lower')],
      [0, 0x41, ...leb(5001), 0x0b, 3, ...Buffer.from('lap')],
    ];
    const module = parseModule(
      moduleOf({
        memories: [2, 0, 1, 4, 1],
        code: [
          [
            0x41,
            ...leb(5000),
            0x1a,
            0x42,
            ...leb(5000),
            0x1a,
            0x41,
            0,
            0x28,
            0x02,
            ...leb(5001),
            0x1a,
            0x42,
            0,
            0x28,
            0x42,
            1,
            ...leb(5001),
            0x1a,
            0x0b,
          ],
        ],
        rest: [section(11, [segments.length, ...segments.flat()])],
      }),
    );
    const texts = new Disassembly(module).rowsOf(0).map(({ text }) => text);
    // What a later segment puts over an earlier one counts; three letters are no text yet.
    assert.deepEqual(
      texts.filter((text) => /const [1-9]|load/.test(text)),
      [
        'i32.const 5000 (;"lower";)',
        'i64.const 5000 (;"upper";)',
        'i32.load offset=5001',
        'i32.load 1 offset=5001 (;"pper";)',
      ],
    );
  });
});

/** A signed LEB128, small or not. */
function leb(value: number): number[] {
  const writer = new ByteWriter();
  writer.s64(BigInt(value));
  return Array.from(writer.bytes());
}

function section(id: number, content: readonly number[]): Uint8Array {
  const writer = new ByteWriter();
  writer.section(id, Uint8Array.from(content));
  return writer.bytes().slice();
}

/** A module of functions of no type with the given code, without local variables. */
function moduleOf(parts: {
  readonly code: readonly (readonly number[] | Uint8Array)[];
  readonly memories?: readonly number[];
  readonly rest?: readonly Uint8Array[];
}): Uint8Array {
  const { code, memories, rest = [] } = parts;
  const out = new ByteWriter();
  out.raw(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  out.section(1, Uint8Array.of(1, 0x60, 0, 0));
  const functions = new ByteWriter();
  functions.u32(code.length);
  for (const _ of code) functions.byte(0);
  out.section(3, functions.bytes());
  if (memories !== undefined) out.section(5, Uint8Array.from(memories));
  const bodies = new ByteWriter();
  bodies.u32(code.length);
  for (const body of code) {
    bodies.u32(body.length + 1);
    bodies.byte(0);
    bodies.append(Uint8Array.from(body));
  }
  out.section(10, bodies.bytes());
  for (const each of rest) out.append(each);
  return out.bytes().slice();
}

describe('rows around an offset', () => {
  const disassembly = new Disassembly(hello);
  const all = hello.bodyStart.reduce((rows: DisassemblyRow[], _, n) => rows.concat(disassembly.rowsOf(n)), []);

  it('are those of the whole module, wherever one begins', () => {
    fc.assert(
      fc.property(
        fc.nat(all.length - 1),
        fc.oneof(fc.integer({ min: -300, max: 300 }), fc.integer({ min: -100_000, max: 100_000 })),
        fc.integer({ min: 0, max: 300 }),
        (at, instructionOffset, count) => {
          const rows = disassembly.rowsAround(all[at]!.offset, instructionOffset, count);
          assert.equal(rows.length, count);
          for (const [n, row] of rows.entries()) {
            const wanted = all[at + instructionOffset + n];
            if (wanted !== undefined) assert.deepEqual(row, wanted);
            else assert.deepEqual([row.valid, row.text, row.definedFunction], [false, '', -1]);
          }
          // Ascending, so that no two rows have one address.
          for (let n = 1; n < rows.length; n++) assert.ok(rows[n]!.offset > rows[n - 1]!.offset);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('begin at the nearest instruction before an offset that is none', () => {
    fc.assert(
      fc.property(fc.nat(all.length - 2), fc.nat(12), (at, more) => {
        const { offset, length, definedFunction } = all[at]!;
        const inside = offset + (more % length);
        assert.deepEqual(disassembly.instructionAt(inside), { definedFunction, offset, exact: inside === offset });
        assert.equal(disassembly.rowsAround(inside, 0, 1)[0]!.offset, offset);
        assert.deepEqual(disassembly.rowAt(inside), all[at]);
      }),
    );
    // Between the end of a function and the code of the next.
    const end = hello.bodyEnd[3]!;
    assert.deepEqual(disassembly.instructionAt(end), { definedFunction: 3, offset: end - 1, exact: false });
    assert.equal(disassembly.instructionAt(0), undefined);
    assert.equal(disassembly.rowAt(hello.bodyStart[0]! - 1), undefined);
    assert.deepEqual(disassembly.instructionAt(hello.bytes.length)?.exact, false);
    assert.deepEqual(disassembly.rowsAround(0, 0, 2), all.slice(0, 2));
    assert.equal(disassembly.functionAt(hello.bodyStart[2]!), 2);
  });

  it('are as many as asked for where there is no code at all', () => {
    const empty = new Disassembly(parseModule(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)));
    assert.equal(empty.rowsAround(100, -5, 10).length, 10);
    assert.equal(empty.rowsAround(100, 5, 3).length, 3);
    assert.equal(empty.instructionAt(4), undefined);
    assert.deepEqual(empty.rowsOf(0), []);
  });

  it('never are more than can be shown, whatever is asked for', () => {
    assert.equal(disassembly.rowsAround(0, 0, 1e9).length, 100_000);
    assert.equal(disassembly.rowsAround(0, 0, -1).length, 0);
    assert.equal(disassembly.rowsAround(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, 2).length, 2);
    assert.equal(disassembly.rowsAround(-1, -Number.MAX_SAFE_INTEGER, 2).length, 2);
    assert.equal(disassembly.rowsAround(Number.NaN, Number.NaN, 2).length, 2);
  });
});

describe('disassembly of what is out of proportion', () => {
  /** 5 MB: a thousand blocks within each other, again and again. */
  function long(): Uint8Array {
    const code = new ByteWriter();
    while (code.length < 5_000_000) {
      for (let n = 0; n < 1000; n++) code.raw(0x02, 0x40);
      for (let n = 0; n < 1000; n++) code.raw(0x41, 0, 0x0d, n % 100, 0x0b);
    }
    code.byte(0x0b);
    return code.bytes();
  }

  it('gives fifty rows of a function of 5 MB without printing the rest', () => {
    const module = parseModule(moduleOf({ code: [long(), [0x0b]] }));
    const disassembly = new Disassembly(module);
    const from = performance.now();
    const middle = 2_500_001;
    assert.equal(disassembly.rowsAround(middle, -25, 50).length, 50);
    const first = performance.now();
    for (let n = 0; n < 100; n++) disassembly.rowsAround(middle + n * 20_000, -200, 50);
    const rest = performance.now();
    // Generous: the machine may be busy. Printing 2.8 million rows takes seconds.
    assert.ok(first - from < 1500, `the first rows took ${first - from} ms`);
    assert.ok((rest - first) / 100 < 50, `each took ${(rest - first) / 100} ms`);
    const { text } = disassembly.rowsAround(module.bodyEnd[0]! - 1, -1, 1)[0]!;
    assert.equal(text, 'end (;@1;)');
  });

  it('walks a hundred thousand nested blocks, and labels that lead far out', () => {
    const depth = 100_000;
    const code = new ByteWriter();
    for (let n = 0; n < depth; n++) code.raw(0x02, 0x40);
    code.raw(0x41, 0, 0x0e);
    code.u32(depth);
    for (let n = 0; n < depth; n++) code.u32(depth - n);
    code.u32(0);
    for (let n = 0; n <= depth; n++) code.byte(0x0b);
    const disassembly = new Disassembly(parseModule(moduleOf({ code: [code.bytes()] })));
    const [constant, table] = disassembly.rowsOf(0, depth, 2);
    assert.equal(constant!.depth, depth);
    assert.match(table!.text, /^br_table \(;100000 labels;\) 100000 99999 .* … 0 \(;100000: return, 99999: @1 → 0x/);
    assert.ok(table!.text.length < 800);
    assert.ok(table!.bytes.length < 100);
    assert.equal(disassembly.instructionCount(0), 2 * depth + 3);
  });
});

describe('disassembly of what is broken', () => {
  /** A name section of subsections. */
  function named(
    code: readonly number[],
    ...subsections: readonly (readonly [number, readonly number[]])[]
  ): Disassembly {
    const content = [4, ...Buffer.from('name')];
    for (const [id, bytes] of subsections) content.push(id, bytes.length, ...bytes);
    return new Disassembly(parseModule(moduleOf({ code: [code], rest: [section(0, content)] })));
  }
  const name = (text: string) => [Buffer.from(text).length, ...Buffer.from(text)];

  it('writes any name as an identifier', () => {
    const cases: [string, string][] = [
      ['plain_name::of<T>', '$plain_name::of<T>'],
      ['two words', '$"two words"'],
      ['a "quoted" \\ name', '$"a \\"quoted\\" \\\\ name"'],
      ['größe', '$"größe"'],
      ['line\nbreak\u0007\u2028', '$"line\\nbreak\\u{7}\\u{2028}"'],
      ['ends a comment ;)', '$"ends a comment ;\\29"'],
      ['', '0'],
    ];
    for (const [given, written] of cases) {
      const disassembly = named([0x10, 0, 0x0b], [1, [1, 0, ...name(given)]]);
      const mark = given === '' ? '0' : `${written} (;0;)`;
      assert.equal(disassembly.rowsOf(0)[0]!.text, `call ${mark}`);
      assert.equal(disassembly.header(0), `func ${mark}`);
    }
    const bytes = named([0x10, 0, 0x0b], [1, [1, 0, 3, 0x61, 0xff, 0x62]]);
    assert.equal(bytes.rowsOf(0)[0]!.text, 'call $"a\ufffdb" (;0;)');
    const long = new Disassembly(
      parseModule(moduleOf({ code: [[0x10, 0, 0x0b]], rest: [longName('x'.repeat(70_000))] })),
    );
    assert.equal(long.rowsOf(0)[0]!.text, `call $"${'x'.repeat(200)}…" (;0;)`);
  });

  function longName(text: string): Uint8Array {
    const map = new ByteWriter();
    map.raw(1, 0);
    map.name(text);
    const content = new ByteWriter();
    content.name('name');
    content.section(1, map.bytes());
    const out = new ByteWriter();
    out.section(0, content.bytes());
    return out.bytes().slice();
  }

  it('tells locals of one name apart, and writes labels', () => {
    const code = [0x02, 0x40, 0x03, 0x40, 0x0c, 1, 0x0b, 0x0b, 0x20, 0, 0x20, 1, 0x20, 2, 0x20, 3, 0x0b];
    const locals = [1, 0, 3, 0, ...name('x'), 1, ...name('x'), 2, ...name('a b')];
    const labels = [1, 0, 2, 0, ...name('outer'), 1, ...name('in ner')];
    assert.deepEqual(
      named(code, [2, locals], [3, labels])
        .rowsOf(0)
        .map(({ text }) => text.replace(/→ 0x\w+/, '→')),
      [
        'block (;$outer @1;)',
        'loop (;$"in ner" @2;)',
        'br 1 (;$outer @1 →;)',
        'end (;$"in ner" @2;)',
        'end (;$outer @1;)',
        'local.get $x (;0;)',
        'local.get $x (;1;)',
        'local.get $"a b"',
        'local.get 3',
        'end',
      ],
    );
  });

  it('lives with a name section that lies', () => {
    const cut = named([0x20, 0, 0x0b], [2, [1, 0, 100, 0, ...name('x')]], [3, [255]], [9, [1, 0, 99]]);
    assert.equal(cut.rowsOf(0)[0]!.text, 'local.get $x');
    const far = named([0x10, 0, 0x0b], [1, [2, 99, ...name('far'), 0, ...name('near')]]);
    assert.equal(far.rowsOf(0)[0]!.text, 'call $near (;0;)');
    const end = named([0x20, 0, 0x0b], [1, [0x80, 0x80, 0x80, 0x80, 0x80, 0x80]]);
    assert.equal(end.rowsOf(0)[0]!.text, 'local.get 0');
  });

  it('shows what can be read of code that cannot', () => {
    const disassembly = new Disassembly(
      parseModule(moduleOf({ code: [[0x01, 0x41, 5, 0xfb, 0, 1], [0x05, 0x0b], [0x0b, 0x01], [0x0b]] })),
    );
    assert.deepEqual(
      [0, 1, 2, 3].map((n) =>
        disassembly.rowsOf(n).map(({ text, valid }) => (valid ? text : `? ${text}`.replace(/0x\w+\);\)/, '…'))),
      ),
      [
        ['nop', 'i32.const 5', '? (;The instruction 0xfb 0x0 belongs to gc, which is not supported (at byte …'],
        ['? (;The module cannot be read: an else has no if (at byte …'],
        ['? (;The module cannot be read: a function goes on after its end (at byte …'],
        ['end'],
      ],
    );
    const rows = disassembly.rowsAround(disassembly.codeStart(1), -3, 7);
    assert.deepEqual(
      rows.map(({ definedFunction }) => definedFunction),
      [0, 0, 0, 1, 2, 3, -1],
    );
    assert.equal(disassembly.instructionAt(disassembly.codeStart(0) + 5)?.offset, disassembly.codeStart(0) + 3);
  });

  it('never breaks on bytes changed at random', () => {
    const original = wat(EVERYTHING, { names: true });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(original.length - 9), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        fc.nat(original.length),
        (changes, offset) => {
          const bytes = original.slice();
          for (const [at, byte] of changes) bytes[8 + at] = byte;
          try {
            const module = parseModule(bytes);
            const disassembly = new Disassembly(module);
            assert.equal(disassembly.rowsAround(offset, -10, 30).length, 30);
            for (let n = 0; n < module.bodyStart.length; n++) disassembly.rowsOf(n);
          } catch (error) {
            if (!(error instanceof WasmError)) throw error;
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});
