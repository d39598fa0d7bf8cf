// Location lists of both kinds, written by hand: every entry there is, base addresses, what linkers leave of dropped code, and garbage.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { At, Form, Tag } from './constants.ts';
import { DieReader } from './die-reader.ts';
import { expressionAt, type LocationList, locationListEntries, locationListOf } from './location-lists.ts';
import { uleb, unsigned, writeDwarf } from './types-fixture.ts';

function list(version: number, bytes: readonly number[], changed: Partial<LocationList> = {}): LocationList {
  return {
    bytes: Uint8Array.from(bytes),
    start: 0,
    end: bytes.length,
    version,
    addressSize: 4,
    base: 0x100,
    addressAt: (index) => [0x1000, 0x1010, 0xffff_ffff][index],
    ...changed,
  };
}

const u32 = (value: number): number[] => unsigned(value, 4);

/** The first byte of the expression that holds at an address; -1: none does. */
const found = (locations: LocationList, address: number): number => expressionAt(locations, address)?.[0] ?? -1;

/** One byte of expression, as an entry of .debug_loc has it. */
const one = (byte: number): number[] => [1, 0, byte];

describe('.debug_loc (DWARF 4 §2.6.2)', () => {
  const pairs = list(4, [
    ...[...u32(0x10), ...u32(0x20), ...one(1)],
    ...[...u32(0x20), ...u32(0x28), ...one(2)],
    ...[...u32(0xffff_ffff), ...u32(0x400)],
    ...[...u32(0x10), ...u32(0x20), ...one(3)],
    ...[...u32(0), ...u32(0), ...one(4)],
  ]);
  it('entries count from the unit’s low_pc', () => {
    assert.equal(found(pairs, 0x10f), -1);
    assert.equal(found(pairs, 0x110), 1);
    assert.equal(found(pairs, 0x11f), 1);
    assert.equal(found(pairs, 0x120), 2);
    assert.equal(found(pairs, 0x128), -1);
  });
  it('a base address is for what follows', () => {
    assert.equal(found(pairs, 0x410), 3);
    assert.equal(found(pairs, 0x420), -1);
  });
  it('it ends at 0, 0', () => assert.equal([...locationListEntries(pairs)].length, 3));
  it('a unit of ranges has low_pc 0: entries are addresses', () =>
    assert.equal(found(list(4, [...u32(0x10), ...u32(0x20), ...one(1)], { base: 0 }), 0x10), 1));
  it('dropped code: a base or an entry of -1 or -2, and empty entries, count for nothing', () => {
    const dropped = list(4, [
      ...[...u32(0xffff_ffff), ...u32(0xffff_ffff), ...u32(0x10), ...u32(0x20), ...one(1)],
      ...[...u32(0xffff_ffff), ...u32(0), ...u32(0xffff_fffe), ...u32(0xffff_fffe), ...one(2)],
      ...[...u32(0x30), ...u32(0x30), ...one(3)],
    ]);
    assert.deepEqual([...locationListEntries(dropped)], []);
    assert.equal(found(list(4, [...u32(0x10), ...u32(0x20), ...one(1)], { base: 0xffff_ffff }), 0xf), -1);
  });
  it('of 8-byte addresses', () => {
    const wide = [...unsigned(-1n, 8), ...unsigned(2 ** 33, 8), ...unsigned(1, 8), ...unsigned(9, 8), ...one(7)];
    assert.equal(found(list(4, wide, { addressSize: 8 }), 2 ** 33 + 8), 7);
  });
});

describe('.debug_loclists (DWARF 5 §7.7.3)', () => {
  const entry = (...bytes: number[]) => bytes;
  const is = (byte: number) => [1, byte];
  it('offset_pair, from the unit’s low_pc and from base_address', () => {
    const pairs = list(5, [
      ...entry(4, 0x10, 0x20, ...is(1)),
      ...entry(6, ...u32(0x2000)),
      ...entry(4, ...uleb(0x100), ...uleb(0x180), ...is(2)),
      ...entry(0),
      ...entry(4, 0x30, 0x40, ...is(3)),
    ]);
    assert.equal(found(pairs, 0x110), 1);
    assert.equal(found(pairs, 0x2100), 2);
    assert.equal(found(pairs, 0x217f), 2);
    assert.equal(found(pairs, 0x2180), -1);
    assert.equal(found(pairs, 0x130), -1);
  });
  it('base_addressx', () => assert.equal(found(list(5, [1, 0, 4, 0, 4, ...is(1), 0]), 0x1003), 1));
  it('startx_endx', () => assert.equal(found(list(5, [2, 0, 1, ...is(1), 0]), 0x100f), 1));
  it('startx_length', () => assert.equal(found(list(5, [3, 0, 8, ...is(1), 0]), 0x1007), 1));
  it('start_end', () => assert.equal(found(list(5, [7, ...u32(0x50), ...u32(0x60), ...is(1), 0]), 0x5f), 1));
  it('start_length', () => assert.equal(found(list(5, [8, ...u32(0x50), 4, ...is(1), 0]), 0x53), 1));
  it('default_location holds where no other entry does', () => {
    const both = list(5, [5, ...is(9), 8, ...u32(0x50), 4, ...is(1), 0]);
    assert.equal(found(both, 0x50), 1);
    assert.equal(found(both, 0x60), 9);
  });
  it('GNU’s view pairs are passed over', () =>
    assert.equal(found(list(5, [9, 3, 4, 8, ...u32(0x50), 4, ...is(1), 0]), 0x50), 1));
  it('an entry that nobody knows ends the list', () =>
    assert.deepEqual([...locationListEntries(list(5, [77, 8, ...u32(0x50), 4, ...is(1), 0]))], []));
  it('dropped code', () => {
    const dropped = [
      ...[3, 2, 8, ...is(1)],
      ...[1, 2, 4, 0, 4, ...is(2)],
      ...[6, ...u32(0xffff_fffe), 4, 0, 4, ...is(3)],
      ...[7, ...u32(0xffff_ffff), ...u32(0xffff_ffff), ...is(4)],
      ...[3, 9, 8, ...is(5)], // of an entry of .debug_addr that is not there
      ...[8, ...u32(0x50), 0, ...is(6)],
      0,
    ];
    assert.deepEqual([...locationListEntries(list(5, dropped))], []);
  });
});

describe('the list of a variable', () => {
  const variable = (version: 4 | 5, form: number, value: number, base: number) =>
    writeDwarf(
      [
        {
          version,
          root: {
            tag: Tag.CompileUnit,
            attributes: [
              [At.LowPc, Form.Addr, base],
              [At.AddrBase, Form.SecOffset, 8],
              [At.LoclistsBase, Form.SecOffset, 12],
            ],
            children: [{ id: 'x', tag: Tag.Variable, attributes: [[At.Location, form, value]] }],
          },
        },
      ],
      {
        loc: [0, ...u32(0x10), ...u32(0x20), ...one(0x31), ...u32(0), ...u32(0)],
        loclists: [...Array(12).fill(0), ...u32(8), ...u32(11), ...[5, 1, 0x32], ...[1, 0, 4, 0, 4, 1, 0x33, 0]],
        addr: [...Array(8).fill(0), ...u32(0x3000)],
      },
    );
  const locations = (version: 4 | 5, form: number, value: number, base = 0x100) => {
    const fixture = variable(version, form, value, base);
    const reader = new DieReader(fixture.file);
    assert.ok(reader.at(fixture.die('x')));
    const its = locationListOf(reader);
    assert.ok(its !== undefined);
    reader.root(reader.unit); // the list does not depend on where the reader stands
    return its;
  };
  it('by offset in .debug_loc, counted from DW_AT_low_pc', () => {
    assert.equal(found(locations(4, Form.SecOffset, 1), 0x110), 0x31);
    assert.equal(found(locations(4, Form.SecOffset, 1, 0x200), 0x110), -1);
  });
  it('by index in .debug_loclists, addresses by index too', () => {
    assert.equal(found(locations(5, Form.Loclistx, 1), 0x3002), 0x33);
    assert.equal(found(locations(5, Form.Loclistx, 0), 7), 0x32);
  });
  it('by offset in .debug_loclists', () => assert.equal(found(locations(5, Form.SecOffset, 12 + 11), 0x3002), 0x33));
  it('behind the end of the section there is none', () =>
    assert.deepEqual([...locationListEntries(locations(5, Form.SecOffset, 1 << 20))], []));
});

describe('garbage', () => {
  it('of any bytes something becomes, and the entries lie in the list', () => {
    const anything = fc.array(fc.oneof(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 255 })), {
      maxLength: 80,
    });
    fc.assert(
      fc.property(
        anything,
        fc.constantFrom(4, 5),
        fc.constantFrom(4, 8),
        fc.nat(100),
        (bytes, version, addressSize, start) => {
          const its = list(version, bytes, { addressSize, start });
          let last = start;
          for (const entry of locationListEntries(its)) {
            assert.ok(entry.start >= last && entry.start <= entry.end && entry.end <= bytes.length);
            last = entry.end;
          }
          expressionAt(its, 0x110);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
