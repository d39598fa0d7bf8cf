// Pointers of the source as expressions compute with them: what one points to, `&x`, and C's arithmetic, by what lies there. Contracts S6, P2.
import { isMissing } from '../dwarf/location.ts';
import type { DieOffset } from '../dwarf/type.ts';
import type { Program, Shown, Value as SourceBytes } from '../source/value.ts';
import { pointedTo } from '../source/views/dereference.ts';
import { quotedBytes } from '../source/views/text.ts';
import { isRust, typeName } from '../source/views/type-name.ts';
import { elementInC, pointerInC } from './source-parts.ts';
import { TypedPointer } from './typed-pointer.ts';
import type { Value } from './values.ts';

/** Makes a value of expressions of what lies somewhere. */
type Make = (value: SourceBytes) => Value;

/** The address that a pointer, a reference or an array of C stands for; undefined: it is none of these. */
export function addressIn(value: SourceBytes, program: Program, shown: () => Shown): number | undefined {
  if (elementInC(value, program) !== undefined) return value.bytes.address;
  if (pointerInC(value, program) === undefined) return pointedTo(value, program)?.bytes.address;
  const { text, address } = shown();
  return text === 'NULL' ? 0 : address;
}

/** Bytes of a text of C that are shown. */
const MOST_SHOWN = 200;

/** The text up to its zero byte; undefined: there is none. */
export function textAt(address: number, program: Program): string | undefined {
  const most = Math.min(MOST_SHOWN, program.memorySize - address);
  const bytes = address > 0 && most > 0 ? program.memory(address).read(0, most) : undefined;
  if (bytes === undefined || isMissing(bytes)) return undefined;
  const end = bytes.indexOf(0);
  const { text } = quotedBytes(bytes.slice(0, end < 0 ? most : end), end >= 0);
  return text;
}

/** What C's texts are made of. */
function isLetter(target: DieOffset | undefined, { types }: Program): boolean {
  const type = types.bare(target);
  return type.kind === 'base' && type.size === 1 && /^(?:signed )?char$/.test(type.name);
}

function pointer(program: Program, type: string, target: DieOffset | undefined, at: number, make: Make, step?: number) {
  const { types, memorySize } = program;
  const pointee = {
    memorySize,
    size: types.sizeOf(types.bare(target)) ?? 1,
    at: (address: number) => make({ type: target, bytes: program.memory(address) }),
    ...(isLetter(target, program) ? { text: (address: number) => textAt(address, program) } : {}),
  };
  return new TypedPointer(type, at, pointee, step);
}

/** `&value`; undefined: it does not lie in memory. What is of Rust has a number for its address, which moves by bytes. */
export function referenceTo(value: SourceBytes, program: Program, make: Make): TypedPointer | undefined {
  const { address } = value.bytes;
  if (address === undefined) return undefined;
  const step = isRust(value.type, program.types) ? 1 : undefined;
  return pointer(program, `*${typeName(value.type, program.types)}`, value.type, address, make, step);
}

/** What one step of a pointer of C, or of an array that stands for one, goes over. */
const steppedOver = (value: SourceBytes, program: Program): DieOffset | undefined =>
  elementInC(value, program) ?? pointerInC(value, program)?.target;

/** Bytes of one step; undefined: it is no pointer of C. */
export function stepOf(value: SourceBytes, program: Program): number | undefined {
  const target = steppedOver(value, program);
  return target === undefined ? undefined : program.types.sizeOf(program.types.bare(target));
}

/** A pointer of C, or an array, as one that can be moved; undefined: it is neither. */
export function pointerLike(value: SourceBytes, at: number, program: Program, make: Make): TypedPointer | undefined {
  const target = steppedOver(value, program);
  return target === undefined ? undefined : pointer(program, typeName(value.type, program.types), target, at, make);
}
