// The cursor over DIEs: down, along and up, siblings, units, abbreviations in any order, and what can't be read.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AbbreviationTable } from './abbreviations.ts';
import { At, Form, Tag } from './constants.ts';
import { DieReader } from './die-reader.ts';
import { DwarfFile } from './dwarf-file.ts';
import { sectionsWith, text } from './module-fixture.ts';
import { type FixtureDie, uleb, unsigned, writeDwarf } from './types-fixture.ts';

const named = (id: string, children?: readonly FixtureDie[], tag: number = Tag.Namespace): FixtureDie => ({
  id,
  tag,
  attributes: [[At.Name, Form.String, id]],
  ...(children === undefined ? {} : { children }),
});

const TREE = named(
  'unit',
  [named('a', [named('a1'), named('a2', [named('a2x')])]), named('b'), named('c', [named('c1')])],
  Tag.CompileUnit,
);

/** Names in the order of one walk down and up. */
function walk(reader: DieReader, into: (name: string) => boolean): string[] {
  const names: string[] = [];
  const visit = () => {
    do {
      const name = reader.string(At.Name) ?? '';
      if (reader.tag !== 0) names.push(name);
      if (into(name) && reader.child()) visit();
    } while (reader.next());
  };
  visit();
  return names;
}

describe('going about', () => {
  const { file, die } = writeDwarf([
    { version: 5, root: TREE },
    { version: 4, root: TREE },
  ]);
  const [first, second] = file.units;
  assert.ok(first !== undefined && second !== undefined);
  it('all of it in one pass', () => {
    const reader = new DieReader(file);
    for (const unit of [first, second]) {
      assert.ok(reader.root(unit));
      assert.deepEqual(
        walk(reader, () => true),
        ['unit', 'a', 'a1', 'a2', 'a2x', 'b', 'c', 'c1'],
      );
    }
    assert.deepEqual(file.problems, []);
  });
  it('next goes over children', () => {
    const reader = new DieReader(file);
    reader.root(first);
    assert.deepEqual(
      walk(reader, (name) => name === 'unit'),
      ['unit', 'a', 'b', 'c'],
    );
  });
  it('at: any DIE of any unit', () => {
    const reader = new DieReader(file);
    assert.ok(reader.at(die('a2x')));
    assert.equal(reader.string(At.Name), 'a2x');
    assert.equal(reader.unit, second, 'the ids name those of the last unit');
    assert.equal(reader.next(), false);
    assert.equal(reader.tag, 0);
    assert.equal(reader.string(At.Name), undefined, 'it stands on no DIE');
    assert.equal(reader.next(), false, 'behind a2, whose children have ended, a ends too');
    assert.ok(reader.next());
    assert.equal(reader.string(At.Name), 'b');
  });
  it('at: where no DIE can be', () => {
    const reader = new DieReader(file);
    for (const offset of [0, 3, second.offset, second.end, 1e9, -1, Number.NaN]) assert.equal(reader.at(offset), false);
    assert.equal(reader.tag, 0);
    assert.equal(reader.has(At.Name), false);
  });
});

/** A unit of version 4 out of abbreviations and DIEs as they are. */
function raw(abbrev: readonly number[], dies: readonly number[], str: readonly number[] = []): DwarfFile {
  const header = [...unsigned(4, 2), ...unsigned(0, 4), 4];
  return new DwarfFile(
    sectionsWith({ info: [...unsigned(header.length + dies.length, 4), ...header, ...dies], abbrev, str }),
  );
}

const onRoot = (file: DwarfFile): DieReader => {
  const reader = new DieReader(file);
  const unit = file.units[0];
  assert.ok(unit !== undefined);
  reader.root(unit);
  return reader;
};

describe('DW_AT_sibling (§2.3)', () => {
  // A child list that can't be read (abbreviation 9 is not there), and a sibling behind it.
  const abbrev = [
    ...[1, Tag.CompileUnit, 1, 0, 0],
    ...[2, Tag.Namespace, 1, At.Sibling, Form.Ref1, 0, 0],
    ...[3, Tag.Variable, 0, 0, 0],
    0,
  ];
  it('is taken, so that what is between is not read', () => {
    const reader = onRoot(raw(abbrev, [1, 2, 11 + 1 + 2 + 2, 9, 9, 3, 0]));
    assert.ok(reader.child() && reader.next());
    assert.equal(reader.tag, Tag.Variable);
    assert.deepEqual(reader.file.problems, []);
  });
  it('not backwards: that would never end', () => {
    const reader = onRoot(raw(abbrev, [1, 2, 12, 3, 0, 3, 0]));
    assert.ok(reader.child() && reader.next());
    assert.equal(reader.offset, 11 + 1 + 2 + 2);
    assert.equal(reader.next(), false);
  });
});

describe('abbreviations (§7.5.3)', () => {
  it('codes in any order, large ones, and twice the same: the first counts', () => {
    const abbrev = [
      ...[7, Tag.CompileUnit, 1, 0, 0],
      ...[...uleb(300), Tag.Variable, 0, At.Name, Form.String, 0, 0],
      ...[7, Tag.Typedef, 0, 0, 0],
      ...[1, Tag.BaseType, 0, 0, 0],
      0,
    ];
    const reader = onRoot(raw(abbrev, [7, ...uleb(300), ...text('x'), 1, 0]));
    assert.equal(reader.tag, Tag.CompileUnit);
    assert.ok(reader.child());
    assert.equal(reader.string(At.Name), 'x');
    assert.ok(reader.next());
    assert.equal(reader.tag, Tag.BaseType);
  });
  it('a table is read as far as it was asked for', () => {
    const abbrev = Array.from({ length: 100 }, (_, n) => [n + 1, Tag.Variable, 0, At.Name, Form.Strp, 0, 0]).flat();
    const sections = sectionsWith({ abbrev: [...abbrev, 0] });
    const table = new AbbreviationTable(sections.bytes, sections.abbrev, 0, {
      version: 4,
      offsetSize: 4,
      addressSize: 4,
    });
    assert.equal(table.find(3), 2);
    assert.equal(table.count, 3);
    assert.equal(table.find(100), 99);
    assert.equal(table.sizes[99], 4);
    assert.equal(table.find(101), -1);
    assert.equal(table.find(50), 49);
  });
  it('a table that is cut short, or of more attributes than there can be', () => {
    const cut = onRoot(raw([1, Tag.CompileUnit, 1, At.Name], [1, 0]));
    assert.equal(cut.tag, 0);
    assert.match(cut.file.problems[0] ?? '', /its abbreviation 1 is not there/);
    const endless = Array.from({ length: 3000 }, () => [At.Name, Form.FlagPresent]).flat();
    assert.equal(onRoot(raw([1, Tag.CompileUnit, 1, ...endless, 0, 0, 0], [1, 0])).tag, 0);
  });
});

describe('what can’t be read', () => {
  it('an abbreviation that is not there ends the unit, and is told', () => {
    const reader = onRoot(raw([1, Tag.CompileUnit, 1, 0, 0, 0], [1, 5, 1, 0]));
    assert.equal(reader.child(), false);
    assert.equal(reader.next(), false);
    assert.deepEqual(reader.file.problems, [
      "The DIE at 0xc can't be read: its abbreviation 5 is not there; the rest of its unit is left out.",
    ]);
  });
  it('attributes before one of an unknown form are there, those after it are absent', () => {
    const abbrev = [1, Tag.CompileUnit, 1, At.Language, Form.Data1, At.Name, 0x7f, At.Producer, Form.Data1, 0, 0, 0];
    const reader = onRoot(raw(abbrev, [1, 0x1c, 1, 2, 3]));
    assert.equal(reader.unsigned(At.Language), 0x1c);
    assert.equal(reader.has(At.Name), false);
    assert.equal(reader.has(At.Producer), false);
    assert.equal(reader.child(), false);
    assert.equal(reader.file.problems.length, 1);
  });
  it('lists without their ends, as compilers may leave them at the end of a unit', () => {
    const abbrev = [1, Tag.CompileUnit, 1, 0, 0, 2, Tag.Namespace, 1, 0, 0, 0];
    const reader = onRoot(raw(abbrev, [1, 2, 2]));
    assert.ok(reader.child());
    assert.equal(reader.next(), false);
    assert.deepEqual(reader.file.problems, []);
  });
  it('a text without an end is cut at its section, a very long one at 64 KiB', () => {
    const abbrev = [1, Tag.CompileUnit, 0, At.Name, Form.Strp, 0, 0, 0];
    const short = onRoot(raw(abbrev, [1, ...unsigned(1, 4)], [65, 66, 67]));
    assert.equal(short.string(At.Name), 'BC');
    const long = onRoot(raw(abbrev, [1, ...unsigned(0, 4)], new Array<number>(70_000).fill(65)));
    assert.equal(long.string(At.Name), `${'A'.repeat(65_536)}…`);
  });
});
