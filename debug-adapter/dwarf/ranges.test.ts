// Range lists of both kinds, entry by entry; code that was dropped is left out; which range is at an address, against a plain search.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { At, Form, Tag, UnitType } from './constants.ts';
import { DieReader } from './die-reader.ts';
import { DwarfFile } from './dwarf-file.ts';
import { CODE_SIZE, sectionsWith } from './module-fixture.ts';
import { appendRanges, inOrderOf, RangeMap, RangesFound } from './ranges.ts';
import { uleb, unsigned } from './types-fixture.ts';

const u32 = (value: number) => unsigned(value, 4);
const LOW = 0x40;

/** A reader on a unit with low_pc 0x40 and this list. */
function unitWith(version: 4 | 5, list: readonly number[], addr: readonly number[] = []): DieReader {
  const abbrev = [
    1,
    Tag.CompileUnit,
    0,
    At.LowPc,
    Form.Addr,
    At.Ranges,
    Form.SecOffset,
    At.AddrBase,
    Form.SecOffset,
    0,
    0,
    0,
  ];
  const header = version === 5 ? [UnitType.Compile, 4, ...u32(0)] : [...u32(0), 4];
  const content = [...unsigned(version, 2), ...header, 1, ...u32(LOW), ...u32(0), ...u32(0)];
  const file = new DwarfFile(
    sectionsWith({
      info: [...u32(content.length), ...content],
      abbrev: abbrev.flatMap((number) => uleb(number)),
      addr: addr.flatMap(u32),
      ...(version === 5 ? { rnglists: list } : { ranges: list }),
    }),
  );
  const reader = new DieReader(file);
  const unit = file.units[0];
  assert.ok(unit !== undefined && reader.root(unit));
  return reader;
}

function rangesOf(reader: DieReader): number[] {
  const pairs: number[] = [];
  appendRanges(reader, pairs);
  return pairs;
}

describe('.debug_ranges (DWARF 4 §2.17.3)', () => {
  it('pairs count from low_pc, then from the base that is set', () => {
    const list = [...u32(0), ...u32(4), ...u32(0xffffffff), ...u32(0x100), ...u32(8), ...u32(12), ...u32(0), ...u32(0)];
    assert.deepEqual(rangesOf(unitWith(4, list)), [0x40, 0x44, 0x108, 0x10c]);
  });
  it('tombstones, ranges outside of the code, empty and reversed ones are left out', () => {
    const list = [
      ...[...u32(0xffffffff), ...u32(0)],
      ...[...u32(0xfffffffe), ...u32(0xfffffffe)],
      ...[...u32(0), ...u32(8)],
      ...[...u32(CODE_SIZE - 4), ...u32(CODE_SIZE)],
      ...[...u32(CODE_SIZE - 4), ...u32(CODE_SIZE + 1)],
      ...[...u32(0x30), ...u32(0x30)],
      ...[...u32(0x30), ...u32(0x20)],
      ...[...u32(0), ...u32(0)],
      ...[...u32(1), ...u32(2)],
    ];
    assert.deepEqual(rangesOf(unitWith(4, list)), [CODE_SIZE - 4, CODE_SIZE]);
  });
  it('a list without an end ends with its section', () => {
    assert.deepEqual(rangesOf(unitWith(4, [...u32(0), ...u32(4), ...u32(1)])), [0x40, 0x44]);
  });
  it('a DIE whose code was dropped', () => {
    const pairs: number[] = [];
    assert.equal(appendRanges(unitWith(4, [...u32(0), ...u32(0)]), pairs), RangesFound.Dead);
  });
});

describe('.debug_rnglists (DWARF 5 §7.25)', () => {
  const addresses = [0x80, 0x90, 0xffffffff];
  const cases: readonly [name: string, list: readonly number[], ranges: readonly number[]][] = [
    ['offset_pair', [4, 2, 6], [0x42, 0x46]],
    ['base_address', [5, ...u32(0x100), 4, 2, 6], [0x102, 0x106]],
    ['base_address of dropped code', [5, ...u32(0xffffffff), 4, 2, 6, 6, ...u32(0x10), ...u32(0x12)], [0x10, 0x12]],
    ['base_addressx', [1, 0, 4, 2, 6], [0x82, 0x86]],
    ['base_addressx of dropped code', [1, 2, 4, 2, 6], []],
    ['startx_endx', [2, 0, 1], [0x80, 0x90]],
    ['startx_endx of dropped code', [2, 2, 2], []],
    ['startx_length', [3, 1, 0x20], [0x90, 0xb0]],
    ['startx_length of dropped code', [3, 2, 0x20], []],
    ['start_end', [6, ...u32(0x10), ...u32(0x12)], [0x10, 0x12]],
    ['start_length', [7, ...u32(0x10), 2], [0x10, 0x12]],
    ['start_length of dropped code', [7, ...u32(0), 2, 7, ...u32(0xfffffffe), 2], []],
    ['an index behind the table', [3, ...uleb(1000), 2], []],
  ];
  for (const [name, list, ranges] of cases)
    it(name, () => assert.deepEqual(rangesOf(unitWith(5, [...list, 0, 4, 0, 1], addresses)), ranges));
  it('an entry that nobody knows ends the list and is told', () => {
    const reader = unitWith(5, [4, 2, 6, 99, 4, 0, 1]);
    assert.deepEqual(rangesOf(reader), [0x42, 0x46]);
    assert.match(reader.file.problems[0] ?? '', /an entry of kind 99/);
  });
  it('a list without an end ends with its section', () => {
    assert.deepEqual(rangesOf(unitWith(5, [4, 2, 6, 7, 1])), [0x42, 0x46]);
  });
});

describe('ranges by address', () => {
  it('the range that begins last of those around an address', () => {
    const range = fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 20 }));
    fc.assert(
      fc.property(fc.array(range, { maxLength: 30 }), (ranges) => {
        const pairs = ranges.flatMap(([low, length]) => [low, low + length]);
        const map = new RangeMap(pairs, [...ranges.keys()]);
        for (let address = 0; address < 90; address++) {
          const around = ranges.filter(([low, length]) => low <= address && address < low + length);
          const found = ranges[map.at(address)];
          assert.equal(found !== undefined, around.length > 0);
          if (found === undefined) continue;
          const last = Math.max(...around.map(([low]) => low));
          assert.equal(found[0], last);
          const shortest = Math.min(...around.filter(([low]) => low === last).map(([, length]) => length));
          assert.equal(found[1], shortest);
        }
      }),
    );
  });
  it('numbers in order, equal ones in theirs', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.nat(10), fc.nat(0xffffffff))), (numbers) => {
        const want = [...numbers.keys()].sort((a, b) => (numbers[a] ?? 0) - (numbers[b] ?? 0) || a - b);
        assert.deepEqual([...inOrderOf(numbers)], want);
      }),
    );
  });
});
