// The module reader: what it finds, what it tolerates, what it says of broken files. (E3, I1)
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { worked } from '../testing/lateness.ts';
import { wat } from '../testing/wat.ts';
import { WasmError } from './error.ts';
import { checkProduction } from './features.ts';
import { functionType, parametersOf, parseModule, resultsOf, SectionId, sectionOf } from './module.ts';
import { FunctionNames } from './names.ts';
import { summarize } from './summary.ts';
import { ByteWriter } from './writer.ts';

const HEAD = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

const RICH = `(module $rich
  (type $a (func (param i32 i64) (result f32 f64)))
  (import "env" "f" (func $imported (type $a)))
  (import "env" "t" (table 1 2 funcref))
  (import "env" "m" (memory 1))
  (import "env" "g" (global $g (mut i32)))
  (func $one (export "one") (param i32) (result i32) (local i64 i64 f32) (local.get 0))
  (func $two (type $a) (call $imported (local.get 0) (local.get 1)))
  (table $x 3 externref)
  (memory i64 2 5)
  (global $k i64 (i64.const -1)) (global $h (mut funcref) (ref.func $one))
  (export "m" (memory 1)) (export "k" (global $k)) (export "x" (table $x))
  (elem (i32.const 0) $one) (elem $p func $one $two) (elem declare func $two) (elem $q funcref (ref.null func) (ref.func $one))
  (data (i32.const 0) "hello") (data $passive "abcdef") (data (i32.const 3) "z")
  (func $uses (memory.init $passive (i32.const 0) (i32.const 0) (i32.const 1)))
  (start $uses))`;

describe('parseModule', () => {
  const module = parseModule(wat(RICH, { names: true }));

  it('finds everything that is declared', () => {
    assert.deepEqual(
      [module.importedFunctions, module.importedTables, module.importedMemories, module.importedGlobals],
      [1, 1, 1, 1],
    );
    assert.equal(module.functionTypes.length, 4);
    assert.equal(functionType(module, module.functionTypes[0]!), '(i32, i64) -> (f32, f64)');
    assert.deepEqual([...parametersOf(module, module.functionTypes[1]!)], [0x7f]);
    assert.deepEqual([...resultsOf(module, module.functionTypes[1]!)], [0x7f]);
    assert.deepEqual(
      module.imports.map(({ module: from, name, kind, index }) => [from, name, kind, index]),
      [
        ['env', 'f', 0, 0],
        ['env', 't', 1, 0],
        ['env', 'm', 2, 0],
        ['env', 'g', 3, 0],
      ],
    );
    assert.deepEqual(
      module.exports.map(({ name, kind, index }) => [name, kind, index]),
      [
        ['one', 0, 1],
        ['m', 2, 1],
        ['k', 3, 1],
        ['x', 1, 1],
      ],
    );
    assert.deepEqual(
      module.tables.map(({ elementType, min, max }) => [elementType, min, max]),
      [
        [0x70, 1, 2],
        [0x6f, 3, undefined],
      ],
    );
    assert.deepEqual(
      module.memories.map(({ min, max, is64 }) => [min, max, is64]),
      [
        [1, undefined, false],
        [2, 5, true],
      ],
    );
    assert.deepEqual([...module.globalTypes], [0x7f, 0x7e, 0x70]);
    assert.deepEqual([...module.globalMutable], [1, 0, 1]);
    assert.equal(module.start, 3);
    assert.deepEqual([...module.elementMode], [0, 1, 2, 1]);
    assert.deepEqual([...module.elementLength], [1, 2, 1, 2]);
    assert.equal(module.dataCount, 3);
    assert.deepEqual([...module.dataMode], [0, 1, 0]);
    const text = new TextDecoder();
    assert.deepEqual(
      [0, 1, 2].map((n) => text.decode(module.bytes.subarray(module.dataStart[n], module.dataEnd[n]))),
      ['hello', 'abcdef', 'z'],
    );
  });

  it('knows names, from the name section and elsewhere', () => {
    const names = new FunctionNames(module);
    assert.deepEqual(
      [0, 1, 2, 3, 4, -1].map((index) => names.of(index)),
      ['imported', 'one', 'two', 'uses', 'func[4]', 'func[-1]'],
    );
    assert.equal(names.moduleName, 'rich');
    const bare = new FunctionNames(parseModule(wat(RICH)));
    assert.deepEqual(
      [0, 1, 2].map((index) => bare.of(index)),
      ['env.f', 'one', 'func[2]'],
    );
  });

  it('reads a data segment that names its memory', () => {
    // By hand: wabt leaves the index of the memory out.
    const memories = [5, 5, 2, 0, 1, 4, 1];
    const read = parseModule(Uint8Array.from([...HEAD, ...memories, 11, 9, 1, 2, 1, 0x42, 3, 0x0b, 2, 0x7a, 0x79]));
    assert.deepEqual([read.dataStart[0], read.dataEnd[0], read.dataMode[0]], [24, 26, 0]);
    assert.ok(WebAssembly.validate(Uint8Array.from(read.bytes)));
  });

  it('finds bodies where they are', () => {
    for (let n = 0; n < 3; n++) assert.equal(module.bytes[module.bodyEnd[n]! - 1], 0x0b);
    const code = sectionOf(module, SectionId.Code)!;
    assert.ok(module.bodyStart[0]! > code.start && module.bodyEnd[2]! === code.end);
  });

  it('takes custom sections in odd places', () => {
    const bytes = wat(RICH);
    const custom = [0, 3, 1, 0x61, 9];
    const odd = parseModule(Uint8Array.from([...bytes.subarray(0, 8), ...custom, ...bytes.subarray(8), ...custom]));
    assert.equal(odd.functionTypes.length, 4);
    assert.equal(odd.sections.filter((section) => section.name === 'a').length, 2);
  });

  const broken: readonly [string, number[], RegExp][] = [
    ['text', [...new TextEncoder().encode('(module)')], /does not begin with/],
    ['nothing', [], /does not begin with/],
    ['a component', [0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0], /component; a plugin is a core module/],
    ['a later version', [0, 0x61, 0x73, 0x6d, 2, 0, 0, 0], /version of the WebAssembly format is 2/],
    ['an unknown section', [...HEAD, 14, 0], /section 14 is unknown/],
    ['a section beyond the end', [...HEAD, 1, 5, 0], /a section is cut short/],
    ['sections out of order', [...HEAD, 3, 1, 0, 1, 1, 0], /twice or out of order/],
    ['a section twice', [...HEAD, 1, 1, 0, 1, 1, 0], /twice or out of order/],
    ['more types than there is room for', [...HEAD, 1, 5, 0xff, 0xff, 0xff, 0xff, 0x0f], /says 4294967295 types/],
    ['a function without body', [...HEAD, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0], /declares 1 functions and has 0 bodies/],
    ['a section with more in it', [...HEAD, 1, 5, 1, 0x60, 0, 0, 0], /longer than its content/],
    ['a type that is not there', [...HEAD, 3, 2, 1, 0], /type 0 does not exist/],
    ['an export of nothing', [...HEAD, 7, 5, 1, 1, 0x66, 0, 0], /does not exist as "f"/],
    ['a start function that is not there', [...HEAD, 8, 1, 0], /start function does not exist/],
    [
      'an element of no function',
      [...HEAD, 1, 4, 1, 0x60, 0, 0, 4, 4, 1, 0x70, 0, 1, 9, 7, 1, 0, 0x41, 0, 0x0b, 1, 0],
      /function that does not exist/,
    ],
    ['elements without a table', [...HEAD, 9, 6, 1, 0, 0x41, 0, 0x0b, 0], /table 0 does not exist/],
    ['data without a memory', [...HEAD, 11, 6, 1, 0, 0x41, 0, 0x0b, 0], /memory 0 does not exist/],
    ['a global made from one of ours', [...HEAD, 6, 6, 1, 0x7f, 0, 0x23, 0, 0x0b], /global 0 does not exist/],
    ['a data count that is wrong', [...HEAD, 12, 1, 3], /announces 3 data segments and has 0/],
    ['a custom section without a name', [...HEAD, 0, 0], /cut short/],
    ['a custom section whose name is not UTF-8', [...HEAD, 0, 3, 2, 0xff, 0xfe], /name is not UTF-8/],
    ['an import name that is not UTF-8', [...HEAD, 2, 6, 1, 1, 0xff, 0, 3, 0], /name is not UTF-8/],
  ];
  for (const [name, bytes, message] of broken)
    it(`says what is wrong with ${name}`, () => {
      assert.throws(
        () => parseModule(Uint8Array.from(bytes)),
        (error) => error instanceof WasmError && message.test(error.message) && error.offset <= bytes.length,
      );
    });

  const refused: readonly [string, number[], string][] = [
    ['a shared memory', [...HEAD, 5, 4, 1, 3, 1, 1], 'threads'],
    ['a memory with small pages', [...HEAD, 5, 4, 1, 8, 1, 0], 'custom-page-sizes'],
    ['a tag section', [...HEAD, 13, 1, 0], 'exceptions'],
    ['a struct', [...HEAD, 1, 3, 1, 0x5f, 0], 'gc'],
    ['a parameter of a typed reference', [...HEAD, 1, 6, 1, 0x60, 1, 0x63, 0, 0], 'typed-function-references'],
    ['an exnref', [...HEAD, 1, 5, 1, 0x60, 1, 0x69, 0], 'exceptions'],
    [
      'a table with an initial value',
      [...HEAD, 4, 9, 1, 0x40, 0, 0x70, 0, 1, 0xd0, 0x70, 0x0b],
      'typed-function-references',
    ],
  ];
  for (const [name, bytes, feature] of refused)
    it(`E3: refuses ${name} by the name of its feature`, () => {
      assert.throws(
        () => parseModule(Uint8Array.from(bytes)),
        (error) => error instanceof WasmError && error.feature === feature,
      );
    });

  it('cut short anywhere, it is refused or read, and never crashes', () => {
    const bytes = wat(RICH, { names: true });
    for (let length = 0; length < bytes.length; length++) readAll(bytes.subarray(0, length));
  });

  it('with bytes changed, it is refused or read, in time', () => {
    const bytes = wat(RICH, { names: true });
    const took = worked(() =>
      fc.assert(
        fc.property(
          fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
          fc.nat(3),
          (changes, cut) => {
            const changed = bytes.slice(0, cut === 0 ? bytes.length - 7 : bytes.length);
            for (const [at, value] of changes) if (at >= 8 && at < changed.length) changed[at] = value;
            readAll(changed);
          },
        ),
        { numRuns: 5000 },
      ),
    );
    assert.ok(took < 60_000, `${took} ms`);
  });

  /** Parses and asks everything that can be asked; only WasmError may come out. */
  function readAll(bytes: Uint8Array): void {
    try {
      const read = parseModule(bytes);
      const names = new FunctionNames(read);
      for (let index = 0; index < read.functionTypes.length; index++) names.display(index);
      names.global(0);
      summarize(read, { features: [] });
    } catch (error) {
      assert.ok(error instanceof WasmError, error instanceof Error ? error.stack : String(error));
    }
  }
});

describe('FunctionNames', () => {
  /** A module with two functions and this as its name section's content. */
  const withNames = (...content: number[]) => {
    const writer = new ByteWriter();
    writer.append(wat('(module (func (export "a")) (func))'));
    const section = new ByteWriter();
    section.name('name');
    section.raw(...content);
    writer.section(0, section.bytes());
    return new FunctionNames(parseModule(writer.bytes().slice()));
  };

  it('survives indices that are not there, twice the same, and order', () => {
    const names = withNames(1, 13, 4, 9, 1, 0x78, 1, 1, 0x62, 1, 1, 0x63, 0, 1, 0x64);
    assert.deepEqual([names.of(0), names.of(1), names.of(9)], ['d', 'c', 'func[9]']);
  });

  it('keeps what was read before a break', () => {
    const names = withNames(1, 40, 3, 1, 1, 0x62);
    assert.equal(names.of(1), 'func[1]');
    assert.equal(withNames(1, 6, 3, 1, 1, 0x62, 0, 90).of(1), 'b');
    assert.equal(withNames(1, 6, 3, 1, 1, 0x62, 0, 90).of(0), 'a');
  });

  it('shows names that are not UTF-8 with replacement characters', () => {
    assert.equal(withNames(1, 6, 1, 1, 3, 0x62, 0xff, 0x63).of(1), 'b\ufffdc');
  });

  it('reads subsections after a broken one', () => {
    assert.equal(withNames(0, 2, 9, 9, 1, 4, 1, 1, 1, 0x62).of(1), 'b');
  });

  it('takes the name of an empty name for none', () => {
    assert.equal(withNames(1, 3, 1, 0, 0).of(0), 'a');
  });
});

describe('summarize', () => {
  it('says what inspect shows', () => {
    const bytes = wat(
      `(module (import "wasi_snapshot_preview1" "fd_read" (func $r (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_seek" (func $seek (param i32 i64 i32 i32) (result i32)))
        (memory (export "memory") 1) (func $go (export "_start") (drop (call $seek (i32.const 0) (i64.const 0) (i32.const 0) (i32.const 0)))))`,
      { names: true },
    );
    const url = new ByteWriter();
    url.name('sourceMappingURL');
    url.name('plugin.wasm.map');
    const writer = new ByteWriter();
    writer.append(bytes);
    writer.section(0, url.bytes());
    for (const name of ['.debug_info', '.debug_line']) {
      const section = new ByteWriter();
      section.name(name);
      section.raw(1, 2, 3);
      writer.section(0, section.bytes());
    }
    const module = parseModule(writer.bytes().slice());
    const summary = summarize(module, { features: [] });
    assert.deepEqual(
      summary.imports.map(({ name, inProduction }) => [name, inProduction]),
      [
        ['fd_read', true],
        ['fd_seek', false],
      ],
    );
    assert.equal(summary.imports[1]?.type, '(i32, i64, i32, i32) -> (i32)');
    assert.deepEqual(summary.functions, { imported: 2, defined: 1 });
    assert.deepEqual(summary.debug, {
      dwarf: ['.debug_info', '.debug_line'],
      nameSection: true,
      sourceMapUrl: 'plugin.wasm.map',
      externalDwarf: undefined,
    });
    assert.equal(
      summary.sections.reduce((sum, section) => sum + section.bytes, 8),
      summary.size,
    );
    assert.deepEqual(summary.faults, checkProduction(module, { features: [] }));
    assert.match(summary.faults[0]?.message ?? '', /fd_seek, which production does not have; it is called by `go`/);
  });
});
