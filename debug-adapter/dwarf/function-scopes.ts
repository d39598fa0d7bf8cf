// Reads a function with all that is declared in it: blocks, inlined calls, variables; what concrete DIEs leave out is taken from their abstract
// origins (DWARF 5 §3.3.8, §3.4, §4.1). One pass over the function's DIEs. Not which function: unit-index.ts.
import { Tag } from './constants.ts';
import { calledAt, type Description, describe } from './description.ts';
import { DieReader } from './die-reader.ts';
import type { DwarfFile } from './dwarf-file.ts';
import type { LineTable } from './line-table.ts';
import type { Scope, Variable } from './program.ts';
import { appendRanges, RangesFound } from './ranges.ts';
import type { DieOffset } from './type.ts';

/** Scopes nested deeper are left out. LLVM inlines a few dozen deep. */
const MAX_DEPTH = 256;
/**
 * Variables and scopes of one function, and the characters of their names in hundreds: garbage may refer to one crowded origin, or one long name,
 * from everywhere.
 */
const MAX_ENTRIES = 200_000;
const NAME_COST = 100;

/** A scope while it is read. */
interface Draft {
  readonly variables: Variable[];
  unnamed: Variable | undefined;
  readonly scopes: Scope[];
  /** The variables that have an abstract origin, by it. */
  readonly origins: Map<DieOffset, Variable>;
}

export class FunctionScopes {
  readonly #file: DwarfFile;
  readonly #lines: LineTable;
  /** The name with its path. */
  readonly #qualified: (description: Description) => string;
  /** Stands on the DIEs of the function. */
  readonly #reader: DieReader;
  /** Looks at others meanwhile. */
  readonly #other: DieReader;
  /** Variables directly in an abstract function or block. */
  readonly #abstract = new Map<DieOffset, readonly DieOffset[]>();
  #left = 0;

  constructor(file: DwarfFile, lines: LineTable, qualified: (description: Description) => string) {
    this.#file = file;
    this.#lines = lines;
    this.#qualified = qualified;
    this.#reader = new DieReader(file);
    this.#other = new DieReader(file);
  }

  /** The function at a DW_TAG_subprogram; undefined where it can't be read or has no code. */
  read(die: DieOffset): Scope | undefined {
    const reader = this.#reader;
    this.#left = MAX_ENTRIES;
    if (!reader.at(die)) return undefined;
    const ranges = this.#ranges(undefined);
    if (ranges === undefined) return undefined;
    const scope = this.#scope('function', ranges, 0);
    if (this.#left <= 0)
      this.#file.problem(
        `The function at 0x${die.toString(16)} has more than ${MAX_ENTRIES} variables and scopes; the rest is left out.`,
      );
    return scope;
  }

  /** Ranges of the present DIE as offsets of the file; `around` where it says none; undefined where its code was dropped. */
  #ranges(around: Uint32Array | undefined): Uint32Array | undefined {
    const pairs: number[] = [];
    const found = appendRanges(this.#reader, pairs);
    if (found === RangesFound.None) return around;
    if (found === RangesFound.Dead) return undefined;
    const { codeStart } = this.#file.sections;
    const ranges = new Uint32Array(pairs.length);
    const order = Array.from({ length: pairs.length / 2 }, (_, n) => n).sort((a, b) => pairs[2 * a]! - pairs[2 * b]!);
    for (const [n, one] of order.entries()) {
      ranges[2 * n] = pairs[2 * one]! + codeStart;
      ranges[2 * n + 1] = pairs[2 * one + 1]! + codeStart;
    }
    return ranges;
  }

  /** The scope that the reader stands on; afterwards it stands behind the scope's children, where `next` goes on. */
  #scope(kind: Scope['kind'], ranges: Uint32Array, depth: number): Scope {
    const reader = this.#reader;
    const die = reader.offset;
    const description = describe(this.#other, die, this.#lines);
    const called = kind === 'inlined' ? calledAt(reader, this.#lines) : undefined;
    const name = kind === 'block' ? '' : this.#qualified(description);
    this.#left -= name.length / NAME_COST;
    const draft: Draft = { variables: [], unnamed: undefined, scopes: [], origins: new Map() };
    if (reader.hasChildren) this.#children(draft, ranges, depth);
    const variables = description.origin === undefined ? draft.variables : this.#withOrigins(draft, description.origin);
    return {
      kind,
      die,
      ranges,
      name,
      linkageName: description.linkageName,
      declared: description.declared,
      called,
      variables,
      unnamed: draft.unnamed,
      scopes: draft.scopes,
      result: kind === 'block' ? undefined : description.type,
    };
  }

  #children(draft: Draft, ranges: Uint32Array, depth: number): void {
    const reader = this.#reader;
    for (let on = reader.child(); on; on = reader.next()) {
      switch (reader.tag) {
        case Tag.FormalParameter:
        case Tag.Variable:
          this.#variable(draft);
          break;
        case Tag.LexicalBlock:
        case Tag.TryBlock:
        case Tag.CatchBlock:
        case Tag.WithStmt:
        case Tag.InlinedSubroutine: {
          const inlined = reader.tag === Tag.InlinedSubroutine;
          const inner = this.#ranges(inlined ? undefined : ranges);
          if (inner === undefined || depth >= MAX_DEPTH || this.#left-- <= 0) break;
          draft.scopes.push(this.#scope(inlined ? 'inlined' : 'block', inner, depth + 1));
          break;
        }
      }
    }
  }

  #variable(draft: Draft): void {
    if (this.#left-- <= 0) return;
    const { variable, origin } = this.#read(this.#reader.offset, this.#reader.tag);
    if (origin !== undefined) draft.origins.set(origin, variable);
    // Patterns in the place of a parameter have no name that one could ask for.
    if (variable.name !== '') draft.variables.push(variable);
    else if (variable.kind === 'parameter') draft.unnamed ??= variable;
  }

  #read(die: DieOffset, tag: number): { variable: Variable; origin: DieOffset | undefined } {
    const { name, type, declared, artificial, origin } = describe(this.#other, die, this.#lines);
    this.#left -= name.length / NAME_COST;
    const kind = tag === Tag.FormalParameter ? 'parameter' : 'variable';
    return { variable: { die, name, kind, type, declared, artificial }, origin };
  }

  /** The variables of the abstract function in its order, those among them that this copy left out: they were optimised away. */
  #withOrigins(draft: Draft, abstract: DieOffset): readonly Variable[] {
    const { variables, origins } = draft;
    const all = this.#variablesOf(abstract);
    if (all.every((die) => origins.has(die))) return variables;
    this.#left -= all.length;
    if (this.#left <= 0) return variables;
    const merged: Variable[] = [];
    for (const die of all) {
      const own = origins.get(die);
      if (own === undefined && this.#other.at(die)) merged.push(this.#read(die, this.#other.tag).variable);
      else if (own !== undefined) merged.push(own);
    }
    draft.unnamed ??= merged.find(({ name, kind }) => name === '' && kind === 'parameter');
    const taken = new Set(merged);
    return merged.filter(({ name }) => name !== '').concat(variables.filter((variable) => !taken.has(variable)));
  }

  #variablesOf(abstract: DieOffset): readonly DieOffset[] {
    let variables = this.#abstract.get(abstract);
    if (variables === undefined) {
      const found: DieOffset[] = [];
      const other = this.#other;
      if (other.at(abstract))
        for (let on = other.child(); on; on = other.next())
          if (other.tag === Tag.FormalParameter || other.tag === Tag.Variable) found.push(other.offset);
      variables = found;
      this.#abstract.set(abstract, variables);
    }
    return variables;
  }
}
