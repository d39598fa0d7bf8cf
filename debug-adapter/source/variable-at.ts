// A variable at a place of the code: where it is, and what lies there, with what else its type needs. Whether that is its value tells validity.ts.
// One for frames and for breakpoints' conditions, which keep the location of a variable from hit to hit. Contract S6.
import { isMissing, type Location, type Machine } from '../dwarf/location.ts';
import type { DwarfProgram, Scope, Variable } from '../dwarf/program.ts';
import { bytesAt } from './bytes.ts';
import type { Bytes, Value } from './value.ts';
import { memberNamed, unsignedOf } from './views/reading.ts';
import { asWritten, declaredAt } from './visible-variables.ts';

/** Dimensions of an array that are looked at. */
const MOST_DIMENSIONS = 8;

const NOWHERE = { kind: 'unavailable', reason: 'the function around it is not known' } as const;

export class VariableAt {
  readonly variable: Variable;
  readonly #dwarf: DwarfProgram;
  readonly #function: Scope | undefined;
  readonly #offset: number;
  readonly #isCaller: boolean;
  readonly #size: number | undefined;
  /** What a thread has for itself lies in a storage of std's. */
  readonly #isStored: boolean;
  /** The variables that have the dimensions of a VLA of C, each by its DIE. */
  readonly #counts: readonly (readonly [die: number, variable: Variable])[];
  /** Its type needs nothing else. */
  readonly #isPlain: boolean;

  /** @param isCaller its Wasm locals can't be set: only those of the machine's innermost frame can */
  constructor(dwarf: DwarfProgram, variable: Variable, scope: Scope | undefined, offset: number, isCaller = false) {
    const { types } = dwarf;
    this.variable = variable;
    this.#dwarf = dwarf;
    this.#function = scope;
    this.#offset = offset;
    this.#isCaller = isCaller;
    this.#size = types.sizeOf(types.bare(variable.type));
    const { name, type } = variable;
    this.#isStored = name !== asWritten(name) && types.at(type).name.startsWith('EagerStorage<');
    this.#counts = scope === undefined ? [] : countsOf(dwarf, variable, scope);
    this.#isPlain = !this.#isStored && this.#counts.length === 0;
  }

  locate(machine: Machine): Location {
    return this.#function === undefined
      ? NOWHERE
      : this.#dwarf.locate(this.variable, this.#function, this.#offset, machine);
  }

  /** What lies at `location`, where it was found to be. */
  value(location: Location, machine: Machine): Value {
    const { type } = this.variable;
    // a condition comes by a million times a second
    if (this.#isPlain && location.kind === 'memory') return { type, bytes: bytesAt(location, machine) };
    const bytes = bytesAt(location, machine, {
      size: this.#size,
      fixed: this.#isCaller,
      described: (die) => this.#described(die, machine),
    });
    if (this.#isStored) {
      const stored = memberNamed({ type, bytes }, this.#dwarf.types, 'value');
      if (stored !== undefined) return stored;
    }
    if (this.#counts.length === 0) return { type, bytes };
    const counts = this.#counted(machine);
    return counts.size === 0 ? { type, bytes } : { type, bytes, counts };
  }

  /** What a DIE describes, to which the place of the variable refers; one that refers on is not followed. */
  #described(die: number, machine: Machine): Bytes | undefined {
    const scope = this.#function;
    if (scope === undefined) return undefined;
    const location = this.#dwarf.locate({ ...this.variable, die, type: undefined }, scope, this.#offset, machine);
    return bytesAt(location, machine, { fixed: this.#isCaller });
  }

  #counted(machine: Machine): Map<number, number> {
    const counts = new Map<number, number>();
    const { types } = this.#dwarf;
    for (const [die, variable] of this.#counts) {
      const location = this.#function && this.#dwarf.locate(variable, this.#function, this.#offset, machine);
      const size = Math.min(types.sizeOf(types.bare(variable.type)) ?? 4, 6);
      const read = location && bytesAt(location, machine).read(0, size);
      if (read !== undefined && !isMissing(read)) counts.set(die, Number(unsignedOf(read)));
    }
    return counts;
  }
}

function countsOf({ types }: DwarfProgram, { type }: Variable, scope: Scope): (readonly [number, Variable])[] {
  const found: (readonly [number, Variable])[] = [];
  let array = types.bare(type);
  for (let depth = 0; array.kind === 'array' && depth < MOST_DIMENSIONS; depth++) {
    const { countIn } = array;
    array = types.bare(array.element);
    const variable = countIn === undefined ? undefined : declaredAt(scope, countIn);
    if (countIn !== undefined && variable !== undefined) found.push([countIn, variable]);
  }
  return found;
}
