// Every form of DWARF 2 to 5 and GNU's, in 32- and 64-bit units: what it says, and where it ends.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Form, Tag, UnitType } from './constants.ts';
import { DieReader } from './die-reader.ts';
import { DwarfFile } from './dwarf-file.ts';
import { isKnownForm, skipForm } from './forms.ts';
import { sectionsWith, text } from './module-fixture.ts';
import { sleb, uleb, unsigned } from './types-fixture.ts';

const SUBJECT = 0x3fff;
const MARK = 0x3ffe;
const STR = [...text('first'), ...text('zweites: ß')];

interface Shape {
  readonly version: 4 | 5;
  readonly offsetSize: 4 | 8;
}

/** A reader on a DIE whose attributes are one of this form and a mark behind it. */
function read(form: number, value: readonly number[], { version, offsetSize }: Shape, implicit?: number): DieReader {
  const bases =
    version === 5 ? [0x72, Form.SecOffset, 0x73, Form.SecOffset, 0x74, Form.SecOffset, 0x8c, Form.SecOffset] : [];
  const abbrev = [
    ...[1, Tag.CompileUnit, 1, ...bases.flatMap((number) => uleb(number)), 0, 0],
    ...[2, Tag.BaseType, 0, ...uleb(SUBJECT), ...uleb(form), ...(implicit === undefined ? [] : sleb(implicit))],
    ...[...uleb(MARK), Form.Data1, 0, 0, 0],
  ];
  const tableHeader = offsetSize === 8 ? 16 : 8;
  const listHeader = offsetSize === 8 ? 20 : 12;
  const based = [tableHeader, tableHeader, listHeader, listHeader].flatMap((base) => unsigned(base, offsetSize));
  const dies = [1, ...(version === 5 ? based : []), 2, ...value, 0x5a, 0];
  const abbreviations = unsigned(0, offsetSize);
  const header = [
    ...unsigned(version, 2),
    ...(version === 5 ? [UnitType.Compile, 4, ...abbreviations] : [...abbreviations, 4]),
  ];
  const length = header.length + dies.length;
  const padded = (size: number) => new Array<number>(size).fill(0xee);
  const lists = [...padded(listHeader), ...unsigned(0x40, offsetSize), ...unsigned(0x50, offsetSize)];
  const sections = sectionsWith({
    info: [
      ...(offsetSize === 8 ? [...unsigned(0xffffffff, 4), ...unsigned(length, 8)] : unsigned(length, 4)),
      ...header,
      ...dies,
    ],
    abbrev,
    str: STR,
    lineStr: [...text('lines'), ...text('directory')],
    strOffsets: [...(version === 5 ? padded(tableHeader) : []), ...unsigned(0, offsetSize), ...unsigned(6, offsetSize)],
    addr: [...(version === 5 ? padded(tableHeader) : []), ...unsigned(0x1234, 4), ...unsigned(0x5678, 4)],
    rnglists: lists,
    loclists: lists,
  });
  const file = new DwarfFile(sections);
  const reader = new DieReader(file);
  const unit = file.units[0];
  assert.ok(unit !== undefined && reader.root(unit) && reader.child());
  assert.equal(reader.unsigned(MARK), 0x5a, 'what follows is read');
  assert.deepEqual(file.problems, []);
  return reader;
}

const SHAPES: readonly Shape[] = [
  { version: 4, offsetSize: 4 },
  { version: 4, offsetSize: 8 },
  { version: 5, offsetSize: 4 },
  { version: 5, offsetSize: 8 },
];

/** A test of each form for units of both versions and both sizes of offsets. */
function form(name: string, check: (shape: Shape) => void): void {
  for (const shape of SHAPES) it(`${name}, version ${shape.version}, ${shape.offsetSize * 8}-bit`, () => check(shape));
}

describe('constants (DWARF 5 §7.5.5)', () => {
  form('data1, data2, data4, data8', (shape) => {
    for (const [one, size] of [
      [Form.Data1, 1],
      [Form.Data2, 2],
      [Form.Data4, 4],
      [Form.Data8, 8],
    ] as const) {
      const reader = read(one, unsigned(-2, size), shape);
      assert.equal(reader.unsignedBits(SUBJECT), BigInt.asUintN(size * 8, -2n));
      assert.equal(reader.signedBits(SUBJECT), -2n);
      assert.equal(reader.signed(SUBJECT), -2);
      if (size < 8) assert.equal(reader.unsigned(SUBJECT), 2 ** (size * 8) - 2);
    }
  });
  form('data16', (shape) => {
    const reader = read(Form.Data16, unsigned((7n << 64n) + 1n, 16), shape);
    assert.equal(reader.unsignedBits(SUBJECT), (7n << 64n) + 1n);
    const block = reader.block(SUBJECT);
    assert.equal(block && block.end - block.start, 16);
  });
  form('udata, sdata', (shape) => {
    assert.equal(read(Form.Udata, uleb(300), shape).unsigned(SUBJECT), 300);
    assert.equal(read(Form.Udata, uleb(2n ** 64n - 1n), shape).unsignedBits(SUBJECT), 2n ** 64n - 1n);
    for (const value of [-1, -64, -65, -8193, -(2 ** 40), 63, 64, 8191, 2 ** 40]) {
      assert.equal(read(Form.Sdata, sleb(value), shape).signed(SUBJECT), value);
      assert.equal(read(Form.Sdata, sleb(value), shape).signedBits(SUBJECT), BigInt(value));
    }
    assert.equal(read(Form.Sdata, sleb(-(2n ** 63n)), shape).signedBits(SUBJECT), -(2n ** 63n));
  });
  form('implicit_const', (shape) => {
    const reader = read(Form.ImplicitConst, [], shape, -300);
    assert.equal(reader.signed(SUBJECT), -300);
    assert.equal(reader.signedBits(SUBJECT), -300n);
  });
  form('flag, flag_present', (shape) => {
    assert.equal(read(Form.Flag, [1], shape).flag(SUBJECT), true);
    assert.equal(read(Form.Flag, [0], shape).flag(SUBJECT), false);
    assert.equal(read(Form.FlagPresent, [], shape).flag(SUBJECT), true);
    assert.equal(read(Form.Flag, [0], shape).flag(0x3ffd), false, 'absent');
  });
  form('indirect', (shape) => {
    const reader = read(Form.Indirect, [...uleb(Form.Data2), 0x34, 0x12], shape);
    assert.equal(reader.form(SUBJECT), Form.Data2);
    assert.equal(reader.unsigned(SUBJECT), 0x1234);
  });
});

describe('texts', () => {
  form('string', (shape) => assert.equal(read(Form.String, text('inline'), shape).string(SUBJECT), 'inline'));
  form('strp, line_strp', (shape) => {
    assert.equal(read(Form.Strp, unsigned(6, shape.offsetSize), shape).string(SUBJECT), 'zweites: ß');
    assert.equal(read(Form.LineStrp, unsigned(6, shape.offsetSize), shape).string(SUBJECT), 'directory');
    assert.equal(read(Form.Strp, unsigned(9999, shape.offsetSize), shape).string(SUBJECT), '', 'behind the section');
  });
  form('strx, strx1 to strx4, GNU_str_index', (shape) => {
    assert.equal(read(Form.Strx, uleb(1), shape).string(SUBJECT), 'zweites: ß');
    assert.equal(read(Form.GnuStrIndex, uleb(0), shape).string(SUBJECT), 'first');
    for (const [one, size] of [
      [Form.Strx1, 1],
      [Form.Strx2, 2],
      [Form.Strx3, 3],
      [Form.Strx4, 4],
    ] as const)
      assert.equal(read(one, unsigned(1, size), shape).string(SUBJECT), 'zweites: ß');
    assert.equal(read(Form.Strx, uleb(999), shape).string(SUBJECT), undefined, 'an index behind the table');
  });
  form('strp_sup, GNU_strp_alt: of another file', (shape) => {
    assert.equal(read(Form.StrpSup, unsigned(1, shape.offsetSize), shape).string(SUBJECT), undefined);
    assert.equal(read(Form.GnuStrpAlt, unsigned(1, shape.offsetSize), shape).string(SUBJECT), undefined);
  });
});

describe('addresses and offsets', () => {
  form('addr', (shape) => assert.equal(read(Form.Addr, unsigned(0xfffffffe, 4), shape).address(SUBJECT), 0xfffffffe));
  form('addrx, addrx1 to addrx4, GNU_addr_index', (shape) => {
    assert.equal(read(Form.Addrx, uleb(1), shape).address(SUBJECT), 0x5678);
    assert.equal(read(Form.GnuAddrIndex, uleb(0), shape).address(SUBJECT), 0x1234);
    for (const [one, size] of [
      [Form.Addrx1, 1],
      [Form.Addrx2, 2],
      [Form.Addrx3, 3],
      [Form.Addrx4, 4],
    ] as const)
      assert.equal(read(one, unsigned(1, size), shape).address(SUBJECT), 0x5678);
    assert.equal(read(Form.Addrx, uleb(77), shape).address(SUBJECT), undefined);
  });
  form('sec_offset', (shape) =>
    assert.equal(read(Form.SecOffset, unsigned(0x99, shape.offsetSize), shape).sectionOffset(SUBJECT), 0x99),
  );
  form('rnglistx, loclistx', (shape) => {
    const base = shape.offsetSize === 8 ? 20 : 12;
    assert.equal(read(Form.Rnglistx, uleb(1), shape).rangeList(SUBJECT), base + 0x50);
    assert.equal(read(Form.Loclistx, uleb(0), shape).locationList(SUBJECT), base + 0x40);
    assert.equal(read(Form.Loclistx, uleb(50), shape).locationList(SUBJECT), undefined);
  });
});

describe('references', () => {
  form('ref1 to ref8, ref_udata: from the unit on', (shape) => {
    for (const [one, size] of [
      [Form.Ref1, 1],
      [Form.Ref2, 2],
      [Form.Ref4, 4],
      [Form.Ref8, 8],
    ] as const)
      assert.equal(read(one, unsigned(0x0b, size), shape).reference(SUBJECT), 0x0b);
    assert.equal(read(Form.RefUdata, uleb(0x0b), shape).reference(SUBJECT), 0x0b);
    assert.equal(read(Form.Ref4, unsigned(0x1000, 4), shape).reference(SUBJECT), undefined, 'behind the unit');
  });
  form('ref_addr: from the section on', (shape) => {
    assert.equal(read(Form.RefAddr, unsigned(0x12, shape.offsetSize), shape).reference(SUBJECT), 0x12);
    assert.equal(read(Form.RefAddr, unsigned(0x1000, shape.offsetSize), shape).reference(SUBJECT), undefined);
  });
  form('ref_sig8 of no unit, ref_sup4, ref_sup8, GNU_ref_alt: of another file', (shape) => {
    assert.equal(read(Form.RefSig8, unsigned(1, 8), shape).reference(SUBJECT), undefined);
    assert.equal(read(Form.RefSup4, unsigned(1, 4), shape).reference(SUBJECT), undefined);
    assert.equal(read(Form.RefSup8, unsigned(1, 8), shape).reference(SUBJECT), undefined);
    assert.equal(read(Form.GnuRefAlt, unsigned(1, shape.offsetSize), shape).reference(SUBJECT), undefined);
  });
});

describe('blocks', () => {
  form('block1, block2, block4, block, exprloc', (shape) => {
    const content = [9, 8, 7];
    for (const [one, length] of [
      [Form.Block1, unsigned(3, 1)],
      [Form.Block2, unsigned(3, 2)],
      [Form.Block4, unsigned(3, 4)],
      [Form.Block, uleb(3)],
      [Form.Exprloc, uleb(3)],
    ] as const) {
      const reader = read(one, [...length, ...content], shape);
      const block = reader.block(SUBJECT);
      assert.ok(block !== undefined);
      assert.deepEqual([...reader.file.bytes.subarray(block.start, block.end)], content);
    }
  });
});

describe('a value of another form is none', () => {
  it('each getter knows its own', () => {
    const shape = SHAPES[2] as Shape;
    const block = read(Form.Exprloc, [1, 0], shape);
    assert.equal(block.unsigned(SUBJECT), undefined);
    assert.equal(block.signedBits(SUBJECT), undefined);
    assert.equal(block.string(SUBJECT), undefined);
    assert.equal(block.reference(SUBJECT), undefined);
    assert.equal(block.address(SUBJECT), undefined);
    assert.equal(block.locationList(SUBJECT), undefined);
    assert.equal(read(Form.Data1, [1], shape).block(SUBJECT), undefined);
  });
});

describe('forms that nobody knows, and values that do not fit', () => {
  const encoded = { version: 5, offsetSize: 4, addressSize: 4 } as const;
  it('they end nowhere', () => {
    assert.equal(isKnownForm(0x7f), false);
    assert.equal(isKnownForm(Form.GnuStrpAlt), true);
    assert.equal(skipForm(Uint8Array.of(1, 2, 3), 0, 3, 0x7f, encoded), -1);
    assert.equal(skipForm(Uint8Array.of(5, 1, 2), 0, 3, Form.Block1, encoded), -1);
    assert.equal(skipForm(Uint8Array.of(1, 2, 3), 0, 3, Form.Data4, encoded), -1);
    assert.equal(skipForm(Uint8Array.of(65, 66), 0, 2, Form.String, encoded), -1);
    assert.equal(skipForm(Uint8Array.of(...uleb(Form.Indirect), 1), 0, 2, Form.Indirect, encoded), -1);
    assert.equal(skipForm(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f), 0, 5, Form.Exprloc, encoded), -1);
  });
});
