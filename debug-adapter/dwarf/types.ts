// The types of a program (DWARF 5 §5), each read when somebody asks for it first. Declarations become their definitions, wherever those are. Not
// values: those are the room source/. Never throws: what can't be read is an UnknownType.
import { At } from './constants.ts';
import { DieReader } from './die-reader.ts';
import type { DwarfFile } from './dwarf-file.ts';
import type { ArrayType, DieOffset, Type, Types } from './type.ts';
import { isStructTag, UnitOutline } from './types-enclosing.ts';
import { isSigned, readType, type TypeSurroundings } from './types-read.ts';
import type { Unit } from './units.ts';

const VOID: Type = { kind: 'unknown', name: 'void', die: 0, reason: 'it has no type' };

/** Types that stand for others are nested at most so deep; in garbage they may be rings. */
const MOST_ALIASES = 64;

/** Index, in the program's files, of a file of a unit's line table (DW_AT_decl_file); -1: not known. */
export type FileOf = (unit: Unit, file: number) => number;

export class TypeGraph implements Types {
  readonly #file: DwarfFile;
  readonly #fileOf: FileOf;
  readonly #types = new Map<DieOffset, Type>();
  /** Types that are being read. */
  #depth = 0;
  readonly #outlines = new Map<Unit, UnitOutline>();
  /** Units whose vtables are in `#vtables`: those before this one. */
  #vtableUnits = 0;
  readonly #vtables = new Map<number, DieOffset>();
  #definitions: Map<string, DieOffset[]> | undefined;

  constructor(file: DwarfFile, fileOf: FileOf = () => -1) {
    this.#file = file;
    this.#fileOf = fileOf;
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
    return this.#definitionsNamed(name);
  }

  definedBeside(die: DieOffset, path: string): DieOffset | undefined {
    const unit = this.#file.unitOf(die);
    if (unit === undefined) return undefined;
    const outline = this.#outline(unit);
    const reader = new DieReader(this.#file);
    for (const candidate of outline.definitions) {
      const name = reader.at(candidate) ? reader.string(At.Name) : undefined;
      // most names differ already at their ends
      if (name === undefined || !path.endsWith(name)) continue;
      if ([...outline.namesAround(candidate, reader), name].join('::') === path) return candidate;
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
    const { fixed } = this.#outline(unit);
    const reader = new DieReader(this.#file);
    for (let n = 0; n + 1 < fixed.length; n += 2) {
      const address = fixed[n] ?? 0;
      // Of one that was dropped only the tombstone is left. Of two at one place, the same in all their bytes, the first counts.
      if (address === 0 || address >= 0xffff_fffe || this.#vtables.has(address)) continue;
      if (!reader.at(fixed[n + 1] ?? 0)) continue;
      const type = reader.reference(At.Type);
      if (type === undefined || !reader.at(type)) continue;
      const concrete = reader.reference(At.ContainingType);
      if (concrete !== undefined) this.#vtables.set(address, concrete);
    }
  }

  #outline(unit: Unit): UnitOutline {
    let outline = this.#outlines.get(unit);
    if (outline === undefined) {
      outline = new UnitOutline(new DieReader(this.#file), unit);
      this.#outlines.set(unit, outline);
    }
    return outline;
  }

  readonly #surroundings: TypeSurroundings = {
    sizeAt: (type) => (type === undefined ? undefined : this.sizeOf(this.at(type))),
    signedAt: (type) => {
      const bare = this.bare(type);
      if (bare.kind === 'enum') return this.#surroundings.signedAt(bare.underlying);
      return bare.kind === 'base' ? isSigned(bare.encoding) : undefined;
    },
    file: (reader, index) => this.#fileOf(reader.unit, index),
    namespaceOf: (die) => this.#namespaceOf(die),
    keep: (type: ArrayType) => this.#types.set(type.die, type),
  };

  #namespaceOf(die: DieOffset): string[] {
    const unit = this.#file.unitOf(die);
    return unit === undefined ? [] : this.#outline(unit).namesAround(die, new DieReader(this.#file));
  }

  #read(die: DieOffset): Type {
    const reader = new DieReader(this.#file);
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
    const reader = new DieReader(this.#file);
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
    const candidates = this.#definitionsNamed(name);
    if (candidates.length === 0) return undefined;
    const namespace = this.#namespaceOf(offset).join('::');
    const other = new DieReader(this.#file);
    let found: DieOffset | undefined;
    for (const candidate of candidates) {
      if (!other.at(candidate) || (other.tag !== tag && !(isStructTag(other.tag) && isStructTag(tag)))) continue;
      if (this.#namespaceOf(candidate).join('::') !== namespace) continue;
      // One of the same unit before those of others: C may have two of one name.
      if (this.#file.unitOf(candidate) === unit) return candidate;
      found ??= candidate;
    }
    return found;
  }

  #definitionsNamed(name: string): readonly DieOffset[] {
    if (this.#definitions === undefined) {
      this.#definitions = new Map();
      const reader = new DieReader(this.#file);
      for (const unit of this.#file.units)
        for (const die of this.#outline(unit).definitions) {
          const its = reader.at(die) ? reader.string(At.Name) : undefined;
          if (its === undefined) continue;
          const known = this.#definitions.get(its);
          if (known === undefined) this.#definitions.set(its, [die]);
          else known.push(die);
        }
    }
    return this.#definitions.get(name) ?? [];
  }
}
