// Line number programs written by hand: every standard and extended opcode, the headers of versions 2 to 5, what linkers leave of dropped code, and
// garbage.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { At, Form, Tag, UnitType } from './constants.ts';
import { openDwarf } from './dwarf.ts';
import { CODE_SIZE, moduleWith, type SectionBytes, text } from './module-fixture.ts';
import type { DwarfProgram } from './program.ts';
import { sleb, uleb, unsigned } from './types-fixture.ts';

const u32 = (value: number) => unsigned(value, 4);
const LENGTHS = [0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1];

interface Header {
  readonly version: number;
  readonly offsetSize?: 4 | 8;
  readonly step?: number;
  readonly operations?: number;
  readonly lineBase?: number;
  readonly lineRange?: number;
  /** Operands of the standard opcodes; one fewer than opcode_base. */
  readonly lengths?: readonly number[];
  readonly statement?: number;
  /** Everything behind opcode_lengths. */
  readonly tables?: readonly number[];
}

const FILES_4 = [
  ...text('src'),
  ...text('/abs'),
  0,
  ...text('main.c'),
  1,
  0,
  0,
  ...text('/x.c'),
  2,
  0,
  0,
  ...text('own.c'),
  0,
  0,
  0,
  0,
];
const FILES_5 = [
  ...[1, 1, Form.String, 3, ...text('/build'), ...text('src'), ...text('/abs')],
  ...[2, 1, Form.String, 2, Form.Udata, 3, ...text('own.c'), 0, ...text('main.c'), 1, ...text('x.c'), 2],
];

function lineSection(header: Header, program: readonly number[]): number[] {
  const {
    version,
    offsetSize = 4,
    step = 1,
    operations = 1,
    lineBase = -5,
    lineRange = 14,
    lengths = LENGTHS,
  } = header;
  const rest = [
    step,
    ...(version >= 4 ? [operations] : []),
    header.statement ?? 1,
    ...unsigned(lineBase, 1),
    lineRange,
    lengths.length + 1,
    ...lengths,
    ...(header.tables ?? (version >= 5 ? FILES_5 : FILES_4)),
  ];
  const content = [
    ...unsigned(version, 2),
    ...(version >= 5 ? [4, 0] : []),
    ...unsigned(rest.length, offsetSize),
    ...rest,
    ...program,
  ];
  return [
    ...(offsetSize === 8 ? [...u32(0xffffffff), ...unsigned(content.length, 8)] : u32(content.length)),
    ...content,
  ];
}

/** A program of one unit that names the line program at the section's start. */
function program(line: readonly number[], more: SectionBytes = {}, unitVersion = 4): DwarfProgram {
  const abbrev = [
    1,
    Tag.CompileUnit,
    0,
    At.StmtList,
    Form.SecOffset,
    At.CompDir,
    Form.String,
    At.Name,
    Form.String,
    0,
    0,
    0,
  ];
  const header = unitVersion === 5 ? [UnitType.Compile, 4, ...u32(0)] : [...u32(0), 4];
  const content = [...unsigned(unitVersion, 2), ...header, 1, ...u32(0), ...text('/build'), ...text('unit.c')];
  const opened = openDwarf(moduleWith({ info: [...u32(content.length), ...content], abbrev, line, ...more }));
  assert.ok(opened !== undefined);
  return opened;
}

const setAddress = (address: number) => [0, 5, 2, ...u32(address)];
const END = [0, 1, 1];
const COPY = 1;
const advancePc = (by: number) => [2, ...uleb(by)];

/** `address:line:column:flags` of each row, addresses as DWARF counts. */
function rows(opened: DwarfProgram): string[] {
  const { count, offset, line, column, flags } = opened.lines;
  // The first function's body begins behind the count of functions and its size: the code section of the fixture.
  return Array.from(
    { length: count },
    (_, n) => `${(offset[n] ?? 0) - CODE_AT}:${line[n]}:${column[n]}:${letters(flags[n] ?? 0)}`,
  );
}

const letters = (flags: number) => ['s', 'b', 'E', 'p', 'e'].filter((_, bit) => flags & (1 << bit)).join('');
const CODE_AT = moduleWith({}).sections.find(({ id }) => id === 10)?.start ?? 0;

for (const version of [2, 3, 4, 5])
  describe(`opcodes, version ${version}`, () => {
    const run = (...opcodes: number[]) =>
      program(lineSection({ version }, [...setAddress(0x10), ...opcodes, ...advancePc(9), ...END]));
    const first = (...opcodes: number[]) => rows(run(...opcodes))[0];
    it('DW_LNS_copy, and what the machine begins with', () => assert.equal(first(COPY), '16:1:0:s'));
    it('special opcodes', () => {
      // 13 + (line - base) + range * advance
      assert.equal(first(13 + 5 + 14 * 3), '19:1:0:s');
      assert.equal(first(13 + 5 + 7), '16:8:0:s');
      assert.equal(first(3, ...sleb(20), 13), '16:16:0:s');
      assert.equal(first(255), `${16 + 17}:${1 - 5 + 4}:0:s`);
    });
    it('DW_LNS_advance_pc', () => assert.equal(first(2, ...uleb(300), COPY), '316:1:0:s'));
    it('DW_LNS_advance_line', () => {
      assert.equal(first(3, ...sleb(99), COPY), '16:100:0:s');
      assert.equal(first(3, ...sleb(5000), 3, ...sleb(-4900), COPY), '16:101:0:s');
    });
    it('DW_LNS_set_column', () => {
      assert.equal(first(5, ...uleb(200), COPY), '16:1:200:s');
      assert.equal(first(5, ...uleb(70_000), COPY), '16:1:65535:s');
    });
    it('DW_LNS_negate_stmt', () => assert.equal(first(6, COPY), '16:1:0:'));
    it('DW_LNS_set_basic_block, set_prologue_end, set_epilogue_begin: of one row', () => {
      assert.deepEqual(rows(run(7, COPY, 10, COPY, 11, COPY, COPY)).slice(0, 4), [
        '16:1:0:sb',
        '16:1:0:sp',
        '16:1:0:se',
        '16:1:0:s',
      ]);
    });
    it('DW_LNS_const_add_pc', () => assert.equal(first(8, COPY), `${16 + Math.floor((255 - 13) / 14)}:1:0:s`));
    it('DW_LNS_fixed_advance_pc', () => assert.equal(first(9, 0x80, 0x00, COPY), `${16 + 128}:1:0:s`));
    it('DW_LNS_set_isa', () => assert.equal(first(12, ...uleb(300), COPY), '16:1:0:s'));
    it('DW_LNS_set_file', () => {
      const opened = run(COPY, 4, 2, COPY);
      assert.deepEqual(
        Array.from(opened.lines.file.slice(0, 2), (file) => opened.lines.files[file]),
        ['/build/src/main.c', version === 5 ? '/abs/x.c' : '/x.c'],
      );
    });
    it('DW_LNE_end_sequence: the machine begins anew', () => {
      const opened = run(3, 9, 5, 9, 6, COPY, ...advancePc(4), ...END, ...setAddress(0x40), COPY);
      assert.deepEqual(rows(opened), ['16:10:9:', '20:10:9:E', '64:1:0:s', '73:1:0:sE']);
    });
    it('extended opcodes that nobody knows are skipped, DW_LNE_set_discriminator among them', () => {
      assert.equal(first(0, 2, 4, 7, 0, 4, 0x80, 1, 2, 3, 0, 0, COPY), '16:1:0:s');
    });
    it('set_address of eight bytes', () => assert.equal(first(0, 9, 2, ...unsigned(0x20, 8), COPY), '32:1:0:s'));
  });

describe('headers (§6.2.4)', () => {
  const body = [...setAddress(0x10), COPY, ...advancePc(4), ...END];
  for (const version of [2, 3, 4, 5])
    it(`64-bit, version ${version}`, () => {
      assert.deepEqual(rows(program(lineSection({ version, offsetSize: 8 }, body))), ['16:1:0:s', '20:1:0:sE']);
    });
  it('minimum_instruction_length', () =>
    assert.deepEqual(rows(program(lineSection({ version: 4, step: 4 }, body))), ['16:1:0:s', '32:1:0:sE']));
  it('operations of VLIW machines', () => {
    // Four operations an instruction of 16 bytes: three and then two more are one instruction and one operation.
    const opcodes = [...setAddress(0x10), ...advancePc(3), COPY, ...advancePc(2), COPY, ...advancePc(3), ...END];
    assert.deepEqual(rows(program(lineSection({ version: 4, step: 16, operations: 4 }, opcodes))), [
      '16:1:0:s',
      '32:1:0:s',
      '48:1:0:sE',
    ]);
  });
  it('default_is_stmt 0', () =>
    assert.equal(rows(program(lineSection({ version: 4, statement: 0 }, body)))[0], '16:1:0:'));
  it('fewer standard opcodes: those behind are special', () => {
    const lengths = LENGTHS.slice(0, 9);
    const opcodes = [...setAddress(0x10), 10 + 5 + 14, ...advancePc(4), ...END];
    assert.equal(rows(program(lineSection({ version: 2, lengths }, opcodes)))[0], '17:1:0:s');
  });
  it('opcodes with other operands, and more of them, are skipped', () => {
    const lengths = [...LENGTHS.slice(0, 9), 2, ...LENGTHS.slice(10), 3];
    const opcodes = [...setAddress(0x10), 10, 0x80, 1, 5, 13, 1, 2, 0x81, 1, COPY, ...advancePc(4), ...END];
    assert.deepEqual(rows(program(lineSection({ version: 4, lengths }, opcodes))), ['16:1:0:s', '20:1:0:sE']);
  });
  it('DW_LNE_define_file', () => {
    const define = [...text('late.c'), 2, 0, 0];
    const opcodes = [0, define.length + 1, 3, ...define, ...setAddress(0x10), 4, 4, COPY, ...advancePc(4), ...END];
    const opened = program(lineSection({ version: 4 }, opcodes));
    assert.equal(opened.lines.files[opened.lines.file[0] ?? -1], '/abs/late.c');
  });
  it('version 5: tables with MD5, time and size, texts in other sections, and content that nobody knows', () => {
    const tables = [
      ...[2, 1, Form.LineStrp, ...uleb(0x2001), Form.LineStrp, 1, ...u32(0), ...u32(0)],
      ...[
        6,
        1,
        Form.Strx1,
        2,
        Form.Data1,
        5,
        Form.Data16,
        3,
        Form.Udata,
        4,
        Form.Block1,
        ...uleb(0x3abc),
        Form.Exprloc,
      ],
      ...[2, 0, 0, ...new Array<number>(16).fill(1), ...uleb(300), 2, 7, 7, 1, 0],
      ...[1, 0, ...new Array<number>(16).fill(2), 0, 0, 0],
    ];
    const more = {
      lineStr: text('/there'),
      str: [...text('a.c'), ...text('b.c')],
      strOffsets: [...u32(12), 5, 0, 0, 0, ...u32(0), ...u32(4)],
    };
    const opened = program(lineSection({ version: 5, tables }, body), more, 5);
    assert.deepEqual([...opened.lines.files], ['/there/b.c']);
    assert.deepEqual(opened.problems, []);
  });
  it('paths: of the unit’s directory, a scheme’s, a drive’s', () => {
    const tables = [
      ...text('C:\\lib'),
      ...text('wasi://v30'),
      0,
      ...['u.c', 'w.c', 's.c'].flatMap((name, at) => [...text(name), at, 0, 0]),
      0,
    ];
    const opcodes = [...setAddress(0x10), COPY, 4, 2, COPY, 4, 3, COPY, ...advancePc(4), ...END];
    assert.deepEqual(
      [...program(lineSection({ version: 4, tables }, opcodes)).lines.files],
      ['/build/u.c', 'C:\\lib\\w.c', 'wasi://v30/s.c'],
    );
  });
});

describe('the table of the module', () => {
  const sequence = (address: number, ...lines: number[]) => [
    ...setAddress(address),
    ...lines.flatMap((by) => [3, ...sleb(by), COPY, ...advancePc(2)]),
    ...END,
  ];
  const table = (...opcodes: number[]) => program(lineSection({ version: 4 }, opcodes));
  it('sequences in ascending order, an end before what begins there', () => {
    const opened = table(...sequence(0x20, 9, 1), ...sequence(0x10, 4), ...sequence(0x12, 6));
    assert.deepEqual(rows(opened), [
      '16:5:0:s',
      '18:5:0:sE',
      '18:7:0:s',
      '20:7:0:sE',
      '32:10:0:s',
      '34:11:0:s',
      '36:11:0:sE',
    ]);
  });
  it('dropped code: address 0, -1, -2, sequences without code, and those that leave the code section', () => {
    const opened = table(
      ...sequence(0, 1, 1),
      ...sequence(0xffffffff, 1),
      ...sequence(0xfffffffe, 1, 1),
      ...[...setAddress(0x30), COPY, ...END],
      ...sequence(CODE_SIZE - 2, 1, 1),
      ...sequence(CODE_SIZE - 2, 1),
      ...sequence(CODE_SIZE + 10, 1),
    );
    assert.deepEqual(rows(opened), [`${CODE_SIZE - 2}:2:0:s`, `${CODE_SIZE}:2:0:sE`]);
    assert.deepEqual(opened.problems, []);
  });
  it('rows that don’t ascend, and sequences that overlap, are sorted', () => {
    const back = [...setAddress(0x20), COPY, ...setAddress(0x18), 3, 1, COPY, ...advancePc(9), ...END];
    const opened = table(...sequence(0x1c, 40, 1), ...back);
    const offsets = [...opened.lines.offset].map((offset) => offset - CODE_AT);
    assert.deepEqual(offsets, [0x18, 0x1c, 0x1e, 0x20, 0x20, 0x21]);
    assert.deepEqual([...opened.lines.line], [2, 41, 42, 42, 1, 2]);
  });
  it('files that no row names are left out', () => {
    const opened = table(...sequence(0x10, 1));
    assert.deepEqual([...opened.lines.files], ['/build/src/main.c']);
  });
});

describe('garbage', () => {
  /** What is told once the lines were asked for. */
  const told = (line: readonly number[]) => {
    const opened = program(line);
    assert.ok(opened.lines.count >= 0);
    return opened.problems.join(' ');
  };
  const problemOf = (line: readonly number[]) => {
    const opened = program(line);
    assert.equal(opened.lines.count, 0);
    return opened.problems.join(' ');
  };
  it('each is told in a sentence', () => {
    assert.match(problemOf([]), /^The line program at 0x0 can't be read: it is not in \.debug_line\.$/);
    assert.match(problemOf([...u32(100), 4, 0, 0, 0]), /it is longer than \.debug_line/);
    assert.match(problemOf([...u32(0xfffffff5), 4, 0, 0, 0]), /its length is one that no version of DWARF knows/);
    assert.match(problemOf(lineSection({ version: 6 }, [])), /version 6, which is not known/);
    assert.match(problemOf(lineSection({ version: 1 }, [])), /version 1, which is not known/);
    const long = lineSection({ version: 4 }, []);
    assert.match(problemOf([...long.slice(0, 6), 0xff, ...long.slice(7)]), /its header is longer than itself/);
  });
  it('a program that is cut short keeps its whole sequences', () => {
    const whole = [...setAddress(0x10), COPY, ...advancePc(4), ...END];
    const opened = program(lineSection({ version: 4 }, [...whole, ...setAddress(0x20), COPY]));
    assert.deepEqual(rows(opened), ['16:1:0:s', '20:1:0:sE']);
    assert.deepEqual(opened.problems, [
      'The line program at 0x0 is not read to its end: its last sequence has no end.',
    ]);
    assert.match(told(lineSection({ version: 4 }, [...whole, 0, 99, 2])), /an extended opcode is longer/);
  });
  it('a line range of 0 divides nothing', () => {
    const opcodes = [...setAddress(0x10), 200, ...advancePc(4), ...END];
    assert.match(told(lineSection({ version: 4, lineRange: 0 }, opcodes)), /its line range is 0/);
  });
  it('tables of version 5 that say endlessly many entries', () => {
    const tables = [...[0, ...uleb(2 ** 40)], ...[1, 1, Form.FlagPresent, ...uleb(2 ** 40)]];
    const opened = program(lineSection({ version: 5, tables }, [...setAddress(0x10), COPY, ...advancePc(4), ...END]));
    assert.equal(opened.lines.count, 2);
    assert.deepEqual([...opened.lines.files], ['']);
  });
});
