// A value as people see it: picks the view by the type's kind, its namespace and its name. Nothing throws out of here: garbage becomes a row
// that says why it can't be shown. Which views there are: scalars.ts and c-views.ts, rust-*.ts.
import { isMissing } from '../../dwarf/location.ts';
import type { Type } from '../../dwarf/type.ts';
import { MissingBytes } from '../bytes.ts';
import type { Child, Program, Shown, Value } from '../value.ts';
import { arrayOfC, pointerOfC, structOfC } from './c-views.ts';
import { isSettable, type Look, leaf, remark, unsettable, type View, withFields, wrapped } from './look.ts';
import { memberValue, resolved, structOf, Unreadable } from './reading.ts';
import { libraryView } from './rust-library.ts';
import { pointerView, unsizedView } from './rust-pointers.ts';
import { rustArray } from './rust-sequences.ts';
import { structView } from './rust-structs.ts';
import { variantsView } from './rust-variants.ts';
import { baseView, enumView } from './scalars.ts';
import { cut, WIDEST } from './text.ts';
import { isOfC, isRust, typeName } from './type-name.ts';

/** How much a text may tell. */
interface Room {
  /** Levels of parts. */
  readonly deepest: number;
  /** Characters of a list or a string, by level. */
  readonly widths: readonly number[];
  /** Elements of a list that has more than twice as many. */
  readonly few: number;
  /** Characters of any text. */
  readonly widest: number;
  /** Parts that may still be asked for, and characters of theirs. */
  parts: number;
  characters: number;
}

const aLine = (): Room => ({
  deepest: 4,
  widths: [150, 90, 60, 40, 30],
  few: 10,
  widest: WIDEST,
  parts: 80,
  characters: 4000,
});

const allOfIt = (): Room => ({
  deepest: 16,
  widths: [1 << 23],
  few: 10_000,
  widest: 1 << 24,
  parts: 100_000,
  characters: 1 << 24,
});

/** The view of a value. Its children are made when they are asked for, and so are theirs. */
export function show(value: Value, program: Program): Shown {
  return new Looking(program, 0, aLine()).viewed(value);
}

/** A value as text to copy: as its line has it, and nothing left out up to some 10 000 elements of a list and 8 MiB of text. Never throws. */
export function wholeText(value: Value, program: Program): string {
  // what is told to those who look is not part of the value
  return new Looking(program, 1, allOfIt()).viewed(value).text;
}

class Looking implements Look {
  readonly program: Program;
  readonly types;
  readonly depth: number;
  readonly #room: Room;

  constructor(program: Program, depth: number, room: Room) {
    this.program = program;
    this.types = program.types;
    this.depth = depth;
    this.#room = room;
  }

  get width(): number {
    const { widths, characters } = this.#room;
    return Math.min(widths[this.depth] ?? widths.at(-1) ?? 0, Math.max(characters, 30));
  }

  get few(): number {
    return this.#room.few;
  }

  get brief(): boolean {
    return this.depth >= this.#room.deepest || this.#room.parts <= 0 || this.#room.characters <= 0;
  }

  inside(value: Value): Shown {
    if (this.#room.parts-- <= 0) return leaf('…', '');
    const shown = new Looking(this.program, this.depth + 1, this.#room).viewed(value);
    this.#room.characters -= shown.text.length;
    return shown;
  }

  through(value: Value): Shown {
    if (this.#room.parts-- <= 0) return leaf('…', typeName(value.type, this.types));
    return this.viewed(value);
  }

  show(value: Value): Shown {
    return show(value, this.program);
  }

  viewed(value: Value): Shown {
    const { bytes } = value;
    if (bytes instanceof MissingBytes && bytes.pointsTo === undefined)
      return leaf(cut(remark(bytes.read().reason), WIDEST), typeName(value.type, this.types));
    try {
      const place = resolved(value, this.types);
      const all = this.#view(place);
      const fixed = all.assign !== undefined && !isSettable(place, all.assign, this.types);
      const shown = fixed ? unsettable(all) : all;
      const { widest } = this.#room;
      return shown.text.length <= widest ? shown : wrapped(shown, shown.type, cut(shown.text, widest));
    } catch (error) {
      if (error instanceof Unreadable) return this.#unreadable(value, error.reason);
      return this.#unreadable(
        value,
        `the view of it failed: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }

  #view(value: Value): Shown {
    const type = this.types.bare(value.type);
    return unsizedView(value, type, this) ?? viewOf(type)(value, type, this);
  }

  /** What can't be shown as what it should be still has its members; of what lies nowhere there are none. */
  #unreadable(value: Value, reason: string): Shown {
    const name = typeName(value.type, this.types);
    const struct = structOf(value, this.types);
    const start = value.bytes.read(0, 1);
    const isNowhere = value.bytes.address === undefined && isMissing(start);
    const text = cut(remark(isNowhere ? start.reason : `not readable: ${reason}`), WIDEST);
    const parts = struct?.members.filter(({ offset }) => !isNowhere || !isMissing(value.bytes.read(offset, 1))) ?? [];
    if (struct === undefined || parts.length === 0) return leaf(text, name, { address: value.bytes.address });
    const members = (): readonly Child[] =>
      parts.map((member) => {
        const part = memberValue(value, struct, member, this.types);
        return { name: member.name, path: `.${member.name}`, value: part, shown: () => this.show(part) };
      });
    return withFields(text, name, parts.length, members, value.bytes.address);
  }
}

const chosen = new WeakMap<Type, View<Type>>();

function viewOf(type: Type): View<Type> {
  const known = chosen.get(type);
  if (known !== undefined) return known;
  const view = choose(type);
  chosen.set(type, view);
  return view;
}

function choose(type: Type): View<Type> {
  switch (type.kind) {
    case 'base':
      return (value, _, look) => baseView(value, type, look);
    case 'enum':
      return (value, _, look) => enumView(value, type, look);
    case 'pointer':
      return type.name === ''
        ? (value, _, look) => pointerOfC(value, type, look)
        : (value, _, look) => pointerView(value, type, look);
    case 'array':
      return (value, _, look) =>
        isRust(type.element, look.types) ? rustArray(value, type, look) : arrayOfC(value, type, look);
    case 'struct': {
      if (type.size === undefined && type.members.length === 0)
        return (value, _, look) =>
          leaf(remark('declared only: what is in it is not in the debug info'), typeName(value.type, look.types), {
            address: value.bytes.address,
          });
      const library = libraryView(type);
      if (library !== undefined) return (value, _, look) => library(value, type, look);
      if (type.variants !== undefined) return (value, _, look) => variantsView(value, type, look);
      if (isOfC(type)) return (value, _, look) => structOfC(value, type, look);
      return (value, _, look) => structView(value, type, look);
    }
    case 'function':
      return (value, _, look) =>
        leaf(remark('code'), typeName(value.type, look.types), { address: value.bytes.address });
    case 'unknown':
      return (value, _, look) =>
        leaf(
          remark(type.name === 'void' ? 'of no type' : `not readable: ${type.reason}`),
          typeName(value.type, look.types),
          {
            address: value.bytes.address,
          },
        );
    default:
      return (value, _, look) => leaf(remark('its type refers to itself'), typeName(value.type, look.types));
  }
}
