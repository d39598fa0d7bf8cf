// Disassembly as people see it: golden texts, and rows around an offset as DAP asks for them. That instructions are read right is in
// disassembly-wabt.test.ts, what is broken in disassembly-broken.test.ts.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { assertGolden } from '../testing/golden.ts';
import { wat } from '../testing/wat.ts';
import { Disassembly, type DisassemblyRow } from './disassembly.ts';
import { EVERYTHING, leb, moduleOf, section } from './disassembly-testing.ts';
import { parseModule } from './module.ts';

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
