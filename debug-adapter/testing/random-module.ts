// Makes valid modules at random, by a seed: nested control of every kind, dead code, calls, memories, tables, numbers. They
// end by themselves: the exported global `budget` counts down at loops and calls. Only tests import it.
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

export interface RandomChoices {
  readonly seed: number;
  readonly simd?: boolean;
  readonly functions?: number;
  /** How deep expressions and blocks nest. */
  readonly depth?: number;
}

export interface RandomModule {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Exported functions, with random arguments to call them with; i64 as bigint. */
  readonly calls: readonly { readonly name: string; readonly args: readonly (number | bigint)[] }[];
}

type Letter = 'i' | 'l' | 'f' | 'd' | 'v';
const TYPE_BYTE: Record<Letter, number> = { i: 0x7f, l: 0x7e, f: 0x7d, d: 0x7c, v: 0x7b };

interface FunctionShape {
  readonly parameters: readonly Letter[];
  readonly results: readonly Letter[];
}

interface Label {
  /** What a branch to it takes. */
  readonly takes: readonly Letter[];
}

/** mulberry32: small, and the same everywhere. */
function random(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
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

const BUDGET = 0;
const I32_CONSTANTS = [0, 1, -1, 2, 7, 31, 32, 255, 32767, -32768, 65536, 0x7fffffff, -0x80000000];

class Generator {
  readonly #random: () => number;
  readonly #numeric: Record<Letter, number[]>;
  readonly #letters: readonly Letter[];
  readonly #depth: number;
  readonly #shapes: FunctionShape[] = [];
  readonly #types: FunctionShape[] = [];
  #code = new ByteWriter();
  #locals: Letter[] = [];
  #labels: Label[] = [];
  #results: readonly Letter[] = [];
  /** Bounds the size of a function: each instruction takes one. */
  #room = 0;

  constructor(choices: RandomChoices) {
    this.#random = random(choices.seed);
    this.#numeric = numericInstructions(choices.simd ?? false);
    this.#letters = choices.simd ? ['i', 'l', 'f', 'd', 'v'] : ['i', 'l', 'f', 'd'];
    this.#depth = choices.depth ?? 5;
    const count = choices.functions ?? 1 + this.#below(5);
    for (let n = 0; n < count; n++) this.#shapes.push(this.#shape());
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  #one<T>(items: readonly T[]): T {
    return items[this.#below(items.length)]!;
  }

  #chance(part: number): boolean {
    return this.#random() < part;
  }

  #some(most: number): Letter[] {
    return Array.from({ length: this.#below(most + 1) }, () => this.#one(this.#letters));
  }

  #shape(): FunctionShape {
    // Vectors can't cross the border to JavaScript.
    const plain = (letters: Letter[]) => letters.map((letter) => (letter === 'v' ? 'i' : letter));
    return { parameters: plain(this.#some(3)), results: plain(this.#some(this.#chance(0.2) ? 5 : 2)) };
  }

  #type(shape: FunctionShape): number {
    const known = this.#types.findIndex(
      (type) => type.parameters.join() === shape.parameters.join() && type.results.join() === shape.results.join(),
    );
    return known >= 0 ? known : this.#types.push(shape) - 1;
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
        code.s32(this.#chance(0.8) ? this.#one(I32_CONSTANTS) : this.#below(2 ** 32) | 0);
        break;
      case 'l':
        code.byte(0x42);
        code.s64(
          (BigInt(this.#one(I32_CONSTANTS)) << BigInt(this.#one([0, 0, 0, 16, 32]))) + BigInt(this.#one([0, 0, 1])),
        );
        break;
      case 'f':
        code.raw(0x43, ...new Uint8Array(Float32Array.of(this.#float()).buffer));
        break;
      case 'd':
        code.raw(0x44, ...new Uint8Array(Float64Array.of(this.#float()).buffer));
        break;
      case 'v':
        code.raw(0xfd, 0x0c);
        for (let n = 0; n < 16; n++) code.byte(this.#chance(0.5) ? 0 : this.#below(256));
    }
  }

  #float(): number {
    return this.#one([0, -0, 1, -1.5, 2.5, 1e10, -3e-5, Number.POSITIVE_INFINITY, 1e300, 0.1]);
  }

  /** Code that pushes one value. */
  #value(letter: Letter, depth: number): void {
    if (depth <= 0 || this.#room <= 0) {
      const locals = this.#locals.flatMap((type, index) => (type === letter ? [index] : []));
      if (locals.length > 0 && this.#chance(0.6)) this.#op('local.get', this.#one(locals));
      else this.#constant(letter);
      return;
    }
    switch (this.#below(14)) {
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
        if (this.#chance(0.7)) this.#op('local.get', this.#one(locals));
        else {
          this.#value(letter, depth - 1);
          this.#op('local.tee', this.#one(locals));
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
        if (letter !== 'v' && this.#chance(0.7)) this.#op('select');
        else this.#op('select_t', 1, TYPE_BYTE[letter]);
        break;
      case 5:
        this.#address(depth - 1);
        this.#op(
          { i: 'i32.load', l: 'i64.load', f: 'f32.load', d: 'f64.load', v: 'v128.load' }[letter],
          0,
          this.#one([0, 4, 65530, 70000]),
        );
        break;
      case 6: {
        const shapes = this.#shapes.flatMap((shape, index) =>
          shape.results[0] === letter && shape.results.length === 1 ? [index] : [],
        );
        if (shapes.length === 0) {
          this.#value(letter, depth - 1);
          break;
        }
        this.#call(this.#one(shapes), depth - 1);
        break;
      }
      case 7: {
        const globals: Record<Letter, number[]> = { i: [1, 5], l: [2], f: [3], d: [4, 6], v: [] };
        if (globals[letter].length === 0) {
          this.#value(letter, depth - 1);
          break;
        }
        this.#op('global.get', this.#one(globals[letter]));
        break;
      }
      default: {
        const opcode = this.#one(this.#numeric[letter]);
        for (const operand of opcodeSignature[opcode]!.split(':')[0]!) this.#value(operand as Letter, depth - 1);
        this.#opcode(opcode);
        if (opcodeImmediate[opcode] === Immediate.Lane)
          this.#code.byte(this.#below(/64x2/.test(opcodeNames[opcode]!) ? 2 : 4));
        if (opcodeImmediate[opcode] === Immediate.Shuffle)
          for (let n = 0; n < 16; n++) this.#code.byte(this.#below(32));
      }
    }
  }

  /** An address, mostly within the memory. */
  #address(depth: number): void {
    this.#value('i', depth);
    if (this.#chance(0.9)) {
      this.#code.byte(0x41);
      this.#code.s32(0xfff0);
      this.#op('i32.and');
    }
  }

  #call(index: number, depth: number): void {
    const shape = this.#shapes[index]!;
    for (const parameter of shape.parameters) this.#value(parameter, depth);
    if (this.#chance(0.3)) {
      this.#code.byte(0x41);
      this.#code.s32(this.#chance(0.9) ? index : this.#below(8));
      this.#op('call_indirect', this.#type(shape), 0);
    } else this.#op('call', index);
  }

  /** A block, loop or if, in all shapes, that pushes `results`. */
  #block(results: readonly Letter[], depth: number): void {
    const parameters = this.#chance(0.25) ? this.#some(2) : [];
    const kind = this.#below(4);
    for (const parameter of parameters) this.#value(parameter, depth - 1);
    if (kind === 2 || kind === 3) this.#value('i', depth - 1);
    this.#op(kind === 0 ? 'block' : kind === 1 ? 'loop' : 'if');
    // An if without else gives what it takes.
    const bare = kind === 3 && parameters.join() === results.join();
    if (parameters.length === 0 && results.length < 2 && this.#chance(0.8))
      this.#code.byte(results.length === 0 ? 0x40 : TYPE_BYTE[results[0]!]);
    else this.#code.typeIndex(this.#type({ parameters, results }));
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
    if (parameters.join() === results.join() && this.#chance(0.3)) {
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
    for (let left = this.#below(4); left > 0; left--) this.#statement(depth - 1);
  }

  /** Code that leaves the stack as it was, or never comes to its end. */
  #statement(depth: number): void {
    if (depth <= 0 || this.#room <= 0) {
      if (this.#chance(0.3)) this.#op('nop');
      return;
    }
    switch (this.#below(15)) {
      case 0:
      case 1: {
        if (this.#locals.length === 0) return;
        const local = this.#below(this.#locals.length);
        this.#value(this.#locals[local]!, depth - 1);
        this.#op('local.set', local);
        break;
      }
      case 2: {
        const global = 1 + this.#below(4);
        this.#value((['i', 'l', 'f', 'd'] as const)[global - 1]!, depth - 1);
        this.#op('global.set', global);
        break;
      }
      case 3:
      case 4: {
        const letter = this.#one(this.#letters);
        this.#address(depth - 1);
        this.#value(letter, depth - 1);
        this.#op(
          { i: 'i32.store8', l: 'i64.store', f: 'f32.store', d: 'f64.store', v: 'v128.store' }[letter],
          0,
          this.#one([0, 8, 300]),
        );
        break;
      }
      case 5:
      case 6:
      case 7: {
        const results = this.#some(2);
        this.#block(results, depth - 1);
        for (let left = results.length; left > 0; left--) this.#op('drop');
        break;
      }
      case 8: {
        const index = this.#below(this.#shapes.length);
        this.#call(index, depth - 1);
        for (let left = this.#shapes[index]!.results.length; left > 0; left--) this.#op('drop');
        break;
      }
      case 9:
        this.#branch(depth);
        break;
      case 10: {
        const label = this.#below(this.#labels.length);
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
        this.#value(this.#one(this.#letters), depth - 1);
        this.#op('drop');
        break;
      case 13:
        if (this.#chance(0.2)) this.#op('unreachable');
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
    const label = this.#below(this.#labels.length);
    const { takes } = this.#label(label);
    switch (this.#below(4)) {
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
        const targets = Array.from({ length: this.#below(4) }, () => this.#one(same));
        this.#op('br_table', targets.length, ...targets, label);
        break;
      }
      case 2:
        for (const letter of this.#results) this.#value(letter, depth - 1);
        this.#op('return');
        break;
      default: {
        const shapes = this.#shapes.flatMap((shape, index) =>
          shape.results.join() === this.#results.join() ? [index] : [],
        );
        const index = this.#one(shapes);
        const shape = this.#shapes[index]!;
        for (const parameter of shape.parameters) this.#value(parameter, depth - 1);
        if (this.#chance(0.5)) this.#op('return_call', index);
        else {
          this.#code.byte(0x41);
          this.#code.s32(index);
          this.#op('return_call_indirect', this.#type(shape), 0);
        }
      }
    }
  }

  #bulk(depth: number): void {
    const size = () => {
      this.#value('i', depth - 1);
      this.#code.byte(0x41);
      this.#code.s32(this.#one([0, 3, 255, 0x7fff]));
      this.#op('i32.and');
    };
    switch (this.#below(7)) {
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
        this.#code.raw(0x41, this.#below(12), 0x41, this.#below(12));
        this.#op('memory.init', 0, 0);
        break;
      case 3:
        this.#code.raw(0x41, this.#below(3));
        this.#op('memory.grow', 0);
        this.#op('drop');
        break;
      case 4:
        if (this.#chance(0.2)) this.#op('data.drop', 0);
        break;
      case 5:
        this.#code.raw(0x41, this.#below(4), 0x41, this.#below(4), 0x41, this.#below(4));
        this.#op('table.copy', 0, 0);
        break;
      default:
        this.#op('memory.size', 0);
        this.#op('drop');
    }
  }

  #function(shape: FunctionShape): Uint8Array {
    const extra = this.#some(4);
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

  module(): RandomModule {
    const bodies = this.#shapes.map((shape) => this.#function(shape));
    const indices = this.#shapes.map((shape) => this.#type(shape));
    const out = new ByteWriter();
    out.raw(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
    const section = (id: number, write: (body: ByteWriter) => void) => {
      const body = new ByteWriter();
      write(body);
      out.section(id, body.bytes());
    };
    section(1, (body) => {
      body.u32(this.#types.length);
      for (const { parameters, results } of this.#types)
        body.raw(
          0x60,
          parameters.length,
          ...parameters.map((letter) => TYPE_BYTE[letter]),
          results.length,
          ...results.map((letter) => TYPE_BYTE[letter]),
        );
    });
    section(3, (body) => {
      body.u32(indices.length);
      for (const index of indices) body.u32(index);
    });
    section(4, (body) => body.raw(1, 0x70, 1, 8, 8));
    section(5, (body) => body.raw(1, 1, 1, 4));
    section(6, (body) => {
      body.raw(7, 0x7f, 1, 0x41, 0x90, 0x03, 0x0b, 0x7f, 1, 0x41, 5, 0x0b, 0x7e, 1, 0x42, 0x7f, 0x0b);
      body.raw(0x7d, 1, 0x43, 0, 0, 0x80, 0x3f, 0x0b, 0x7c, 1, 0x44, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f, 0x0b);
      body.raw(0x7f, 0, 0x41, 1, 0x41, 1, 0x6b, 0x0b, 0x7c, 0, 0x44, 0, 0, 0, 0, 0, 0, 0, 0, 0x0b);
    });
    section(7, (body) => {
      body.u32(this.#shapes.length + 2);
      body.name('memory');
      body.raw(2, 0);
      body.name('budget');
      body.raw(3, BUDGET);
      for (const index of this.#shapes.keys()) {
        body.name(`f${index}`);
        body.byte(0);
        body.u32(index);
      }
    });
    section(9, (body) => {
      body.raw(1, 0, 0x41, 0, 0x0b);
      body.u32(Math.min(8, this.#shapes.length));
      for (let n = 0; n < Math.min(8, this.#shapes.length); n++) body.u32(n);
    });
    section(12, (body) => body.byte(1));
    section(10, (body) => {
      body.u32(bodies.length);
      for (const bytes of bodies) {
        body.u32(bytes.length);
        body.append(bytes);
      }
    });
    section(11, (body) => body.raw(1, 1, 10, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10));
    const argument = (letter: Letter): number | bigint =>
      letter === 'l' ? BigInt(this.#one(I32_CONSTANTS)) : letter === 'i' ? this.#one(I32_CONSTANTS) : this.#float();
    const calls = this.#shapes.flatMap((shape, index) =>
      [0, 1].map(() => ({ name: `f${index}`, args: shape.parameters.map(argument) })),
    );
    return { bytes: out.bytes().slice(), calls };
  }
}

/** A valid module of `choices`; the same for the same choices. */
export function randomModule(choices: RandomChoices): RandomModule {
  return new Generator(choices).module();
}
