// Fuzz target: debug information that lies. Nothing throws; what comes out lies inside of the code, is in order, is of bounded size and depth; what
// can't be read is told in sentences. Locations are evaluated, types followed.
import { openDwarf } from '../../../dwarf/dwarf.ts';
import type { Location, Machine } from '../../../dwarf/location.ts';
import type { DwarfProgram, LineRows, Scope, Variable } from '../../../dwarf/program.ts';
import type { DieOffset, Type } from '../../../dwarf/type.ts';
import { parseModule, SectionId } from '../../../wasm/module.ts';
import type { Bytes } from '../bytes.ts';
import { makeDwarf } from '../dwarf-inputs.ts';
import { expect, expectSentence, type FuzzTarget } from '../target.ts';

/** A program in which everything can be had but the last page of memory. */
const machine: Machine = {
  local: (index) => (index < 1000 ? BigInt(index) * 0x1234567n : { reason: 'there is no such local' }),
  global: (index) => (index < 10 ? 0x10000n : { reason: 'there is no such global' }),
  operand: (index) => (index < 100 ? BigInt(index) : { reason: 'there is no such operand' }),
  memory(address, length) {
    if (address < 0 || length < 0 || address + length > 0xffff_0000) return { reason: 'it lies outside of memory' };
    return new Uint8Array(Math.min(length, 1 << 20)).fill(address & 0xff);
  },
  frameBase: () => ({ reason: 'the prologue does not tell' }),
  stackPointer: () => undefined,
  entry: () => ({ reason: 'nobody knows' }),
};

/** What one input may ask for, so that the check's own time is bounded. */
const MOST_TYPES = 300;
const MOST_VARIABLES = 300;
const MOST_PLACES = 40;

class Check {
  readonly #program: DwarfProgram;
  readonly #codeStart: number;
  readonly #codeEnd: number;
  readonly #types = new Set<DieOffset>();
  #variables = 0;

  constructor(program: DwarfProgram, codeStart: number, codeEnd: number) {
    this.#program = program;
    this.#codeStart = codeStart;
    this.#codeEnd = codeEnd;
  }

  run(): void {
    const program = this.#program;
    const { lines } = program;
    this.#rows(lines);
    const places = new Set([this.#codeStart, this.#codeEnd - 1, this.#codeEnd, 0, -1, 0.5, Number.NaN, 2 ** 32]);
    const step = Math.max(1, Math.floor(lines.count / MOST_PLACES));
    for (let row = 0; row < lines.count; row += step) places.add(lines.offset[row]!);
    for (let n = 1; n < 10; n++) places.add(this.#codeStart + Math.floor(((this.#codeEnd - this.#codeStart) * n) / 10));
    for (const place of places) this.#place(place);
    for (const pattern of ['*', 'recursive', '*::inner', 'main', '', '::', 'x'.repeat(2000)])
      for (const { name, offset } of program.functionsNamed(pattern)) {
        expect(this.#inside(offset), () => `function ${name} begins at ${offset}`);
        expect(name.length < 1 << 20, () => `a function's name has ${name.length} characters`);
      }
    for (const address of [0, 1024, -1, 2 ** 32 - 1]) this.#follow(program.types.vtableAt(address));
    expect(program.problems.length <= 1000, () => `${program.problems.length} problems are told`);
    for (const problem of program.problems) expectSentence(problem, 'a problem');
  }

  #inside(offset: number): boolean {
    return Number.isInteger(offset) && offset >= this.#codeStart && offset <= this.#codeEnd;
  }

  #rows({ count, offset, file, files }: LineRows): void {
    let last = 0;
    for (let row = 0; row < count; row++) {
      expect(offset[row]! >= last, () => `row ${row} goes back`);
      expect(this.#inside(offset[row]!), () => `row ${row} is at ${offset[row]}, outside of the code`);
      expect(file[row]! < files.length, () => `row ${row} is of file ${file[row]}, of ${files.length}`);
      last = offset[row]!;
    }
    for (const path of files) expect(typeof path === 'string' && path.length < 1 << 20, () => `a file is ${path}`);
  }

  #place(place: number): void {
    const unit = this.#program.unitAt(place);
    for (const text of [unit?.name, unit?.producer, unit?.directory])
      expect(text === undefined || typeof text === 'string', () => `a unit says ${typeof text}`);
    for (const variable of this.#program.statics(place)) this.#variable(variable, undefined, place);
    const scope = this.#program.functionAt(place);
    if (scope === undefined) return;
    expect(scope.kind === 'function', () => `a ${scope.kind} is taken for a function`);
    expect(holds(scope, place), () => `the function at ${place} is of ${scope.ranges.join(' ')}`);
    this.#scope(scope, scope, place, 0);
  }

  #scope(scope: Scope, around: Scope, place: number, depth: number): void {
    expect(depth < 2000, () => `scopes are ${depth} deep`);
    const { ranges } = scope;
    expect(ranges.length % 2 === 0, () => `${ranges.length} ends of ranges`);
    for (let n = 0; n < ranges.length; n += 2) {
      expect(ranges[n]! <= ranges[n + 1]!, () => `a range goes back: ${ranges.join(' ')}`);
      expect(n === 0 || ranges[n]! >= ranges[n - 2]!, () => `ranges are not in order: ${ranges.join(' ')}`);
      expect(
        this.#inside(ranges[n]!) && this.#inside(ranges[n + 1]!),
        () => `a range is outside of the code: ${ranges}`,
      );
    }
    const { files } = this.#program.lines;
    for (const { file, line } of [scope.declared, scope.called ?? scope.declared])
      expect(file >= -1 && file < files.length && line >= 0, () => `declared at line ${line} of file ${file}`);
    this.#follow(scope.result);
    for (const variable of scope.variables) this.#variable(variable, around, place);
    for (const inner of scope.scopes) this.#scope(inner, around, place, depth + 1);
  }

  #variable(variable: Variable, around: Scope | undefined, place: number): void {
    if (this.#variables++ > MOST_VARIABLES) return;
    expect(typeof variable.name === 'string', () => `a variable's name is a ${typeof variable.name}`);
    this.#follow(variable.type);
    const functionScope = around ?? this.#program.functionAt(place);
    if (functionScope !== undefined) this.#location(this.#program.locate(variable, functionScope, place, machine), 0);
  }

  #location(location: Location, depth: number): void {
    expect(depth < 3, () => 'pieces are made of pieces');
    switch (location.kind) {
      case 'memory':
        expect(
          Number.isInteger(location.address) && location.address >= 0 && location.address < 2 ** 32,
          () => `a variable is at ${location.address}`,
        );
        break;
      case 'bytes':
        expect(location.bytes.length <= 1 << 20, () => `a constant of ${location.bytes.length} bytes`);
        break;
      case 'pieces':
        for (const piece of location.pieces) this.#location(piece.location, depth + 1);
        break;
      case 'unavailable':
        expectSentence(location.reason, 'a reason', 500);
        break;
      case 'implicitPointer':
        break;
      default:
        expect(Number.isInteger(location.index) && location.index >= 0, () => `${location.kind} ${location.index}`);
    }
  }

  /** A type and what it refers to. */
  #follow(die: DieOffset | undefined): void {
    const { types } = this.#program;
    const todo = [die];
    while (todo.length > 0 && this.#types.size < MOST_TYPES) {
      const next = todo.pop();
      if (next !== undefined && this.#types.has(next)) continue;
      if (next !== undefined) this.#types.add(next);
      const type = types.at(next);
      const bare = types.bare(next);
      expect(bare.kind !== 'typedef' && bare.kind !== 'modified', () => `a bare type is a ${bare.kind}`);
      const size = types.sizeOf(type);
      expect(size === undefined || (Number.isFinite(size) && size >= 0), () => `a type of ${size} bytes`);
      if (type.kind === 'unknown') expectSentence(type.reason || 'void', 'a reason', 500);
      todo.push(...referred(type));
    }
  }
}

function holds({ ranges }: Scope, place: number): boolean {
  for (let n = 0; n < ranges.length; n += 2) if (place >= ranges[n]! && place < ranges[n + 1]!) return true;
  return false;
}

function referred(type: Type): (DieOffset | undefined)[] {
  switch (type.kind) {
    case 'pointer':
    case 'typedef':
    case 'modified':
      return [type.target];
    case 'array':
      return [type.element];
    case 'enum':
      return [type.underlying];
    case 'function':
      return [type.result, ...type.parameters];
    case 'struct': {
      const inner = type.variants?.variants.flatMap(({ members }) => members) ?? [];
      return [...type.members, ...inner, ...type.templates].map((member) => member.type);
    }
    default:
      return [];
  }
}

function check(bytes: Bytes): void {
  const module = parseModule(bytes); // only what is in custom sections lies
  const code = module.sections.find(({ id }) => id === SectionId.Code);
  const program = openDwarf(module);
  if (program !== undefined && code !== undefined) new Check(program, code.start, code.end).run();
}

export const target: FuzzTarget = {
  name: 'dwarf',
  about: 'debug information: lines, functions, variables, types, locations',
  make: makeDwarf,
  check,
  bounds: { ms: 500, msPerKiB: 20 },
};
