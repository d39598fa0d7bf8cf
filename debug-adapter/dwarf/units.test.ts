// Headers of units: versions 2 to 5, every kind, 32- and 64-bit; what can't be read is skipped by its length and told.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Form, Tag, UnitType } from './constants.ts';
import { DieReader } from './die-reader.ts';
import { DwarfFile } from './dwarf-file.ts';
import { type SectionBytes, sectionsWith } from './module-fixture.ts';
import { unsigned } from './types-fixture.ts';

const ABBREV = [1, Tag.CompileUnit, 0, 0x10, Form.Data1, 0, 0, 0];
const DIE = [1, 0x5a];

function unit(version: number, header: readonly number[], offsetSize: 4 | 8 = 4): number[] {
  const content = [...unsigned(version, 2), ...header, ...DIE];
  return [
    ...(offsetSize === 8 ? [...unsigned(0xffffffff, 4), ...unsigned(content.length, 8)] : unsigned(content.length, 4)),
    ...content,
  ];
}

const old = (offsetSize: 4 | 8 = 4) => [...unsigned(0, offsetSize), 4];
const file = (sections: SectionBytes) => new DwarfFile(sectionsWith({ abbrev: ABBREV, ...sections }));

describe('unit headers (DWARF 5 §7.5.1)', () => {
  for (const version of [2, 3, 4])
    for (const offsetSize of [4, 8] as const)
      it(`version ${version}, ${offsetSize * 8}-bit`, () => {
        const dwarf = file({ info: [...unit(version, old(offsetSize), offsetSize), ...unit(version, old())] });
        assert.deepEqual(
          dwarf.units.map((one) => [one.version, one.type, one.offsetSize, one.addressSize]),
          [
            [version, UnitType.Compile, offsetSize, 4],
            [version, UnitType.Compile, 4, 4],
          ],
        );
        const reader = new DieReader(dwarf);
        for (const one of dwarf.units) {
          assert.ok(reader.root(one));
          assert.equal(reader.unsigned(0x10), 0x5a);
        }
      });
  for (const offsetSize of [4, 8] as const)
    it(`version 5 of every kind, ${offsetSize * 8}-bit`, () => {
      const kinds = [
        { type: UnitType.Compile, more: [] },
        { type: UnitType.Partial, more: [] },
        { type: UnitType.Skeleton, more: unsigned(77, 8) },
        { type: UnitType.SplitCompile, more: unsigned(78, 8) },
        { type: UnitType.Type, more: [...unsigned(79, 8), ...unsigned(9, offsetSize)] },
        { type: UnitType.SplitType, more: [...unsigned(80, 8), ...unsigned(9, offsetSize)] },
      ];
      const info = kinds.flatMap(({ type, more }) =>
        unit(5, [type, 4, ...unsigned(0, offsetSize), ...more], offsetSize),
      );
      const dwarf = file({ info });
      assert.deepEqual(
        dwarf.units.map(({ type, signature }) => [type, signature]),
        [
          [UnitType.Compile, 0n],
          [UnitType.Partial, 0n],
          [UnitType.Skeleton, 77n],
          [UnitType.SplitCompile, 78n],
          [UnitType.Type, 79n],
          [UnitType.SplitType, 80n],
        ],
      );
      const type = dwarf.typeUnit(79n);
      assert.ok(type !== undefined);
      assert.equal(type.typeDie, type.offset + 9);
      const reader = new DieReader(dwarf);
      for (const one of dwarf.units) assert.ok(reader.root(one) && reader.unsigned(0x10) === 0x5a);
    });
  it('type units of version 4 lie behind .debug_info', () => {
    const info = unit(4, old());
    const dwarf = file({ info, types: unit(4, [...old(), ...unsigned(5, 8), ...unsigned(23, 4)]) });
    const [, type] = dwarf.units;
    assert.ok(type !== undefined);
    assert.equal(type.type, UnitType.Type);
    assert.equal(type.offset, info.length);
    assert.equal(dwarf.typeUnit(5n), type);
    assert.equal(dwarf.unitOf(type.root), type);
    assert.ok(new DieReader(dwarf).at(type.root));
  });
});

describe('what can’t be read', () => {
  it('a version or kind of unit that is not known is skipped by its length', () => {
    const dwarf = file({
      info: [...unit(6, old()), ...unit(5, [9, 4, ...unsigned(0, 4)]), ...unit(4, [0, 0, 0, 0, 3]), ...unit(4, old())],
    });
    assert.deepEqual(
      dwarf.units.map(({ version }) => version),
      [4],
    );
    assert.deepEqual(dwarf.problems, [
      'The unit at 0x0 of .debug_info is of DWARF version 6, which is not known; it is skipped.',
      'The unit at 0xd of .debug_info is of a kind (9) that is not known; it is skipped.',
      'The unit at 0x1b of .debug_info has addresses of 3 bytes; it is skipped.',
    ]);
  });
  it('a length that does not fit ends the section', () => {
    const dwarf = file({ info: [...unit(4, old()), ...unsigned(100, 4), 4, 0] });
    assert.equal(dwarf.units.length, 1);
    assert.deepEqual(dwarf.problems, [
      'The unit at 0xd of .debug_info is longer than the section; it and what follows are not read.',
    ]);
    const reserved = file({ info: [...unsigned(0xfffffff3, 4), 4, 0] });
    assert.equal(reserved.units.length, 0);
    assert.match(reserved.problems[0] ?? '', /a length that no version of DWARF knows/);
  });
  it('a header that is longer than its unit', () => {
    const dwarf = file({ info: [...unsigned(4, 4), 4, 0, 0, 0, ...unit(4, old())] });
    assert.equal(dwarf.units.length, 1);
    assert.equal(dwarf.problems.length, 1);
  });
  it('padding between units', () => assert.equal(file({ info: [0, 0, 0, 0, ...unit(4, old())] }).units.length, 1));
});
