// The types of a program (DWARF 5 §5), each read when somebody asks for it first. Declarations become their definitions, wherever those are. Not
// values: those are the room source/. Never throws: what can't be read is an UnknownType.
import { At } from './constants.ts';
import { DieReader } from './die-reader.ts';
import type { DwarfFile } from './dwarf-file.ts';
import { uleb, unsignedOf } from './sections.ts';
import type { ArrayType, DieOffset, Type, Types } from './type.ts';
import { definitionsIn, isStructTag } from './types-definitions.ts';
import { isSigned, readType, type TypeSurroundings } from './types-read.ts';
import { UnitTable } from './unit-table.ts';
import type { Unit } from './units.ts';

const VOID: Type = { kind: 'unknown', name: 'void', die: 0, reason: 'it has no type' };

/** Types that stand for others are nested at most so deep; in garbage they may be rings. */
const MOST_ALIASES = 64;

/** Definitions of one name and path that are looked at for a declaration; a program has one in each unit at the most. */
const MOST_CANDIDATES = 1000;

/** What namespaces and types without a name are called where a function's path needs them. */
const ANONYMOUS = '(anonymous namespace)';

/** DW_OP_addr and DW_OP_addrx: all that the location of a vtable is. */
const OP_ADDR = 0x03;
const OP_ADDRX = 0xa1;

/** Index, in the program's files, of a file of a unit's line table (DW_AT_decl_file); -1: not known. */
export type FileOf = (unit: Unit, file: number) => number;

export class TypeGraph implements Types {
  readonly #file: DwarfFile;
  readonly #fileOf: FileOf;
  readonly #types = new Map<DieOffset, Type>();
  /** Types that are being read. */
  #depth = 0;
  readonly #units: UnitTable;
  /** By depth: a type may ask for others while it is read. */
  readonly #readers: DieReader[] = [];
  readonly #other: DieReader;
  /** Units whose vtables are in `#vtables`: those before this one. */
  #vtableUnits = 0;
  readonly #vtables = new Map<number, DieOffset>();
  #allDefinitions: ReadonlyMap<string, readonly DieOffset[]> | undefined;
  /** By name, then by path. */
  readonly #paths = new Map<string, ReadonlyMap<string, readonly DieOffset[]>>();
  readonly #definitions = new Map<Unit, ReadonlyMap<string, readonly DieOffset[]>>();

  constructor(file: DwarfFile, fileOf: FileOf = () => -1, units: UnitTable = new UnitTable(file)) {
    this.#file = file;
    this.#fileOf = fileOf;
    this.#units = units;
    this.#other = new DieReader(file);
  }

  at(die: DieOffset | undefined): Type {
    if (die === undefined) return VOID;
    const known = this.#types.get(die);
    if (known !== undefined) return known;
    if (this.#depth >= MOST_ALIASES)
      return { kind: 'unknown', name: '', die, reason: 'it lies too deep within others' };
    // What is found where a type asks for itself while it is read.
    this.#types.set(die, { kind: 'unknown', name: '', die, reason: 'it is described by itself' });
    this.#depth++;
    const type = this.#read(die);
    this.#depth--;
    this.#types.set(die, type);
    return type;
  }

  bare(die: DieOffset | undefined): Type {
    let type = this.at(die);
    for (let n = 0; type.kind === 'typedef' || type.kind === 'modified'; n++) {
      if (n >= MOST_ALIASES) return { kind: 'unknown', name: type.name, die: type.die, reason: 'it stands for itself' };
      type = this.at(type.target);
    }
    return type;
  }

  sizeOf(type: Type): number | undefined {
    return this.#sizeOf(type, MOST_ALIASES);
  }

  #sizeOf(type: Type, depth: number): number | undefined {
    switch (type.kind) {
      case 'base':
      case 'pointer':
      case 'struct':
      case 'enum':
        return type.size;
      case 'array': {
        if (type.count === 0) return 0;
        if (depth === 0 || type.count === undefined) return undefined;
        const element = this.#sizeOf(this.at(type.element), depth - 1);
        return element === undefined ? undefined : element * type.count;
      }
      case 'typedef':
      case 'modified':
        return depth === 0 ? undefined : this.#sizeOf(this.at(type.target), depth - 1);
      default:
        return undefined;
    }
  }

  definedAs(name: string): readonly DieOffset[] {
    if (this.#allDefinitions === undefined) {
      const all = new Map<string, DieOffset[]>();
      for (const unit of this.#file.units)
        for (const [its, dies] of this.#definedIn(unit)) {
          const same = all.get(its);
          if (same === undefined) all.set(its, [...dies]);
          else for (const die of dies) same.push(die);
        }
      this.#allDefinitions = all;
    }
    return this.#allDefinitions.get(name) ?? [];
  }

  definedBeside(die: DieOffset, path: string): DieOffset | undefined {
    const unit = this.#file.unitOf(die);
    if (unit === undefined) return undefined;
    const index = this.#units.indexOf(unit);
    // `::` may stand in generics too: which of the names it is that the path ends with tells what is around it.
    for (const [name, candidates] of this.#definedIn(unit)) {
      if (!path.endsWith(name)) continue;
      for (const candidate of candidates)
        if ([...index.namesAround(candidate, this.#other), name].join('::') === path) return candidate;
    }
    return undefined;
  }

  vtableAt(address: number): DieOffset | undefined {
    const { units } = this.#file;
    for (;;) {
      const known = this.#vtables.get(address);
      if (known !== undefined) return known;
      const unit = units[this.#vtableUnits];
      if (unit === undefined) return undefined;
      this.#vtableUnits++;
      this.#findVtables(unit);
    }
  }

  /** rustc describes each vtable as a variable whose type says which concrete type it is of (DW_AT_containing_type). */
  #findVtables(unit: Unit): void {
    const reader = this.#other;
    for (const variable of this.#units.indexOf(unit).variables) {
      if (!reader.at(variable)) continue;
      const address = fixedAddress(reader);
      // Of one that was dropped only the tombstone is left. Of two at one place, the same in all their bytes, the first counts.
      if (address === undefined || address === 0 || address >= 0xffff_fffe || this.#vtables.has(address)) continue;
      const type = reader.reference(At.Type);
      if (type === undefined || !reader.at(type)) continue;
      const concrete = reader.reference(At.ContainingType);
      if (concrete !== undefined) this.#vtables.set(address, concrete);
    }
  }

  readonly #surroundings: TypeSurroundings = {
    sizeAt: (type) => (type === undefined ? undefined : this.sizeOf(this.at(type))),
    signedAt: (type) => {
      let bare = this.bare(type);
      for (let n = 0; bare.kind === 'enum' && n < MOST_ALIASES; n++) bare = this.bare(bare.underlying);
      return bare.kind === 'base' ? isSigned(bare.encoding) : undefined;
    },
    file: (reader, index) => this.#fileOf(reader.unit, index),
    namespaceOf: (die) => this.#namespaceOf(die),
    keep: (type: ArrayType) => this.#types.set(type.die, type),
  };

  #namespaceOf(die: DieOffset): string[] {
    const unit = this.#file.unitOf(die);
    if (unit === undefined) return [];
    return this.#units
      .indexOf(unit)
      .namesAround(die, this.#other)
      .filter((name) => name !== ANONYMOUS);
  }

  #read(die: DieOffset): Type {
    this.#readers[this.#depth] ??= new DieReader(this.#file);
    const reader = this.#readers[this.#depth] ?? this.#other;
    if (!reader.at(die)) return { kind: 'unknown', name: '', die, reason: 'its DIE cannot be read' };
    const declaration = reader.flag(At.Declaration);
    const definition = declaration ? this.#definitionOf(reader) : undefined;
    if (definition !== undefined && definition !== die) return this.at(definition);
    if (!reader.at(die)) return { kind: 'unknown', name: '', die, reason: 'its DIE cannot be read' };
    const declared = declaration
      ? undefined
      : (reader.reference(At.Specification) ?? reader.reference(At.AbstractOrigin));
    const type = readType(reader, this.#surroundings);
    return declared === undefined ? type : this.#named(type, declared);
  }

  /** A definition that completes a declaration has its name and its place there (§5.7.1). */
  #named(type: Type, declared: DieOffset): Type {
    const reader = this.#other;
    if ((type.kind !== 'struct' && type.kind !== 'enum') || !reader.at(declared)) return type;
    const name = type.name === '' ? (reader.string(At.Name) ?? '') : type.name;
    return { ...type, name, namespace: this.#namespaceOf(declared) };
  }

  /** Where the declaration that the reader stands on is defined: by its signature (§5.7.1), else by its name and kind. */
  #definitionOf(reader: DieReader): DieOffset | undefined {
    const signed = reader.reference(At.Signature);
    if (signed !== undefined) return signed;
    const name = reader.string(At.Name);
    if (name === undefined) return undefined;
    const { tag, offset, unit } = reader;
    const path = this.#namespaceOf(offset).join('::');
    const other = this.#other;
    let found: DieOffset | undefined;
    for (const candidate of this.#definedAt(name).get(path)?.slice(0, MOST_CANDIDATES) ?? []) {
      if (!other.at(candidate) || (other.tag !== tag && !(isStructTag(other.tag) && isStructTag(tag)))) continue;
      // One of the same unit before those of others: C may have two of one name.
      if (other.unit === unit) return candidate;
      found ??= candidate;
    }
    return found;
  }

  /** Definitions of that name, by what is around them: optimised Rust declares a type in one unit and defines it in another. */
  #definedAt(name: string): ReadonlyMap<string, readonly DieOffset[]> {
    const known = this.#paths.get(name);
    if (known !== undefined) return known;
    const paths = new Map<string, DieOffset[]>();
    for (const die of this.definedAs(name)) {
      const path = this.#namespaceOf(die).join('::');
      const same = paths.get(path);
      if (same === undefined) paths.set(path, [die]);
      else same.push(die);
    }
    this.#paths.set(name, paths);
    return paths;
  }

  /** What a unit defines, by names without the path. */
  #definedIn(unit: Unit): ReadonlyMap<string, readonly DieOffset[]> {
    const known = this.#definitions.get(unit);
    if (known !== undefined) return known;
    const definitions = new Map<string, DieOffset[]>();
    const reader = this.#other;
    for (const die of definitionsIn(unit, reader)) {
      const name = reader.at(die) ? reader.string(At.Name) : undefined;
      if (name === undefined) continue;
      const same = definitions.get(name);
      if (same === undefined) definitions.set(name, [die]);
      else same.push(die);
    }
    this.#definitions.set(unit, definitions);
    return definitions;
  }
}

/** The address that is the whole location of the variable that the reader stands on. */
function fixedAddress(reader: DieReader): number | undefined {
  const block = reader.block(At.Location);
  if (block === undefined) return undefined;
  const { bytes } = reader.file;
  const { addressSize } = reader.unit;
  switch (bytes[block.start]) {
    case OP_ADDR:
      return block.end === block.start + 1 + addressSize ? unsignedOf(bytes, block.start + 1, addressSize) : undefined;
    case OP_ADDRX:
      return reader.indexedAddress(uleb(bytes, block.start + 1));
    default:
      return undefined;
  }
}
