// A program opened whole: functions with their scopes, inlined calls, names with their paths, statics, functions by name, units; written by hand.
// What compilers write is compared elsewhere.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { At, Form, Language, Tag } from './constants.ts';
import { openDwarf } from './dwarf.ts';
import type { Machine } from './location.ts';
import { moduleWith, type SectionBytes } from './module-fixture.ts';
import type { DwarfProgram, Scope } from './program.ts';
import { type AttributeValue, type FixtureDie, type FixtureUnit, unsigned, writeDwarf } from './types-fixture.ts';

type Attribute = readonly [attribute: number, form: number, value: AttributeValue];

const CODE_AT = moduleWith({}).sections.find(({ id }) => id === 10)?.start ?? 0;
const u32 = (value: number) => unsigned(value, 4);

interface Opened {
  readonly program: DwarfProgram;
  readonly die: (id: string) => number;
}

function open(units: readonly FixtureUnit[], more: SectionBytes = {}): Opened {
  const { file, die } = writeDwarf(units);
  const { bytes, info, types, abbrev } = file.sections;
  const part = ({ start, end }: { readonly start: number; readonly end: number }) => [...bytes.subarray(start, end)];
  const program = openDwarf(moduleWith({ info: part(info), types: part(types), abbrev: part(abbrev), ...more }));
  assert.ok(program !== undefined);
  return { program, die };
}

const name = (text: string): Attribute => [At.Name, Form.String, text];
const code = (low: number, length: number): Attribute[] => [
  [At.LowPc, Form.Addr, low],
  [At.HighPc, Form.Data4, length],
];
const to = (attribute: number, id: string): Attribute => [attribute, Form.Ref4, { to: id }];

function die(tag: number, attributes: readonly Attribute[], children: readonly FixtureDie[] = [], id = ''): FixtureDie {
  return { tag, attributes, children, ...(id === '' ? {} : { id }) };
}

const unit = (children: readonly FixtureDie[], attributes: readonly Attribute[] = code(1, 0x1f0)): FixtureUnit => ({
  version: 4,
  root: die(Tag.CompileUnit, [name('lib.rs'), [At.Language, Form.Data2, Language.Rust], ...attributes], children),
});

const at = ({ program }: Opened, address: number): Scope | undefined => program.functionAt(address + CODE_AT);
const names = (scope: Scope | undefined): string[] => (scope?.variables ?? []).map((variable) => variable.name);
const pairs = (scope: Scope | undefined): number[] => [...(scope?.ranges ?? [])].map((offset) => offset - CODE_AT);

describe('functions', () => {
  const opened = open(
    [
      unit([
        die(
          Tag.Namespace,
          [name('app')],
          [
            die(Tag.Subprogram, [
              name('greet<u32>'),
              [At.LinkageName, Form.String, '_ZN3app5greetE'],
              ...code(0x10, 0x10),
            ]),
            die(Tag.Namespace, [name('greet')], [die(Tag.Subprogram, [name('{closure#0}'), ...code(0x20, 4)])]),
            die(Tag.Namespace, [], [die(Tag.Subprogram, [name('hidden'), ...code(0x24, 4)])]),
            die(
              Tag.StructureType,
              [name('Vec<T>')],
              [
                die(Tag.Subprogram, [name('push'), [At.Declaration, Form.FlagPresent, 0]], [], 'push'),
                die(Tag.StructureType, [name('Inner')], [die(Tag.Subprogram, [name('deep')], [], 'deep')]),
                die(Tag.StructureType, [name('Other')], [die(Tag.Member, [name('m')])]),
              ],
            ),
            die(Tag.Subprogram, [name('dropped'), ...code(0, 8)]),
            die(Tag.Subprogram, [name('dropped'), ...code(0xffffffff, 8)]),
            die(Tag.Subprogram, [name('declared')]),
          ],
        ),
        die(Tag.Subprogram, [to(At.Specification, 'push'), ...code(0x30, 4)]),
        die(Tag.Subprogram, [to(At.Specification, 'deep'), ...code(0x34, 4)]),
        die(Tag.Subprogram, [[At.LinkageName, Form.String, '_ZN3app4only17h0123456789abcdefE'], ...code(0x38, 4)]),
        die(
          Tag.Subprogram,
          [name('outer'), ...code(0x40, 0x10)],
          [die(Tag.Subprogram, [name('nested'), ...code(0x60, 4)])],
        ),
        die(Tag.Subprogram, [name('split'), [At.Ranges, Form.SecOffset, 0]]),
        die(Tag.StructureType, [name('S')], [die(Tag.Subprogram, [name('method'), ...code(0x70, 4)])]),
      ]),
    ],
    { ranges: [...u32(0x90), ...u32(0x98), ...u32(0x80), ...u32(0x84), ...u32(0), ...u32(0)] },
  );

  it('names with their paths: namespaces, closures, generics, methods by their specification, types in types', () => {
    const expected: readonly [address: number, name: string][] = [
      [0x10, 'app::greet<u32>'],
      [0x20, 'app::greet::{closure#0}'],
      [0x24, 'app::(anonymous namespace)::hidden'],
      [0x30, 'app::Vec<T>::push'],
      [0x34, 'app::Vec<T>::Inner::deep'],
      [0x38, 'app::only'],
      [0x40, 'outer'],
    ];
    for (const [address, path] of expected) assert.equal(at(opened, address)?.name, path);
    assert.equal(at(opened, 0x10)?.linkageName, '_ZN3app5greetE');
    assert.deepEqual(opened.program.problems, []);
  });
  it('from the first byte to before the last', () => {
    assert.equal(at(opened, 0x1f)?.name, 'app::greet<u32>');
    assert.equal(at(opened, 0x0f), undefined);
    assert.equal(at(opened, 0x50), undefined);
    assert.equal(at(opened, 0x1000), undefined);
    assert.equal(opened.program.functionAt(0), undefined);
    assert.deepEqual(pairs(at(opened, 0x10)), [0x10, 0x20]);
  });
  it('functions in functions and in types', () => {
    assert.equal(at(opened, 0x60)?.name, 'nested');
    assert.equal(at(opened, 0x70)?.name, 'S::method');
  });
  it('ranges, in ascending order', () => {
    assert.equal(at(opened, 0x86), undefined);
    // They count from the unit’s low_pc, 1.
    assert.deepEqual(pairs(at(opened, 0x82)), [0x81, 0x85, 0x91, 0x99]);
  });
  it('each is read once', () => assert.equal(at(opened, 0x10), at(opened, 0x11)));
  it('by name: whole, from a `::` on, with asterisks, without generics', () => {
    const found = (pattern: string) =>
      opened.program.functionsNamed(pattern).map(({ name, offset }) => [name, offset - CODE_AT]);
    const greet = [['app::greet<u32>', 0x10]];
    assert.deepEqual(found('app::greet'), greet);
    assert.deepEqual(found('greet'), greet);
    assert.deepEqual(found('greet<u32>'), greet);
    assert.deepEqual(found('*::greet'), greet);
    assert.deepEqual(found('app::gr*t'), greet);
    assert.deepEqual(found('Vec::push'), [['app::Vec<T>::push', 0x30]]);
    assert.deepEqual(found('reet'), []);
    assert.deepEqual(found('dropped'), []);
    assert.deepEqual(found('only'), [['app::only', 0x38]]);
    // §2.18: it begins where the first of its ranges does, as they are listed.
    assert.deepEqual(found('split'), [['split', 0x91]]);
    assert.deepEqual(found(''), []);
    assert.deepEqual(found('x'.repeat(2000)), []);
    assert.equal(found('app::*').length, 6);
  });
});

describe('scopes', () => {
  const abstract = die(
    Tag.Subprogram,
    [name('twice'), [At.Inline, Form.Data1, 1], [At.DeclLine, Form.Data1, 7], to(At.Type, 'u32')],
    [
      die(Tag.FormalParameter, [name('x'), to(At.Type, 'u32'), [At.DeclLine, Form.Data1, 7]], [], 'x'),
      die(Tag.FormalParameter, [name('y'), to(At.Type, 'u32')], [], 'y'),
      die(Tag.Variable, [name('z'), [At.DeclLine, Form.Data1, 8], [At.DeclColumn, Form.Data1, 9]], [], 'z'),
      die(Tag.LexicalBlock, [], [die(Tag.Variable, [name('within')], [], 'within')], 'block'),
    ],
    'twice',
  );
  const opened = open([
    unit([
      abstract,
      die(Tag.BaseType, [name('u32'), [At.ByteSize, Form.Data1, 4], [At.Encoding, Form.Data1, 7]], [], 'u32'),
      die(
        Tag.Subprogram,
        [name('main'), ...code(0x10, 0x40), to(At.Type, 'u32')],
        [
          die(Tag.FormalParameter, [name('self'), [At.Artificial, Form.FlagPresent, 0]]),
          die(Tag.Variable, [name('shadowed')]),
          die(Tag.LexicalBlock, code(0x14, 8), [
            die(Tag.Variable, [name('shadowed')]),
            die(Tag.LexicalBlock, [], [die(Tag.Variable, [name('codeless')])]),
            die(Tag.LexicalBlock, code(0, 8), [die(Tag.Variable, [name('dropped')])]),
          ]),
          die(
            Tag.InlinedSubroutine,
            [
              to(At.AbstractOrigin, 'twice'),
              ...code(0x20, 0x10),
              ...([
                [At.CallLine, Form.Data1, 42],
                [At.CallColumn, Form.Data1, 5],
              ] as const),
            ],
            [
              die(Tag.FormalParameter, [to(At.AbstractOrigin, 'y')], [], 'own y'),
              die(Tag.LexicalBlock, [to(At.AbstractOrigin, 'block'), ...code(0x22, 4)], []),
              die(Tag.InlinedSubroutine, [to(At.AbstractOrigin, 'twice'), ...code(0x24, 2)]),
            ],
          ),
          die(Tag.Label, [name('label')]),
          die(Tag.Variable, [name('last')]),
        ],
      ),
      die(
        Tag.Subprogram,
        [to(At.AbstractOrigin, 'twice'), ...code(0x60, 8)],
        [
          die(Tag.FormalParameter, [to(At.AbstractOrigin, 'x')]),
          die(Tag.FormalParameter, [to(At.AbstractOrigin, 'y')]),
          die(Tag.Variable, [to(At.AbstractOrigin, 'z')]),
          die(Tag.Variable, [name('made up')]),
        ],
      ),
    ]),
  ]);
  const main = at(opened, 0x10);
  it('variables in their scopes, in order', () => {
    assert.deepEqual(names(main), ['self', 'shadowed', 'last']);
    assert.deepEqual(
      main?.variables.map(({ kind, artificial }) => [kind, artificial]),
      [
        ['parameter', true],
        ['variable', false],
        ['variable', false],
      ],
    );
    assert.equal(main?.result, opened.die('u32'));
    assert.deepEqual(
      main?.scopes.map(({ kind }) => kind),
      ['block', 'inlined'],
    );
  });
  it('blocks: one without code of its own has that around it, one of dropped code is left out', () => {
    const block = main?.scopes[0];
    assert.deepEqual(names(block), ['shadowed']);
    assert.deepEqual(pairs(block), [0x14, 0x1c]);
    assert.deepEqual(block?.scopes.map(names), [['codeless']]);
    assert.deepEqual(pairs(block?.scopes[0]), [0x14, 0x1c]);
  });
  it('inlined calls: name, declaration, place of the call; what the copy left out is there, in its order', () => {
    const call = main?.scopes[1];
    assert.equal(call?.name, 'twice');
    assert.deepEqual(call?.declared, { file: -1, line: 7, column: 0 });
    assert.deepEqual(call?.called, { file: -1, line: 42, column: 5 });
    assert.equal(call?.result, opened.die('u32'));
    assert.deepEqual(names(call), ['x', 'y', 'z']);
    assert.deepEqual(
      call?.variables.map((variable) => variable.die),
      [opened.die('x'), opened.die('own y'), opened.die('z')],
    );
    assert.equal(call?.variables[1]?.type, opened.die('u32'));
    assert.deepEqual(call?.variables[2]?.declared, { file: -1, line: 8, column: 9 });
    assert.deepEqual(names(call?.scopes[0]), ['within'], 'of a block too');
    assert.equal(call?.scopes[1]?.kind, 'inlined');
    assert.equal(call?.scopes[1]?.called?.line, 0);
  });
  it('the copy of its own of a function that is inlined elsewhere', () => {
    const own = at(opened, 0x60);
    assert.equal(own?.name, 'twice');
    assert.deepEqual(names(own), ['x', 'y', 'z', 'made up']);
    assert.equal(own?.called, undefined);
  });
  it('a parameter that was optimised away says so', () => {
    const call = main?.scopes[1];
    const variable = call?.variables[0];
    assert.ok(variable !== undefined && main !== undefined);
    const nothing = () => ({ reason: 'not asked' });
    const machine: Machine = {
      local: nothing,
      global: nothing,
      operand: nothing,
      memory: nothing,
      frameBase: nothing,
      stackPointer: () => undefined,
      entry: nothing,
    };
    assert.deepEqual(opened.program.locate(variable, main, CODE_AT + 0x20, machine), {
      kind: 'unavailable',
      reason: 'it was optimised away',
    });
  });
});

describe('statics and units', () => {
  const addr = (address: number): Attribute => [At.Location, Form.Exprloc, [3, ...u32(address)]];
  const opened = open([
    unit(
      [
        die(
          Tag.Namespace,
          [name('app')],
          [
            die(Tag.Variable, [name('COUNT'), addr(0x400), to(At.Type, 'usize')]),
            die(Tag.Variable, [name('DROPPED'), addr(0xffffffff)]),
            die(Tag.Variable, [name('OLD'), addr(0)]),
            die(Tag.Variable, [name('LIMIT'), [At.ConstValue, Form.Data1, 9]]),
            die(Tag.Variable, [name('DECLARED'), [At.Declaration, Form.FlagPresent, 0]], [], 'declared'),
            die(Tag.StructureType, [name('vtable'), to(At.ContainingType, 'usize')], [], 'vtable'),
            die(Tag.Variable, [name('<u32 as T>::{vtable}'), addr(0x500), to(At.Type, 'vtable')]),
          ],
        ),
        die(Tag.BaseType, [name('usize')], [], 'usize'),
        die(Tag.Variable, [to(At.Specification, 'declared'), addr(0x600)]),
        die(Tag.Subprogram, [name('f'), ...code(0x10, 4)], [die(Tag.Variable, [name('LOCAL'), addr(0x700)])]),
      ],
      [...code(0x10, 4), [At.Producer, Form.String, 'rustc'], [At.CompDir, Form.String, '/build']],
    ),
    unit([die(Tag.Subprogram, [name('g'), ...code(0x20, 4)])], []),
    unit([die(Tag.Subprogram, [name('h'), ...code(0x30, 4)])], code(0xffffffff, 4)),
  ]);
  it('statics by their whole names; vtables, declarations and dropped ones left out', () => {
    assert.deepEqual(
      opened.program.statics(CODE_AT + 0x10).map((variable) => variable.name),
      ['app::COUNT', 'app::LIMIT', 'app::DECLARED'],
    );
    assert.deepEqual(opened.program.statics(CODE_AT + 0x20), []);
    assert.deepEqual(opened.program.statics(5), []);
  });
  it('rustc makes many units of a crate: their statics are one list', () => {
    const of = (path: string, name: string, low: number, fixed: number) =>
      ({
        version: 4,
        root: die(
          Tag.CompileUnit,
          [[At.Name, Form.String, path], [At.CompDir, Form.String, '/build'], ...code(low, 4)],
          [die(Tag.Variable, [[At.Name, Form.String, name], addr(fixed)])],
        ),
      }) as const;
    const { program } = open([
      of('src/main.rs/@/1abc', 'ONE', 0x10, 0x400),
      of('src/main.rs/@/2def', 'TWO', 0x20, 0x404),
      of('src/lib.rs/@/3', 'THREE', 0x30, 0x408),
      of('main.c', 'four', 0x40, 0x40c),
    ]);
    const names = (address: number) => program.statics(CODE_AT + address).map((variable) => variable.name);
    assert.deepEqual([0x10, 0x20, 0x30, 0x40].map(names), [['ONE', 'TWO'], ['ONE', 'TWO'], ['THREE'], ['four']]);
  });
  it('the unit of a place', () => {
    assert.deepEqual(opened.program.unitAt(CODE_AT + 0x12), {
      die: 11,
      language: Language.Rust,
      name: 'lib.rs',
      producer: 'rustc',
      directory: '/build',
    });
    assert.equal(opened.program.unitAt(CODE_AT + 0x14), undefined);
  });
  it('a unit that does not say where its code is', () => {
    assert.equal(at(opened, 0x20)?.name, 'g');
    assert.equal(opened.program.unitAt(CODE_AT + 0x20)?.producer, '');
    assert.equal(at(opened, 0x30), undefined, 'one that says it was dropped is believed');
  });
});

describe('methods of traits', () => {
  const symbol = '_ZN47_$LT$app..Point$u20$as$u20$core..fmt..Debug$GT$3fmt17h0123456789abcdefE';
  const method = die(Tag.Subprogram, [name('fmt'), [At.LinkageName, Form.String, symbol], ...code(0x10, 4)]);
  const app = die(Tag.Namespace, [name('app')], [die(Tag.Namespace, [name('{impl#1}')], [method])]);
  const { program } = open([unit([app])]);
  for (const pattern of ['app::{impl#1}::fmt', 'Point::fmt', '<app::Point as core::fmt::Debug>::fmt', 'fmt', '*::fmt'])
    it(pattern, () =>
      assert.deepEqual(
        program.functionsNamed(pattern).map((one) => one.name),
        ['app::{impl#1}::fmt'],
      ),
    );
  it('Other::fmt is none of them', () => assert.deepEqual(program.functionsNamed('Other::fmt'), []));
});

describe('what can’t be read', () => {
  it('an entry outside of the code', () => {
    const ranges = [...u32(0x10), ...u32(0x14), ...u32(0), ...u32(0)];
    const f = die(Tag.Subprogram, [name('f'), [At.EntryPc, Form.Addr, 0x123456], [At.Ranges, Form.SecOffset, 0]]);
    const { program } = open([unit([f])], { ranges });
    assert.deepEqual(
      program.functionsNamed('f').map(({ offset }) => offset - CODE_AT),
      [0x11],
    );
  });
  it('no debug information at all', () => {
    assert.equal(openDwarf(moduleWith({})), undefined);
    assert.equal(openDwarf(moduleWith({ info: [] })), undefined);
  });
  it('lines that none can have', () => {
    const f = die(Tag.Subprogram, [
      name('f'),
      [At.DeclLine, Form.Sdata, -61],
      [At.DeclColumn, Form.Udata, 2n ** 60n],
      ...code(0x10, 4),
    ]);
    assert.deepEqual(at(open([unit([f])]), 0x10)?.declared, { file: -1, line: 0, column: 0 });
  });
  it('rings of references end', () => {
    const opened = open([
      unit([
        die(
          Tag.Subprogram,
          [to(At.AbstractOrigin, 'a'), ...code(0x10, 4)],
          [die(Tag.Variable, [to(At.AbstractOrigin, 'v')], [], 'v')],
          'a',
        ),
        die(Tag.Subprogram, [to(At.Specification, 'c'), ...code(0x20, 4)], [], 'b'),
        die(Tag.Subprogram, [to(At.AbstractOrigin, 'b')], [], 'c'),
      ]),
    ]);
    assert.equal(at(opened, 0x10)?.name, '');
    assert.equal(at(opened, 0x20)?.name, '');
    assert.deepEqual(
      opened.program.functionsNamed('*').map(({ name }) => name),
      ['', ''],
    );
  });
  it('scopes nested without measure', () => {
    let inner: FixtureDie = die(Tag.Variable, [name('innermost')]);
    for (let n = 0; n < 2000; n++) inner = die(Tag.LexicalBlock, code(0x10, 4), [inner]);
    const opened = open([
      unit([die(Tag.Subprogram, [name('deep'), ...code(0x10, 4)], [inner, die(Tag.Variable, [name('after')])])]),
    ]);
    assert.deepEqual(names(at(opened, 0x10)), ['after']);
  });
  it('a unit is read when its code is asked for: what is wrong in another is not even noticed', () => {
    const units = [
      unit([die(Tag.Subprogram, [name('f'), ...code(0x10, 4)])], code(0x10, 4)),
      unit([die(0x7777, [name('odd')])], code(0x20, 4)),
    ];
    const { file } = writeDwarf(units);
    const { bytes, info, abbrev } = file.sections;
    const broken = [...bytes.subarray(info.start, info.end)];
    const odd = broken.lastIndexOf('odd'.charCodeAt(0));
    broken[odd - 1] = 99; // the code of its abbreviation
    const program = openDwarf(moduleWith({ info: broken, abbrev: [...bytes.subarray(abbrev.start, abbrev.end)] }));
    assert.equal(program?.functionAt(CODE_AT + 0x10)?.name, 'f');
    assert.deepEqual(program?.problems, []);
    assert.equal(program?.functionAt(CODE_AT + 0x20), undefined);
    assert.equal(program?.problems.length, 1);
  });
});
