// A value as people see it: picks the view by the type's kind, its namespace and its name. Nothing throws out of here: garbage becomes a row
// that says why it can't be shown. Which views there are: scalars.ts and c-views.ts, rust-*.ts.
import { isMissing } from '../../dwarf/location.ts';
import type { Type } from '../../dwarf/type.ts';
import type { Child, Program, Shown, Value } from '../value.ts';
import { arrayOfC, pointerOfC, structOfC } from './c-views.ts';
import { type Look, leaf, remark, type View, withFields, wrapped } from './look.ts';
import { memberValue, resolved, structOf, Unreadable } from './reading.ts';
import { libraryView } from './rust-library.ts';
import { pointerView, unsizedView } from './rust-pointers.ts';
import { rustArray } from './rust-sequences.ts';
import { structView } from './rust-structs.ts';
import { variantsView } from './rust-variants.ts';
import { baseView, enumView } from './scalars.ts';
import { cut, WIDEST } from './text.ts';
import { isOfC, isRust, typeName } from './type-name.ts';

/** Levels of parts that a text tells of. */
const DEEPEST = 4;
/** Parts that one text may ask for in all. */
const MOST_PARTS = 80;
const WIDTHS = [150, 90, 60, 40, 30];

/** The view of a value. Its children are made when they are asked for, and so are theirs. */
export function show(value: Value, program: Program): Shown {
  return new Looking(program, 0, { parts: MOST_PARTS }).viewed(value);
}

class Looking implements Look {
  readonly program: Program;
  readonly types;
  readonly depth: number;
  readonly #left: { parts: number };

  constructor(program: Program, depth: number, left: { parts: number }) {
    this.program = program;
    this.types = program.types;
    this.depth = depth;
    this.#left = left;
  }

  get width(): number {
    return WIDTHS[Math.min(this.depth, DEEPEST)] ?? 30;
  }

  get brief(): boolean {
    return this.depth >= DEEPEST || this.#left.parts <= 0;
  }

  inside(value: Value): Shown {
    if (this.#left.parts-- <= 0) return leaf('…', '');
    return new Looking(this.program, this.depth + 1, this.#left).viewed(value);
  }

  through(value: Value): Shown {
    if (this.#left.parts-- <= 0) return leaf('…', typeName(value.type, this.types));
    return this.viewed(value);
  }

  show(value: Value): Shown {
    return show(value, this.program);
  }

  viewed(value: Value): Shown {
    try {
      const shown = this.#view(resolved(value, this.types));
      return shown.text.length <= WIDEST ? shown : wrapped(shown, shown.type, cut(shown.text, WIDEST));
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
