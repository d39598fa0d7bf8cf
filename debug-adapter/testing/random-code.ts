// Writes function bodies at random: nested control of every kind, dead code, calls, memories, tables, numbers. Valid by
// construction. Only tests import it.
import {
  FC_BASE,
  FD_BASE,
  featureOf,
  Immediate,
  OPCODE_LIMIT,
  opcodeImmediate,
  opcodeNamed,
  opcodeNames,
  opcodeSignature,
} from '../wasm/opcodes.ts';
import { ByteWriter } from '../wasm/writer.ts';
import {
  BUDGET,
  type FunctionShape,
  I32_CONSTANTS,
  type Letter,
  type RandomSource,
  TYPE_BYTE,
} from './random-source.ts';

interface Label {
  /** What a branch to it takes. */
  readonly takes: readonly Letter[];
}

/** Instructions of numbers only, by the type of their result. */
function numericInstructions(simd: boolean): Record<Letter, number[]> {
  const byResult: Record<Letter, number[]> = { i: [], l: [], f: [], d: [], v: [] };
  for (let opcode = 0; opcode < OPCODE_LIMIT; opcode++) {
    const signature = opcodeSignature[opcode]!;
    if (!/^[ilfdv]+:[ilfdv]$/.test(signature)) continue;
    if (!simd && featureOf(opcode) === 'simd') continue;
    if (featureOf(opcode) === 'relaxed-simd') continue;
    const immediate = opcodeImmediate[opcode];
    if (immediate !== Immediate.None && immediate !== Immediate.Lane && immediate !== Immediate.Shuffle) continue;
    byResult[signature.at(-1) as Letter].push(opcode);
  }
  return byResult;
}

/** Writes function bodies; `types` grows as it goes. */
export class CodeGenerator {
  readonly #source: RandomSource;
  readonly #numeric: Record<Letter, number[]>;
  readonly #letters: readonly Letter[];
  readonly #depth: number;
  readonly shapes: FunctionShape[] = [];
  readonly types: FunctionShape[] = [];
  #code = new ByteWriter();
  #locals: Letter[] = [];
  #labels: Label[] = [];
  #results: readonly Letter[] = [];
  /** Bounds the size of a function: each instruction takes one. */
  #room = 0;

  constructor(
    source: RandomSource,
    choices: { readonly simd?: boolean; readonly functions?: number; readonly depth?: number },
  ) {
    this.#source = source;
    this.#numeric = numericInstructions(choices.simd ?? false);
    this.#letters = choices.simd ? ['i', 'l', 'f', 'd', 'v'] : ['i', 'l', 'f', 'd'];
    this.#depth = choices.depth ?? 5;
    const count = choices.functions ?? 1 + this.#source.below(5);
    for (let n = 0; n < count; n++) this.shapes.push(this.#shape());
  }

  #shape(): FunctionShape {
    // Vectors can't cross the border to JavaScript.
    const plain = (letters: Letter[]) => letters.map((letter) => (letter === 'v' ? 'i' : letter));
    return {
      parameters: plain(this.#source.some(this.#letters, 3)),
      results: plain(this.#source.some(this.#letters, this.#source.chance(0.2) ? 5 : 2)),
    };
  }

  /** The index of a type. */
  type(shape: FunctionShape): number {
    const known = this.types.findIndex(
      (type) => type.parameters.join() === shape.parameters.join() && type.results.join() === shape.results.join(),
    );
    return known >= 0 ? known : this.types.push(shape) - 1;
  }

  #op(name: string, ...immediates: number[]): void {
    this.#opcode(opcodeNamed(name));
    for (const immediate of immediates) this.#code.u32(immediate);
  }

  #opcode(opcode: number): void {
    this.#room--;
    if (opcode >= FD_BASE) {
      this.#code.byte(0xfd);
      this.#code.u32(opcode - FD_BASE);
    } else if (opcode >= FC_BASE) {
      this.#code.byte(0xfc);
      this.#code.u32(opcode - FC_BASE);
    } else this.#code.byte(opcode);
  }

  #constant(letter: Letter): void {
    const code = this.#code;
    switch (letter) {
      case 'i':
        code.byte(0x41);
        code.s32(this.#source.chance(0.8) ? this.#source.one(I32_CONSTANTS) : this.#source.below(2 ** 32) | 0);
        break;
      case 'l':
        code.byte(0x42);
        code.s64(
          (BigInt(this.#source.one(I32_CONSTANTS)) << BigInt(this.#source.one([0, 0, 0, 16, 32]))) +
            BigInt(this.#source.one([0, 0, 1])),
        );
        break;
      case 'f':
        code.raw(0x43, ...new Uint8Array(Float32Array.of(this.#source.float()).buffer));
        break;
      case 'd':
        code.raw(0x44, ...new Uint8Array(Float64Array.of(this.#source.float()).buffer));
        break;
      case 'v':
        code.raw(0xfd, 0x0c);
        for (let n = 0; n < 16; n++) code.byte(this.#source.chance(0.5) ? 0 : this.#source.below(256));
    }
  }

  /** Code that pushes one value. */
  #value(letter: Letter, depth: number): void {
    if (depth <= 0 || this.#room <= 0) {
      const locals = this.#locals.flatMap((type, index) => (type === letter ? [index] : []));
      if (locals.length > 0 && this.#source.chance(0.6)) this.#op('local.get', this.#source.one(locals));
      else this.#constant(letter);
      return;
    }
    switch (this.#source.below(14)) {
      case 0:
        this.#constant(letter);
        break;
      case 1:
      case 2: {
        const locals = this.#locals.flatMap((type, index) => (type === letter ? [index] : []));
        if (locals.length === 0) {
          this.#value(letter, 0);
          break;
        }
        if (this.#source.chance(0.7)) this.#op('local.get', this.#source.one(locals));
        else {
          this.#value(letter, depth - 1);
          this.#op('local.tee', this.#source.one(locals));
        }
        break;
      }
      case 3:
        this.#block([letter], depth - 1);
        break;
      case 4:
        this.#value(letter, depth - 1);
        this.#value(letter, depth - 1);
        this.#value('i', depth - 1);
        if (letter !== 'v' && this.#source.chance(0.7)) this.#op('select');
        else this.#op('select_t', 1, TYPE_BYTE[letter]);
        break;
      case 5:
        this.#address(depth - 1);
        this.#op(
          { i: 'i32.load', l: 'i64.load', f: 'f32.load', d: 'f64.load', v: 'v128.load' }[letter],
          0,
          this.#source.one([0, 4, 65530, 70000]),
        );
        break;
      case 6: {
        const shapes = this.shapes.flatMap((shape, index) =>
          shape.results[0] === letter && shape.results.length === 1 ? [index] : [],
        );
        if (shapes.length === 0) {
          this.#value(letter, depth - 1);
          break;
        }
        this.#call(this.#source.one(shapes), depth - 1);
        break;
      }
      case 7: {
        const globals: Record<Letter, number[]> = { i: [1, 5], l: [2], f: [3], d: [4, 6], v: [] };
        if (globals[letter].length === 0) {
          this.#value(letter, depth - 1);
          break;
        }
        this.#op('global.get', this.#source.one(globals[letter]));
        break;
      }
      default: {
        const opcode = this.#source.one(this.#numeric[letter]);
        for (const operand of opcodeSignature[opcode]!.split(':')[0]!) this.#value(operand as Letter, depth - 1);
        this.#opcode(opcode);
        if (opcodeImmediate[opcode] === Immediate.Lane)
          this.#code.byte(this.#source.below(/64x2/.test(opcodeNames[opcode]!) ? 2 : 4));
        if (opcodeImmediate[opcode] === Immediate.Shuffle)
          for (let n = 0; n < 16; n++) this.#code.byte(this.#source.below(32));
      }
    }
  }

  /** An address, mostly within the memory. */
  #address(depth: number): void {
    this.#value('i', depth);
    if (this.#source.chance(0.9)) {
      this.#code.byte(0x41);
      this.#code.s32(0xfff0);
      this.#op('i32.and');
    }
  }

  #call(index: number, depth: number): void {
    const shape = this.shapes[index]!;
    for (const parameter of shape.parameters) this.#value(parameter, depth);
    if (this.#source.chance(0.3)) {
      this.#code.byte(0x41);
      this.#code.s32(this.#source.chance(0.9) ? index : this.#source.below(8));
      this.#op('call_indirect', this.type(shape), 0);
    } else this.#op('call', index);
  }

  /** A block, loop or if, in all shapes, that pushes `results`. */
  #block(results: readonly Letter[], depth: number): void {
    const parameters = this.#source.chance(0.25) ? this.#source.some(this.#letters, 2) : [];
    const kind = this.#source.below(4);
    for (const parameter of parameters) this.#value(parameter, depth - 1);
    if (kind === 2 || kind === 3) this.#value('i', depth - 1);
    this.#op(kind === 0 ? 'block' : kind === 1 ? 'loop' : 'if');
    // An if without else gives what it takes.
    const bare = kind === 3 && parameters.join() === results.join();
    if (parameters.length === 0 && results.length < 2 && this.#source.chance(0.8))
      this.#code.byte(results.length === 0 ? 0x40 : TYPE_BYTE[results[0]!]);
    else this.#code.typeIndex(this.type({ parameters, results }));
    this.#labels.push({ takes: kind === 1 ? parameters : results });
    if (kind === 1) this.#spend();
    this.#arm(parameters, results, depth);
    if (kind >= 2 && !bare) {
      this.#op('else');
      this.#arm(parameters, results, depth);
    }
    this.#labels.pop();
    this.#op('end');
  }

  #arm(parameters: readonly Letter[], results: readonly Letter[], depth: number): void {
    if (parameters.join() === results.join() && this.#source.chance(0.3)) {
      this.#statement(depth - 1);
      return;
    }
    for (let n = parameters.length; n > 0; n--) this.#op('drop');
    this.#statements(depth);
    for (const result of results) this.#value(result, depth - 1);
  }

  /** Counts down, and traps at the end. */
  #spend(): void {
    this.#op('global.get', BUDGET);
    this.#code.raw(0x41, 1);
    this.#op('i32.sub');
    this.#op('global.set', BUDGET);
    this.#op('global.get', BUDGET);
    this.#code.raw(0x41, 0);
    this.#op('i32.lt_s');
    this.#code.raw(0x04, 0x40, 0x00, 0x0b);
  }

  #statements(depth: number): void {
    for (let left = this.#source.below(4); left > 0; left--) this.#statement(depth - 1);
  }

  /** Code that leaves the stack as it was, or never comes to its end. */
  #statement(depth: number): void {
    if (depth <= 0 || this.#room <= 0) {
      if (this.#source.chance(0.3)) this.#op('nop');
      return;
    }
    switch (this.#source.below(15)) {
      case 0:
      case 1: {
        if (this.#locals.length === 0) return;
        const local = this.#source.below(this.#locals.length);
        this.#value(this.#locals[local]!, depth - 1);
        this.#op('local.set', local);
        break;
      }
      case 2: {
        const global = 1 + this.#source.below(4);
        this.#value((['i', 'l', 'f', 'd'] as const)[global - 1]!, depth - 1);
        this.#op('global.set', global);
        break;
      }
      case 3:
      case 4: {
        const letter = this.#source.one(this.#letters);
        this.#address(depth - 1);
        this.#value(letter, depth - 1);
        this.#op(
          { i: 'i32.store8', l: 'i64.store', f: 'f32.store', d: 'f64.store', v: 'v128.store' }[letter],
          0,
          this.#source.one([0, 8, 300]),
        );
        break;
      }
      case 5:
      case 6:
      case 7: {
        const results = this.#source.some(this.#letters, 2);
        this.#block(results, depth - 1);
        for (let left = results.length; left > 0; left--) this.#op('drop');
        break;
      }
      case 8: {
        const index = this.#source.below(this.shapes.length);
        this.#call(index, depth - 1);
        for (let left = this.shapes[index]!.results.length; left > 0; left--) this.#op('drop');
        break;
      }
      case 9:
        this.#branch(depth);
        break;
      case 10: {
        const label = this.#source.below(this.#labels.length);
        const { takes } = this.#label(label);
        for (const letter of takes) this.#value(letter, depth - 1);
        this.#value('i', depth - 1);
        this.#op('br_if', label);
        for (let left = takes.length; left > 0; left--) this.#op('drop');
        break;
      }
      case 11:
        this.#bulk(depth);
        break;
      case 12:
        this.#value(this.#source.one(this.#letters), depth - 1);
        this.#op('drop');
        break;
      case 13:
        if (this.#source.chance(0.2)) this.#op('unreachable');
        break;
      default:
        this.#op('nop');
    }
  }

  #label(label: number): Label {
    return this.#labels[this.#labels.length - 1 - label]!;
  }

  /** Leaves: br, br_table, return, tail call. What follows is dead. */
  #branch(depth: number): void {
    const label = this.#source.below(this.#labels.length);
    const { takes } = this.#label(label);
    switch (this.#source.below(4)) {
      case 0:
        for (const letter of takes) this.#value(letter, depth - 1);
        this.#op('br', label);
        break;
      case 1: {
        const same = Array.from(this.#labels.keys()).filter(
          (other) => this.#label(other).takes.join() === takes.join(),
        );
        for (const letter of takes) this.#value(letter, depth - 1);
        this.#value('i', depth - 1);
        const targets = Array.from({ length: this.#source.below(4) }, () => this.#source.one(same));
        this.#op('br_table', targets.length, ...targets, label);
        break;
      }
      case 2:
        for (const letter of this.#results) this.#value(letter, depth - 1);
        this.#op('return');
        break;
      default: {
        const shapes = this.shapes.flatMap((shape, index) =>
          shape.results.join() === this.#results.join() ? [index] : [],
        );
        const index = this.#source.one(shapes);
        const shape = this.shapes[index]!;
        for (const parameter of shape.parameters) this.#value(parameter, depth - 1);
        if (this.#source.chance(0.5)) this.#op('return_call', index);
        else {
          this.#code.byte(0x41);
          this.#code.s32(index);
          this.#op('return_call_indirect', this.type(shape), 0);
        }
      }
    }
  }

  #bulk(depth: number): void {
    const size = () => {
      this.#value('i', depth - 1);
      this.#code.byte(0x41);
      this.#code.s32(this.#source.one([0, 3, 255, 0x7fff]));
      this.#op('i32.and');
    };
    switch (this.#source.below(7)) {
      case 0:
        size();
        this.#value('i', depth - 1);
        size();
        this.#op('memory.fill', 0);
        break;
      case 1:
        size();
        size();
        size();
        this.#op('memory.copy', 0, 0);
        break;
      case 2:
        size();
        this.#code.raw(0x41, this.#source.below(12), 0x41, this.#source.below(12));
        this.#op('memory.init', 0, 0);
        break;
      case 3:
        this.#code.raw(0x41, this.#source.below(3));
        this.#op('memory.grow', 0);
        this.#op('drop');
        break;
      case 4:
        if (this.#source.chance(0.2)) this.#op('data.drop', 0);
        break;
      case 5:
        this.#code.raw(0x41, this.#source.below(4), 0x41, this.#source.below(4), 0x41, this.#source.below(4));
        this.#op('table.copy', 0, 0);
        break;
      default:
        this.#op('memory.size', 0);
        this.#op('drop');
    }
  }

  /** A body of this shape, from its local declarations to its end. */
  function(shape: FunctionShape): Uint8Array {
    const extra = this.#source.some(this.#letters, 4);
    this.#locals = [...shape.parameters, ...extra];
    this.#labels = [{ takes: shape.results }];
    this.#results = shape.results;
    this.#room = 400;
    this.#code = new ByteWriter();
    this.#code.u32(extra.length);
    for (const letter of extra) this.#code.raw(1, TYPE_BYTE[letter]);
    this.#spend();
    this.#statements(this.#depth + 1);
    for (const result of shape.results) this.#value(result, this.#depth);
    this.#op('end');
    return this.#code.bytes().slice();
  }
}
