// Types and memory made by hand, for tests of views: layouts of other compiler versions, and garbage. Only tests import it.
import type { DieOffset, EnumType, Member, StructType, Type, Types } from '../../dwarf/type.ts';
import { MemoryBytes } from '../bytes.ts';
import type { Program, Shown, Value } from '../value.ts';
import { show } from './show.ts';

export const Encoding = {
  Boolean: 2,
  ComplexFloat: 3,
  Float: 4,
  Signed: 5,
  SignedChar: 6,
  Unsigned: 7,
  Char: 8,
  Utf: 16,
};

type Field = readonly [name: string, type: DieOffset, offset: number, more?: Partial<Member>];

const memberOf = ([name, type, offset, more]: Field): Member => ({
  name,
  type,
  offset,
  bits: undefined,
  artificial: false,
  inheritance: false,
  ...more,
});

/** A program of one page of memory, and types that are defined one by one. */
export class Made implements Program {
  readonly bytes: Uint8Array;
  readonly types: Types;
  readonly functions = new Map<number, string>();
  readonly vtables = new Map<number, DieOffset>();
  /** Times that memory was read. */
  reads = 0;
  readonly #defined: Type[] = [];

  constructor(size = 0x10000) {
    this.bytes = new Uint8Array(size);
    const at = (die: DieOffset | undefined): Type =>
      (die === undefined ? undefined : this.#defined[die]) ?? {
        kind: 'unknown',
        name: 'void',
        die: -1,
        reason: 'void',
      };
    // types may refer to themselves
    const bare = (die: DieOffset | undefined, depth = 0): Type => {
      const type = at(die);
      return (type.kind === 'typedef' || type.kind === 'modified') && depth < 20 ? bare(type.target, depth + 1) : type;
    };
    const sizeOf = (type: Type, depth = 0): number | undefined => {
      if (type.kind === 'array') {
        const size = depth < 20 ? sizeOf(at(type.element), depth + 1) : undefined;
        return size === undefined || type.count === undefined ? undefined : size * type.count;
      }
      if (type.kind === 'typedef' || type.kind === 'modified')
        return depth < 20 ? sizeOf(bare(type.target), depth + 1) : undefined;
      return type.kind === 'unknown' || type.kind === 'function' ? undefined : type.size;
    };
    this.types = {
      at,
      bare: (die) => bare(die),
      sizeOf: (type) => sizeOf(type),
      definedAs: (name) => this.#defined.filter((type) => type.name === name).map(({ die }) => die),
      definedBeside: (_, path) => this.types.definedAs(path.split('::').at(-1) ?? '')[0],
      vtableAt: (address) => this.vtables.get(address),
    };
  }

  get memorySize(): number {
    return this.bytes.length;
  }

  memory(address: number): MemoryBytes {
    const read = (at: number, length: number) => {
      this.reads++;
      return at >= 0 && length >= 0 && at + length <= this.bytes.length
        ? this.bytes.subarray(at, at + length)
        : { reason: `address ${at} is outside memory` };
    };
    return new MemoryBytes(read, address);
  }

  functionNamed(index: number): { name: string; offset: number } | undefined {
    const name = this.functions.get(index);
    return name === undefined ? undefined : { name, offset: 0 };
  }

  define(type: Type): DieOffset {
    this.#defined.push({ ...type, die: this.#defined.length });
    return this.#defined.length - 1;
  }

  base(name: string, encoding: number, size: number): DieOffset {
    return this.define({ kind: 'base', name, die: 0, encoding, size });
  }

  /** `path` is its namespaces and its name: `alloc::vec::Vec<u8>`. */
  struct(path: string, size: number, fields: readonly Field[], more: Partial<StructType> = {}): DieOffset {
    const split = /^((?:\w+::)*)(.*)$/.exec(path);
    return this.define({
      kind: 'struct',
      name: split?.[2] ?? '',
      die: 0,
      union: false,
      namespace: split?.[1]?.split('::').filter((part) => part !== '') ?? [],
      size,
      members: fields.map(memberOf),
      variants: undefined,
      templates: [],
      containing: undefined,
      declaredAt: undefined,
      ...more,
    });
  }

  /** Variants by their values of the discriminant at offset 0; undefined: all other values. */
  choice(
    path: string,
    size: number,
    discriminant: DieOffset,
    variants: readonly (readonly [name: string, value: bigint | undefined, payload: DieOffset, line?: number])[],
  ): DieOffset {
    return this.struct(path, size, [], {
      variants: {
        discriminant: memberOf(['', discriminant, 0]),
        variants: variants.map(([name, value, payload, line]) => ({
          values: value === undefined ? [] : [{ low: value, high: value }],
          members: [memberOf([name, payload, 0, line === undefined ? {} : { declaredAt: { file: 0, line } }])],
        })),
      },
    });
  }

  pointer(name: string, target: DieOffset | undefined): DieOffset {
    return this.define({ kind: 'pointer', name, die: 0, reference: false, target, size: 4 });
  }

  array(element: DieOffset, count: number | undefined): DieOffset {
    return this.define({ kind: 'array', name: '', die: 0, element, count });
  }

  enumeration(
    path: string,
    underlying: DieOffset,
    all: Readonly<Record<string, bigint>>,
    more: Partial<EnumType> = {},
  ): DieOffset {
    const enumerators = Object.entries(all).map(([name, value]) => ({ name, value }));
    const [name = '', ...namespace] = path.split('::').reverse();
    return this.define({
      kind: 'enum',
      name,
      die: 0,
      namespace: namespace.reverse(),
      size: 4,
      underlying,
      enumerators,
      ...more,
    });
  }

  /** Writes 32-bit words, little-endian. */
  words(address: number, ...words: readonly number[]): this {
    const view = new DataView(this.bytes.buffer);
    for (const [at, word] of words.entries()) view.setUint32(address + at * 4, word, true);
    return this;
  }

  text(address: number, text: string): this {
    this.bytes.set(new TextEncoder().encode(text), address);
    return this;
  }

  value(type: DieOffset, address: number): Value {
    return { type, bytes: this.memory(address) };
  }

  show(type: DieOffset, address: number): Shown {
    return show(this.value(type, address), this);
  }
}

/** Sets a value as a session does; the refusal where there is one. */
export function set(made: Made, shown: Shown, text: string): string | undefined {
  const assigned = shown.assign?.(text) ?? { reason: 'It can not be set.' };
  if ('reason' in assigned) return assigned.reason;
  for (const { to, bytes } of assigned.writes) made.bytes.set(bytes, to.address);
  return undefined;
}

/** Types that many tests use. */
export function rust(made: Made) {
  const u8 = made.base('u8', Encoding.Unsigned, 1);
  const u32 = made.base('u32', Encoding.Unsigned, 4);
  const usize = made.base('usize', Encoding.Unsigned, 4);
  const i32 = made.base('i32', Encoding.Signed, 4);
  const unit = made.base('()', Encoding.Unsigned, 0);
  const bytePointer = made.pointer('*const u8', u8);
  const nonNull = made.struct('core::ptr::non_null::NonNull<u8>', 4, [['pointer', bytePointer, 0]]);
  const unique = made.struct('core::ptr::unique::Unique<u8>', 4, [['pointer', nonNull, 0]]);
  const rawVec = made.struct('alloc::raw_vec::RawVec<u8>', 8, [
    ['ptr', unique, 0],
    ['cap', usize, 4],
  ]);
  const vec = (element: DieOffset) =>
    made.struct(
      'alloc::vec::Vec<T, alloc::alloc::Global>',
      12,
      [
        ['buf', rawVec, 0],
        ['len', usize, 8],
      ],
      { templates: [{ name: 'T', type: element }] },
    );
  const string = made.struct('alloc::string::String', 12, [['vec', vec(u8), 0]]);
  return { u8, u32, usize, i32, unit, bytePointer, nonNull, unique, rawVec, vec, string };
}
