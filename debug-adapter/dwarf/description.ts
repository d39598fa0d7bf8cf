// What a DIE says of its name, type and declaration, together with the DIEs that it completes: its abstract origin (DWARF 5 §3.3.8) and its
// specification (§2.13.2). Rings of such references, which only garbage has, are cut.
import { At } from './constants.ts';
import type { DieReader } from './die-reader.ts';
import type { LineTable } from './line-table.ts';
import type { Declared } from './program.ts';
import type { DieOffset } from './type.ts';

const MAX_ORIGINS = 8;

export interface Description {
  readonly name: string;
  readonly linkageName: string;
  readonly type: DieOffset | undefined;
  readonly declared: Declared;
  readonly artificial: boolean;
  /** DW_AT_abstract_origin of the DIE itself. */
  readonly origin: DieOffset | undefined;
  /** The DIE at the end of the chain: it stands where the thing was declared. */
  readonly declaration: DieOffset;
}

/** A line or column; 0 (not known) where garbage has a number that none can have. */
function countOf(reader: DieReader, attribute: number): number | undefined {
  const count = reader.unsigned(attribute);
  return count === undefined || (count >= 0 && count <= 0xffffffff) ? count : 0;
}

/** Moves the reader. */
export function describe(reader: DieReader, die: DieOffset, lines: LineTable): Description {
  let name: string | undefined;
  let linkageName: string | undefined;
  let type: DieOffset | undefined;
  let artificial = false;
  let origin: DieOffset | undefined;
  let file = -1;
  let line: number | undefined;
  let column: number | undefined;
  let declaration = die;
  let next: DieOffset | undefined = die;
  for (let n = 0; n < MAX_ORIGINS && next !== undefined && reader.at(next); n++) {
    declaration = next;
    name ??= reader.string(At.Name);
    linkageName ??= reader.string(At.LinkageName) ?? reader.string(At.MipsLinkageName);
    type ??= reader.reference(At.Type);
    artificial ||= reader.flag(At.Artificial);
    line ??= countOf(reader, At.DeclLine);
    column ??= countOf(reader, At.DeclColumn);
    if (file < 0) {
      const number = reader.unsigned(At.DeclFile);
      if (number !== undefined) file = lines.fileOf(reader.unit, number);
    }
    const abstract = reader.reference(At.AbstractOrigin);
    if (n === 0) origin = abstract;
    next = abstract ?? reader.reference(At.Specification);
  }
  return {
    name: name ?? '',
    linkageName: linkageName ?? '',
    type,
    declared: { file, line: line ?? 0, column: column ?? 0 },
    artificial,
    origin,
    declaration,
  };
}

/** Where the present DIE, an inlined subroutine, was called (§3.3.8.2). */
export function calledAt(reader: DieReader, lines: LineTable): Declared {
  const number = reader.unsigned(At.CallFile);
  return {
    file: number === undefined ? -1 : lines.fileOf(reader.unit, number),
    line: countOf(reader, At.CallLine) ?? 0,
    column: countOf(reader, At.CallColumn) ?? 0,
  };
}
