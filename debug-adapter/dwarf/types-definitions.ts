// The types that a unit defines: where definitions of declared types are looked for (DWARF 5 §5.7.1). One walk that goes into namespaces and types, and
// over functions. Not what the types are: types-read.ts.
import { At, Tag } from './constants.ts';
import type { DieReader } from './die-reader.ts';
import type { DieOffset } from './type.ts';
import type { Unit } from './units.ts';

export function isStructTag(tag: number): boolean {
  return tag === Tag.StructureType || tag === Tag.ClassType || tag === Tag.UnionType || tag === Tag.InterfaceType;
}

/** Structures, unions, classes and enumerations that the unit defines, those in other types included, those in functions not. */
export function definitionsIn(unit: Unit, reader: DieReader): DieOffset[] {
  const definitions: DieOffset[] = [];
  let depth = 0;
  let on = reader.root(unit) && reader.child();
  for (;;) {
    if (!on) {
      // Behind a list of children `next` goes on behind their parent.
      if (depth-- === 0) return definitions;
      on = reader.next();
      continue;
    }
    const { tag } = reader;
    const holds = isStructTag(tag) || tag === Tag.Namespace || tag === Tag.Module;
    if ((isStructTag(tag) || tag === Tag.EnumerationType) && !reader.flag(At.Declaration))
      definitions.push(reader.offset);
    if (holds && reader.hasChildren) {
      depth++;
      on = reader.child();
    } else on = reader.next();
  }
}
