// The graph of types on small DWARF written by hand: what no compiler of our plugins writes, and what must not end or hang the reader. Types of real
// plugins: types-plugins.test.ts.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { At, Encoding, Form, Tag } from './constants.ts';
import { DwarfFile } from './dwarf-file.ts';
import type { StructType, Type } from './type.ts';
import { TypeGraph } from './types.ts';
import {
  type AttributeValue,
  type Fixture,
  type FixtureDie,
  sleb,
  uleb,
  unsigned,
  writeDwarf,
} from './types-fixture.ts';

type Given = readonly (readonly [number, number, AttributeValue])[];

const to = (id: string): readonly [number, number, AttributeValue] => [At.Type, Form.Ref4, { to: id }];
const named = (name: string): readonly [number, number, AttributeValue] => [At.Name, Form.String, name];
const size = (bytes: number): readonly [number, number, AttributeValue] => [At.ByteSize, Form.Data1, bytes];
const die = (tag: number, id: string, attributes: Given = [], children: readonly FixtureDie[] = []): FixtureDie => ({
  tag,
  id,
  attributes,
  children,
});
const anonymous = (tag: number, attributes: Given = [], children: readonly FixtureDie[] = []): FixtureDie => ({
  tag,
  attributes,
  children,
});
const base = (id: string, encoding: number, bytes: number): FixtureDie =>
  die(Tag.BaseType, id, [named(id), [At.Encoding, Form.Data1, encoding], size(bytes)]);

const NUMBERS = [
  base('i32', Encoding.Signed, 4),
  base('u32', Encoding.Unsigned, 4),
  base('u8', Encoding.Unsigned, 1),
  base('i8', Encoding.Signed, 1),
  base('u128', Encoding.Unsigned, 16),
];

const unit = (...children: FixtureDie[]): FixtureDie =>
  anonymous(Tag.CompileUnit, [named('main.rs')], [...NUMBERS, ...children]);

function open(...children: FixtureDie[]): { types: TypeGraph; fixture: Fixture; at: (id: string) => Type } {
  const fixture = writeDwarf([{ version: 4, root: unit(...children) }]);
  const types = new TypeGraph(fixture.file, (_unit, file) => file + 100);
  return { types, fixture, at: (id) => types.at(fixture.die(id)) };
}

function struct(type: Type): StructType {
  assert.equal(type.kind, 'struct', `${type.kind}: ${type.name}`);
  return type.kind === 'struct' ? type : assert.fail();
}

describe('types that stand alone', () => {
  const { types, fixture, at } = open(
    die(Tag.PointerType, 'pointer', [to('i32')]),
    die(Tag.PointerType, 'void pointer', [size(8)]),
    die(Tag.ReferenceType, 'reference', [to('i32'), size(4)]),
    die(Tag.RvalueReferenceType, 'rvalue', [to('i32')]),
    die(Tag.Typedef, 'alias', [named('word'), to('constant')]),
    die(Tag.ConstType, 'constant', [to('i32')]),
    die(Tag.VolatileType, 'volatile', []),
    die(Tag.AtomicType, 'atomic', [to('i32')]),
    die(Tag.UnspecifiedType, 'nullptr', [named('decltype(nullptr)')]),
    die(
      Tag.SubroutineType,
      'function',
      [to('i32')],
      [
        anonymous(Tag.FormalParameter, [to('u8')]),
        anonymous(Tag.FormalParameter, []),
        anonymous(Tag.UnspecifiedParameters),
      ],
    ),
    die(Tag.StringType, 'string', [named('text')]),
    die(Tag.SubrangeType, 'range', [named('index'), to('u8')]),
    die(Tag.BaseType, 'bits', [named('seven'), [At.BitSize, Form.Data1, 7], [At.Encoding, Form.Data1, 7]]),
  );
  it('void is the type that is not given', () => {
    assert.deepEqual(types.at(undefined), { kind: 'unknown', name: 'void', die: 0, reason: 'it has no type' });
    const pointer = at('void pointer');
    assert.ok(pointer.kind === 'pointer' && pointer.target === undefined);
  });
  it('numbers', () =>
    assert.deepEqual(at('i32'), {
      kind: 'base',
      name: 'i32',
      die: fixture.die('i32'),
      encoding: Encoding.Signed,
      size: 4,
    }));
  it('a size in bits', () => assert.equal(types.sizeOf(at('bits')), 1));
  it('pointers and references, as large as an address where nothing is said', () => {
    const sizes = ['pointer', 'void pointer', 'reference', 'rvalue'].map((id) => {
      const type = at(id);
      return type.kind === 'pointer' ? [type.size, type.reference] : [];
    });
    assert.deepEqual(sizes, [
      [4, false],
      [8, false],
      [4, true],
      [4, true],
    ]);
  });
  it('aliases and modifiers come off', () => {
    const alias = at('alias');
    assert.ok(alias.kind === 'typedef' && alias.name === 'word');
    assert.equal(types.bare(alias.die).name, 'i32');
    assert.equal(types.sizeOf(alias), 4);
    assert.equal(types.bare(fixture.die('volatile')).name, 'void');
    const atomic = at('atomic');
    assert.ok(atomic.kind === 'modified' && atomic.modifier === 'atomic');
    assert.equal(types.bare(fixture.die('range')).name, 'u8');
  });
  it('functions', () => {
    const type = at('function');
    assert.ok(type.kind === 'function');
    assert.equal(type.result, fixture.die('i32'));
    assert.deepEqual(type.parameters, [fixture.die('u8'), undefined]);
    assert.equal(types.sizeOf(type), undefined);
  });
  it('what is no type of Rust or C', () => {
    const type = at('string');
    assert.deepEqual(type.kind === 'unknown' && type.reason, 'its DIE is of kind 0x12, which is no type of Rust or C');
    assert.equal(types.at(0xffff).kind, 'unknown');
    assert.equal(types.at(1).kind, 'unknown');
  });
  it('each is read once', () => assert.equal(at('i32'), at('i32')));
});

describe('arrays (§5.5)', () => {
  const range = (...attributes: Given) => anonymous(Tag.SubrangeType, attributes);
  const { types, at } = open(
    die(Tag.ArrayType, 'counted', [to('i32')], [range([At.Count, Form.Data1, 3])]),
    die(Tag.ArrayType, 'bounded', [to('i32')], [range([At.UpperBound, Form.Data1, 0xff])]),
    die(Tag.ArrayType, 'from 5', [to('i32')], [range([At.LowerBound, Form.Sdata, 5], [At.UpperBound, Form.Data1, 9])]),
    die(Tag.ArrayType, 'none', [to('i32')], [range([At.UpperBound, Form.Data4, 0xffff_ffff])]),
    die(Tag.ArrayType, 'negative', [to('i32')], [range([At.UpperBound, Form.Sdata, -1])]),
    die(Tag.ArrayType, 'flexible', [to('i32')], [range()]),
    die(Tag.ArrayType, 'dynamic', [to('i32')], [range([At.Count, Form.Exprloc, [0x31]])]),
    die(
      Tag.ArrayType,
      'matrix',
      [to('u8')],
      [range([At.Count, Form.Data1, 2]), range([At.Count, Form.Data1, 3]), range([At.Count, Form.Data1, 4])],
    ),
  );
  const count = (id: string) => {
    const type = at(id);
    return type.kind === 'array' ? type.count : 'no array';
  };
  it('counts', () => {
    assert.deepEqual(['counted', 'bounded', 'from 5', 'none', 'negative'].map(count), [3, 256, 5, 0, 0]);
    assert.deepEqual(['flexible', 'dynamic'].map(count), [undefined, undefined]);
    assert.equal(types.sizeOf(at('counted')), 12);
    assert.equal(types.sizeOf(at('none')), 0);
    assert.equal(types.sizeOf(at('flexible')), undefined);
  });
  it('of several dimensions are arrays of arrays', () => {
    assert.equal(types.sizeOf(at('matrix')), 24);
    const shape: (number | undefined)[] = [];
    let type = at('matrix');
    for (; type.kind === 'array'; type = types.at(type.element)) shape.push(type.count);
    assert.deepEqual(shape, [2, 3, 4]);
    assert.equal(type.name, 'u8');
  });
});

describe('structures (§5.7)', () => {
  const member = (name: string, type: string, ...attributes: Given) =>
    anonymous(Tag.Member, [named(name), to(type), ...attributes]);
  const at4: Given[number] = [At.DataMemberLocation, Form.Data1, 4];
  const { types, fixture, at } = open(
    die(
      Tag.Namespace,
      'alloc',
      [named('alloc')],
      [
        die(
          Tag.Namespace,
          'vec',
          [named('vec')],
          [
            die(
              Tag.StructureType,
              'Vec',
              [named('Vec<u8>'), size(12), [At.DeclFile, Form.Data1, 1], [At.DeclLine, Form.Data1, 7]],
              [
                anonymous(Tag.TemplateTypeParameter, [named('T'), to('u8')]),
                member('len', 'u32', at4, [At.DeclFile, Form.Data1, 2], [At.DeclLine, Form.Data1, 9]),
                anonymous(Tag.Subprogram, [named('new')]),
                member('old', 'u32', [At.DataMemberLocation, Form.Block1, [0x23, 8]]),
                die(Tag.StructureType, 'Inner', [named('Inner'), size(1)]),
              ],
            ),
          ],
        ),
        die(Tag.StructureType, 'after', [named('After'), size(1)]),
      ],
    ),
    anonymous(Tag.Namespace, [], [die(Tag.StructureType, 'hidden', [named('Hidden'), size(1)])]),
    die(Tag.UnionType, 'union', [named('U'), size(4)], [member('a', 'u32'), member('b', 'u8')]),
    die(
      Tag.ClassType,
      'class',
      [size(8)],
      [
        anonymous(Tag.Inheritance, [to('union'), at4]),
        member('static', 'u32', [At.External, Form.FlagPresent, 1], [At.Declaration, Form.FlagPresent, 1]),
        member('', 'union', [At.Artificial, Form.Flag, 1]),
      ],
    ),
    die(
      Tag.StructureType,
      'bits',
      [named('bits'), size(4)],
      [
        member('five', 'u32', [At.BitSize, Form.Data1, 5], [At.DataBitOffset, Form.Data1, 3]),
        member('high', 'u32', [At.BitSize, Form.Data1, 2], [At.DataBitOffset, Form.Data1, 17]),
        member(
          'old',
          'u32',
          size(4),
          [At.BitSize, Form.Data1, 3],
          [At.BitOffset, Form.Data1, 27],
          [At.DataMemberLocation, Form.Data1, 0],
        ),
        member('older', 'u8', [At.BitSize, Form.Data1, 3], [At.BitOffset, Form.Data1, 4], at4),
      ],
    ),
    die(
      Tag.ClassType,
      'virtual',
      [size(8)],
      [
        // What compilers write: the vtable says how far it is.
        anonymous(Tag.Inheritance, [
          to('union'),
          [At.DataMemberLocation, Form.Block1, [0x12, 0x06, 0x48, 0x1c, 0x06, 0x22]],
        ]),
        member('own', 'u32', at4),
      ],
    ),
    die(Tag.StructureType, 'vtable', [named('<A as B>::{vtable_type}'), [At.ContainingType, Form.Ref4, { to: 'Vec' }]]),
  );
  it('names, sizes, namespaces, templates, lines', () => {
    const type = struct(at('Vec'));
    assert.equal(type.name, 'Vec<u8>');
    assert.equal(type.size, 12);
    assert.deepEqual(type.namespace, ['alloc', 'vec']);
    assert.deepEqual(type.templates, [{ name: 'T', type: fixture.die('u8') }]);
    assert.deepEqual(type.declaredAt, { file: 101, line: 7 });
    assert.deepEqual(
      type.members.map(({ name, offset, type: its, declaredAt }) => [name, offset, its, declaredAt]),
      [
        ['len', 4, fixture.die('u32'), { file: 102, line: 9 }],
        ['old', 8, fixture.die('u32'), undefined],
      ],
    );
    assert.deepEqual(struct(at('Inner')).namespace, ['alloc', 'vec', 'Vec<u8>']);
    assert.deepEqual(struct(at('after')).namespace, ['alloc']);
    assert.deepEqual(struct(at('hidden')).namespace, []);
    assert.deepEqual(struct(at('union')).namespace, []);
  });
  it('unions, base classes, anonymous members; statics are no members', () => {
    assert.ok(struct(at('union')).union && !struct(at('class')).union);
    const { name, members } = struct(at('class'));
    assert.equal(name, '');
    assert.deepEqual(
      members.map((one) => [one.name, one.offset, one.inheritance, one.artificial]),
      [
        ['', 4, true, false],
        ['', 0, false, true],
      ],
    );
  });
  it('a base whose place only the object knows is left out', () => {
    const names = struct(at('virtual')).members.map((one) => one.name);
    assert.deepEqual(names, ['own']);
  });
  it('bit fields as DWARF 4 and as DWARF 3 counts them', () => {
    const fields = struct(at('bits')).members.map(({ name, bits, offset }) => [name, bits?.size, bits?.offset, offset]);
    assert.deepEqual(fields, [
      ['five', 5, 3, 0],
      ['high', 2, 17, 2],
      ['old', 3, 2, 0], // 32 - 27 - 3
      ['older', 3, 33, 4], // 4 bytes on, 8 - 4 - 3
    ]);
  });
  it('the type of a vtable says of which it is', () => {
    assert.equal(struct(at('vtable')).containing, fixture.die('Vec'));
    assert.equal(types.sizeOf(at('vtable')), undefined);
  });
});

describe('variant parts (§5.7.10)', () => {
  const variant = (name: string, ...attributes: Given) =>
    anonymous(Tag.Variant, attributes, [anonymous(Tag.Member, [named(name), to('u32')])]);
  const part = (id: string, type: string, ...variants: FixtureDie[]) =>
    die(
      Tag.StructureType,
      id,
      [named(id), size(8)],
      [
        anonymous(
          Tag.VariantPart,
          [[At.Discr, Form.Ref4, { to: `${id} tag` }]],
          [
            die(Tag.Member, `${id} tag`, [
              to(type),
              [At.DataMemberLocation, Form.Data1, 4],
              [At.Artificial, Form.Flag, 1],
            ]),
            ...variants,
          ],
        ),
        anonymous(Tag.TemplateTypeParameter, [named('T'), to('u8')]),
      ],
    );
  const { at, fixture } = open(
    part(
      'tagged',
      'u32',
      variant('A', [At.DiscrValue, Form.Data1, 0]),
      variant('B', [At.DiscrValue, Form.Data4, 0x8000_0000]),
      variant('C'),
    ),
    part(
      'signed',
      'i8',
      variant('A', [At.DiscrValue, Form.Sdata, -1]),
      variant('B', [At.DiscrList, Form.Block1, [1, ...sleb(-3), ...sleb(2), 0, ...sleb(9)]]),
    ),
    part(
      'list',
      'u32',
      variant('A', [At.DiscrList, Form.Block1, [0, ...uleb(300), 1, ...uleb(5), ...uleb(0xffff_ffff)]]),
    ),
    part(
      'wide',
      'u128',
      variant('A', [At.DiscrValue, Form.Block1, unsigned(2n ** 100n, 16)]),
      variant('B', [At.DiscrValue, Form.Data16, unsigned(2n ** 127n, 16)]),
    ),
    die(
      Tag.StructureType,
      'outside',
      [size(8)],
      [
        die(Tag.Member, 'outside tag', [named('kind'), to('u8')]),
        anonymous(
          Tag.VariantPart,
          [[At.Discr, Form.Ref4, { to: 'outside tag' }]],
          [variant('A', [At.DiscrValue, Form.Data1, 255])],
        ),
      ],
    ),
    die(Tag.StructureType, 'single', [size(8)], [anonymous(Tag.VariantPart, [], [variant('Only')])]),
  );
  const values = (id: string) => struct(at(id)).variants?.variants.map((one) => one.values);
  const only = (value: bigint) => ({ low: value, high: value });
  it('values, and the default that has none', () => {
    const type = struct(at('tagged'));
    assert.deepEqual(values('tagged'), [[only(0n)], [only(0x8000_0000n)], []]);
    assert.deepEqual(
      type.variants?.variants.map((one) => one.members.map(({ name }) => name)),
      [['A'], ['B'], ['C']],
    );
    assert.deepEqual(type.variants?.discriminant, {
      name: '',
      type: fixture.die('u32'),
      offset: 4,
      bits: undefined,
      artificial: true,
      inheritance: false,
    });
    assert.deepEqual(type.members, []);
    assert.equal(type.templates.length, 1);
  });
  it('signed ones are taken as unsigned of their size; lists and ranges', () => {
    assert.deepEqual(values('signed'), [[only(0xffn)], [{ low: 0xfdn, high: 2n }, only(9n)]]);
    assert.deepEqual(values('list'), [[only(300n), { low: 5n, high: 0xffff_ffffn }]]);
  });
  it('of 128 bits', () => assert.deepEqual(values('wide'), [[only(2n ** 100n)], [only(2n ** 127n)]]));
  it('a discriminant that is a member of the structure', () => {
    const type = struct(at('outside'));
    assert.equal(type.variants?.discriminant?.name, 'kind');
    assert.deepEqual(values('outside'), [[only(255n)]]);
  });
  it('one variant alone has no discriminant', () => {
    assert.equal(struct(at('single')).variants?.discriminant, undefined);
    assert.deepEqual(values('single'), [[]]);
  });
});

describe('enumerations (§5.8)', () => {
  const enumerator = (name: string, form: number, value: number | bigint) =>
    anonymous(Tag.Enumerator, [named(name), [At.ConstValue, form, value]]);
  const { types, at } = open(
    die(
      Tag.EnumerationType,
      'signed',
      [named('S'), to('i8')],
      [enumerator('A', Form.Data1, 0xff), enumerator('B', Form.Sdata, -2)],
    ),
    die(
      Tag.EnumerationType,
      'unsigned',
      [named('U'), to('u8'), size(1)],
      [enumerator('A', Form.Data1, 0xff), enumerator('B', Form.Sdata, -1)],
    ),
    die(
      Tag.EnumerationType,
      'plain',
      [size(4)],
      [enumerator('A', Form.Data1, 0xff), enumerator('B', Form.Sdata, -1), enumerator('C', Form.Udata, 2n ** 40n)],
    ),
  );
  const values = (id: string) => {
    const type = at(id);
    return type.kind === 'enum' ? type.enumerators.map(({ value }) => value) : [];
  };
  it('values by the sign of what is under them', () => {
    assert.deepEqual(values('signed'), [-1n, -2n]);
    assert.deepEqual(values('unsigned'), [255n, 255n]);
    assert.deepEqual(values('plain'), [255n, -1n, 2n ** 40n]);
    assert.deepEqual(
      ['signed', 'unsigned', 'plain'].map((id) => types.sizeOf(at(id))),
      [1, 1, 4],
    );
  });
});

describe('declarations', () => {
  const declaration: Given[number] = [At.Declaration, Form.FlagPresent, 1];
  it('by name, of the own unit before those of others, in the same namespace', () => {
    const root = (id: string, bytes: number) =>
      anonymous(
        Tag.CompileUnit,
        [],
        [
          die(Tag.StructureType, `${id} declared`, [named('node'), declaration]),
          die(
            Tag.Namespace,
            `${id} space`,
            [named('space')],
            [
              die(Tag.StructureType, `${id} inner`, [named('only')]),
              die(Tag.StructureType, `${id} other`, [named('node'), size(99)]),
            ],
          ),
          ...(bytes === 0 ? [] : [die(Tag.StructureType, `${id} defined`, [named('node'), size(bytes)])]),
          die(Tag.StructureType, `${id} nowhere`, [named('nowhere'), declaration]),
          die(Tag.UnionType, `${id} union`, [named('only'), declaration]),
        ],
      );
    const fixture = writeDwarf([
      { version: 4, root: root('first', 0) },
      { version: 5, root: root('second', 8) },
      { version: 4, root: root('third', 16) },
    ]);
    const types = new TypeGraph(fixture.file);
    const sizes = ['first', 'second', 'third'].map((id) => struct(types.at(fixture.die(`${id} declared`))).size);
    assert.deepEqual(sizes, [8, 8, 16]);
    assert.equal(types.at(fixture.die('first declared')), types.at(fixture.die('second defined')));
    const nowhere = struct(types.at(fixture.die('first nowhere')));
    assert.deepEqual([nowhere.name, nowhere.size], ['nowhere', undefined]);
    assert.equal(struct(types.at(fixture.die('first union'))).size, undefined); // `only` is in a namespace
  });
  it('by specification: name and place are those of the declaration', () => {
    const { at } = open(
      die(
        Tag.Namespace,
        'space',
        [named('space')],
        [die(Tag.StructureType, 'declared', [named('Thing'), declaration])],
      ),
      die(Tag.StructureType, 'defined', [[At.Specification, Form.Ref4, { to: 'declared' }], size(12)]),
    );
    const type = struct(at('defined'));
    assert.deepEqual([type.name, type.namespace, type.size], ['Thing', ['space'], 12]);
  });
  for (const version of [4, 5] as const)
    it(`by signature, in a type unit of version ${version}`, () => {
      const fixture = writeDwarf([
        {
          version,
          root: anonymous(
            Tag.CompileUnit,
            [],
            [
              die(Tag.StructureType, 'declared', [declaration, [At.Signature, Form.RefSig8, 0x1234_5678_9abc_def0n]]),
              die(Tag.PointerType, 'pointer', [[At.Type, Form.RefSig8, 0x1234_5678_9abc_def0n]]),
              die(Tag.PointerType, 'dangling', [[At.Type, Form.RefSig8, 1n]]),
            ],
          ),
        },
        {
          version,
          type: { signature: 0x1234_5678_9abc_def0n, die: 'defined' },
          root: anonymous(
            Tag.TypeUnit,
            [],
            [
              die(
                Tag.Namespace,
                'space',
                [named('space')],
                [die(Tag.StructureType, 'defined', [named('T'), size(24)])],
              ),
            ],
          ),
        },
      ]);
      const types = new TypeGraph(fixture.file);
      const type = struct(types.at(fixture.die('declared')));
      assert.deepEqual([type.name, type.namespace, type.size], ['T', ['space'], 24]);
      const pointer = types.at(fixture.die('pointer'));
      assert.ok(pointer.kind === 'pointer' && types.at(pointer.target) === type);
      const dangling = types.at(fixture.die('dangling'));
      assert.ok(dangling.kind === 'pointer' && dangling.target === undefined);
    });
});

describe('vtables', () => {
  const address = (value: number): Given[number] => [At.Location, Form.Exprloc, [3, ...unsigned(value, 4)]];
  const variable = (type: string, ...attributes: Given) => anonymous(Tag.Variable, [to(type), ...attributes]);
  const fixture = writeDwarf(
    [
      { version: 4, root: unit(variable('u32', address(0x100))) },
      {
        version: 5,
        root: anonymous(
          Tag.CompileUnit,
          [[At.AddrBase, Form.SecOffset, 8]],
          [
            die(Tag.StructureType, 'Concrete', [named('Concrete')]),
            die(Tag.StructureType, 'table', [[At.ContainingType, Form.Ref4, { to: 'Concrete' }]]),
            variable('table', address(0x200)),
            variable('table', address(0xffff_ffff)),
            variable('table', [At.Location, Form.Exprloc, [0xa1, 0]]),
            anonymous(Tag.Namespace, [], [variable('table', address(0x300))]),
            anonymous(Tag.Subprogram, [], [variable('table', address(0x400))]),
          ],
        ),
      },
    ],
    { addr: [...Array(8).fill(0), ...unsigned(0x500, 4)] },
  );
  const types = new TypeGraph(fixture.file);
  it('are found by their address, in whatever unit', () => {
    const concrete = fixture.die('Concrete');
    assert.deepEqual(
      [0x300, 0x200, 0x500].map((at) => types.vtableAt(at)),
      [concrete, concrete, concrete],
    );
  });
  it('what is none', () =>
    assert.deepEqual(
      [0, 0x100, 0x201, 0x400, 0xffff_ffff].map((at) => types.vtableAt(at)),
      Array(5).fill(undefined),
    ));
});

describe('garbage', () => {
  it('types that lead back to themselves', () => {
    const { types, fixture, at } = open(
      die(Tag.Typedef, 'a', [named('a'), to('b')]),
      die(Tag.ConstType, 'b', [to('a')]),
      die(Tag.ArrayType, 'array', [to('array')], [anonymous(Tag.SubrangeType, [[At.Count, Form.Data1, 2]])]),
      die(Tag.EnumerationType, 'enum', [to('enum')]),
      die(
        Tag.StructureType,
        'of the enum',
        [],
        [anonymous(Tag.VariantPart, [to('enum')], [anonymous(Tag.Variant, [[At.DiscrList, Form.Block1, [0, 1]]])])],
      ),
      die(Tag.StructureType, 'struct', [[At.Specification, Form.Ref4, { to: 'struct' }]]),
      die(Tag.StructureType, 'signed', [
        [At.Declaration, Form.Flag, 1],
        [At.Signature, Form.Ref4, { to: 'signed' }],
      ]),
      die(Tag.StructureType, 'to', [
        [At.Declaration, Form.Flag, 1],
        [At.Signature, Form.Ref4, { to: 'fro' }],
      ]),
      die(Tag.StructureType, 'fro', [
        [At.Declaration, Form.Flag, 1],
        [At.Signature, Form.Ref4, { to: 'to' }],
      ]),
    );
    assert.deepEqual(types.bare(fixture.die('a')), {
      kind: 'unknown',
      name: 'a',
      die: fixture.die('a'),
      reason: 'it stands for itself',
    });
    assert.equal(types.sizeOf(at('a')), undefined);
    assert.equal(types.sizeOf(at('array')), undefined);
    for (const id of ['enum', 'of the enum', 'struct', 'signed', 'to', 'fro'])
      assert.equal(typeof at(id).kind, 'string');
  });
  it('chains of a thousand enumerations under each other', () => {
    const { types, at } = open(
      ...Array.from({ length: 1000 }, (_, n) => die(Tag.EnumerationType, `e${n}`, [to(`e${n + 1}`)])),
      base('e1000', Encoding.Signed, 4),
    );
    assert.equal(at('e0').kind, 'enum');
    assert.equal(types.sizeOf(at('e999')), 4);
  });
  it('bytes changed at random: every DIE is some type, and asking ends', () => {
    const whole = open(
      die(
        Tag.StructureType,
        'tagged',
        [named('tagged'), size(8)],
        [
          anonymous(
            Tag.VariantPart,
            [[At.Discr, Form.Ref4, { to: 'tag' }]],
            [
              die(Tag.Member, 'tag', [to('u32'), [At.DataMemberLocation, Form.Block1, [0x23, 4]]]),
              anonymous(
                Tag.Variant,
                [[At.DiscrList, Form.Block1, [0, 1, 1, 2, 9]]],
                [anonymous(Tag.Member, [named('A'), to('array')])],
              ),
            ],
          ),
        ],
      ),
      die(Tag.ArrayType, 'array', [to('tagged')], [anonymous(Tag.SubrangeType, [[At.Count, Form.Data1, 3]])]),
      die(Tag.Typedef, 'alias', [named('alias'), to('array')]),
      die(Tag.StructureType, 'declared', [named('tagged'), [At.Declaration, Form.FlagPresent, 1]]),
      anonymous(Tag.Variable, [to('tagged'), [At.Location, Form.Exprloc, [3, 1, 2, 3, 0]]]),
    );
    const { sections } = whole.fixture.file;
    const change = fc.tuple(fc.nat(sections.bytes.length - 1), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), (changes) => {
        const bytes = Uint8Array.from(sections.bytes);
        for (const [at, byte] of changes) bytes[at] = byte;
        const types = new TypeGraph(new DwarfFile({ ...sections, bytes }));
        for (let offset = 0; offset < sections.info.end; offset += 3) {
          types.sizeOf(types.at(offset));
          assert.equal(typeof types.bare(offset).kind, 'string');
        }
        types.vtableAt(0x30201);
      }),
      { numRuns: 300 },
    );
  });
});
