// `address as *app::User`: pointers to types of the program that a person makes, where the plugin itself has none or one of another type.
// Contracts S6, P2.
import { isMissing } from '../dwarf/location.ts';
import type { DieOffset } from '../dwarf/type.ts';
import type { Program } from '../source/value.ts';
import { readCell } from './cells.ts';
import { EvaluationError } from './error.ts';
import { cellOf, WIDTHS } from './numbers.ts';
import { SourceValue } from './source-value.ts';
import type { CellType } from './syntax.ts';
import { Compound, exact, shown, type Value } from './values.ts';

/** What such a pointer points to: a number of memory's, a type of the program's, or another pointer. */
type Target = { readonly cell: CellType } | { readonly die: DieOffset } | { readonly pointer: Target };

class TypedPointer extends Compound {
  override readonly type: string;
  readonly #program: Program;
  readonly #target: Target;
  readonly #at: number;

  constructor(program: Program, type: string, target: Target, at: number) {
    super();
    this.type = type;
    this.#program = program;
    this.#target = target;
    this.#at = at;
  }
  override text(): string {
    return `0x${this.#at.toString(16)}`;
  }
  override plain(): Value {
    return this.#at;
  }
  override get numberType(): string {
    return 'u32';
  }
  override equals(other: Compound): boolean {
    return other.plain() === this.#at;
  }
  override deref(): Value {
    return this.index(0);
  }
  override member(name: string): Value {
    const target = this.deref();
    return target instanceof Compound ? target.member(name) : undefined;
  }
  override index(index: Value): Value {
    const count = exact(index);
    if (typeof count !== 'number' || !Number.isInteger(count))
      throw new EvaluationError(`${shown(count)} is no index behind a pointer`);
    const address = this.#at + count * this.#size();
    if (address <= 0 || address + this.#size() > this.#program.memorySize)
      throw new EvaluationError(`0x${Math.max(0, address).toString(16)} lies outside the plugin's memory`);
    const target = this.#target;
    if ('die' in target)
      return new SourceValue(this.#program, { type: target.die, bytes: this.#program.memory(address) });
    const cell = 'cell' in target ? target.cell : 'u32';
    const bytes = this.#program.memory(address).read(0, WIDTHS[cell].bytes);
    if (isMissing(bytes)) throw new EvaluationError(bytes.reason);
    const value = readCell(cell, bytes, 0);
    return 'pointer' in target
      ? new TypedPointer(this.#program, this.type.slice(1), target.pointer, Number(value))
      : value;
  }
  #size(): number {
    if ('cell' in this.#target) return WIDTHS[this.#target.cell].bytes;
    if ('pointer' in this.#target) return 4;
    const { types } = this.#program;
    return types.sizeOf(types.at(this.#target.die)) ?? 1;
  }
}

/** Casts to pointers, for a Scope. */
export function castIn(program: Program): (value: Value, type: string) => Value {
  return (value, type) => {
    const [, stars = '', name = ''] = /^(\**)(.*)$/s.exec(type) ?? [];
    if (stars === '') {
      if (named(name, program) === undefined) return undefined;
      throw new EvaluationError(`only numbers and pointers are cast: write as *${name} for what lies at an address`);
    }
    const found = targetNamed(name, program);
    if (found === undefined) return undefined;
    const address = addressOf(value);
    let target = found;
    for (let n = 1; n < stars.length; n++) target = { pointer: target };
    return new TypedPointer(program, type, target, address);
  };
}

function targetNamed(name: string, program: Program): Target | undefined {
  const cell = cellOf(name);
  if (cell !== undefined) return { cell };
  const die = named(name, program);
  return die === undefined ? undefined : { die };
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
  const address = typeof plain === 'number' ? plain : value instanceof SourceValue ? value.shown.address : undefined;
  if (address === undefined || !Number.isInteger(address) || address < -0x8000_0000 || address > 0xffff_ffff)
    throw new EvaluationError(`${shown(value)} is no address`);
  return address < 0 ? address + 0x1_0000_0000 : address;
}
