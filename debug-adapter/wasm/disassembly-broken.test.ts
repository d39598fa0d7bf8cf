// Disassembly of what nobody means to write: names and code that are broken, functions of megabytes, blocks by the hundred thousand.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { worked } from '../testing/lateness.ts';
import { wat } from '../testing/wat.ts';
import { Disassembly } from './disassembly.ts';
import { EVERYTHING, moduleOf, section } from './disassembly-testing.ts';
import { WasmError } from './error.ts';
import { parseModule } from './module.ts';
import { ByteWriter } from './writer.ts';

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
    const middle = 2_500_001;
    const first = worked(() => assert.equal(disassembly.rowsAround(middle, -25, 50).length, 50));
    const rest = worked(() => {
      for (let n = 0; n < 100; n++) disassembly.rowsAround(middle + n * 20_000, -200, 50);
    });
    // Generous. Printing 2.8 million rows takes seconds.
    assert.ok(first < 1500, `the first rows took ${first} ms`);
    assert.ok(rest / 100 < 50, `each took ${rest / 100} ms`);
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
