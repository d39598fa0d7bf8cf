// `address as *app::User`: pointers to types of the program that a person makes, where the plugin itself has none or one of another type.
// Contracts S6, P2.
import { isMissing } from '../dwarf/location.ts';
import type { DieOffset } from '../dwarf/type.ts';
import { HeldBytes } from '../source/bytes.ts';
import type { Program } from '../source/value.ts';
import { bytesOf } from '../source/views/literals.ts';
import { readCell } from './cells.ts';
import { EvaluationError } from './error.ts';
import { codeOf } from './functions.ts';
import { cellOf, isCellType, WIDTHS, wrap } from './numbers.ts';
import { numberTypeOf } from './source-parts.ts';
import { textAt } from './source-pointer.ts';
import { SourceValue } from './source-value.ts';
import type { CellType } from './syntax.ts';
import { type Pointee, TypedPointer } from './typed-pointer.ts';
import { Compound, exact, shown, type Value } from './values.ts';

/** What such a pointer points to: a number of memory's, a type of the program's, or another pointer. */
type Target =
  | { readonly cell: CellType; readonly isText?: boolean }
  | { readonly die: DieOffset }
  | { readonly pointer: Target };

/** What a pointer to it is made of. */
function pointeeOf(target: Target, type: string, program: Program): Pointee {
  const { memorySize, types } = program;
  if ('die' in target) {
    const { die } = target;
    return {
      memorySize,
      size: types.sizeOf(types.bare(die)) ?? 1,
      at: (address) => new SourceValue(program, { type: die, bytes: program.memory(address) }),
    };
  }
  const cell = 'cell' in target ? target.cell : 'u32';
  return {
    memorySize,
    size: WIDTHS[cell].bytes,
    at: (address) => {
      const bytes = program.memory(address).read(0, WIDTHS[cell].bytes);
      if (isMissing(bytes)) throw new EvaluationError(bytes.reason);
      const value = readCell(cell, bytes, 0);
      if (!('pointer' in target)) return value;
      return new TypedPointer(type.slice(1), Number(value), pointeeOf(target.pointer, type.slice(1), program));
    },
    ...('cell' in target && target.isText === true ? { text: (address) => textAt(address, program) } : {}),
  };
}

/** Casts to types of the program and to pointers, for a Scope. */
export function castIn(program: Program): (value: Value, type: string) => Value {
  return (value, type) => {
    const [, stars = '', name = ''] = /^(\**)(.*)$/s.exec(type) ?? [];
    if (stars === '') return castTo(named(name, program), name, value, program);
    const found = targetNamed(name, program);
    if (found === undefined) return undefined;
    const address = addressOf(value);
    let target = found;
    for (let n = 1; n < stars.length; n++) target = { pointer: target };
    return new TypedPointer(type, address, pointeeOf(target, type, program));
  };
}

/** `(enum color)1`, `(identifier)-1`: a number as a type of the program has it. */
function castTo(die: DieOffset | undefined, name: string, value: Value, program: Program): Value {
  if (die === undefined) return undefined;
  const { types } = program;
  const type = types.bare(die);
  const plain = codeOf(value) ?? exact(value);
  const size = types.sizeOf(type);
  const isWhole = (typeof plain === 'number' && Number.isSafeInteger(plain)) || typeof plain === 'bigint';
  const cell = numberTypeOf({ type: die, bytes: new HeldBytes(new Uint8Array(size ?? 0)) }, program);
  if (cell !== undefined && isCellType(cell) && isWhole) return wrap(cell, plain, { source: name, column: 1 });
  if (type.kind !== 'enum' || size === undefined || !isWhole)
    throw new EvaluationError(`only numbers and pointers are cast: write as *${name} for what lies at an address`);
  return new SourceValue(program, { type: die, bytes: new HeldBytes(bytesOf(BigInt(plain), size)) });
}

function targetNamed(name: string, program: Program): Target | undefined {
  const cell = cellOf(name);
  if (cell !== undefined) return { cell };
  const die = named(name, program);
  if (die !== undefined) return { die };
  return name === 'char' ? { cell: 'i8', isText: true } : undefined;
}

/** The type of that name, or of a path that ends with it. */
function named(name: string, { types }: Program): DieOffset | undefined {
  const path = name.replace(/^(?:crate|self|super)::/, '').split('::');
  const around = path.slice(0, -1);
  return types.definedAs(path.at(-1) ?? '').find((die) => {
    const type = types.at(die);
    if (type.kind !== 'struct' && type.kind !== 'enum') return around.length === 0 && type.kind !== 'unknown';
    const { namespace } = type;
    return around.every((part, at) => namespace[namespace.length - around.length + at] === part);
  });
}

/** A negative i32 counts as unsigned. @throws EvaluationError */
function addressOf(value: Value): number {
  const plain = exact(value);
  // of text behind a pointer of C the pointer is meant
  const address = typeof plain === 'number' ? plain : value instanceof Compound ? value.pointsAt() : undefined;
  if (address === undefined || !Number.isInteger(address) || address < -0x8000_0000 || address > 0xffff_ffff)
    throw new EvaluationError(`${shown(value)} is no address`);
  return address < 0 ? address + 0x1_0000_0000 : address;
}
