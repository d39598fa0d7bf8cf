// Makes the NaN results of float arithmetic canonical (positive, quiet, no payload), because V8 leaves their bits open and
// they change as code gets hot. Relaxed SIMD is pinned to strict results for the same reason. (R3)

import type { InstructionReader } from '../wasm/instructions.ts';
import { FD_BASE, opcodeNamed } from '../wasm/opcodes.ts';
import { F32, V128 } from '../wasm/value-types.ts';
import type { ByteWriter } from '../wasm/writer.ts';
import { ignoresPayload, nanType, nanWidth, strictTwin } from './actions.ts';
import type { Additions } from './additions.ts';
import type { ScratchLocals } from './scratch-locals.ts';

const NAN_32 = [0x00, 0x00, 0xc0, 0x7f];
const NAN_64 = [0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xf8, 0x7f];

const V128_CONST = [0xfd, 0x0c];
const F32X4_EQ = [0xfd, 0x41];
const F64X2_EQ = [0xfd, 0x47];
const BITSELECT = [0xfd, 0x52];

/** The instructions that keep x where x equals itself and give the canonical NaN elsewhere, x being local `x`. */
function keepUnlessNaN(code: ByteWriter, type: number, width: number, x: number): void {
  const get = () => {
    code.byte(0x20);
    code.u32(x);
  };
  if (type === V128) {
    const nan = width === 32 ? NAN_32 : NAN_64;
    code.raw(...V128_CONST);
    for (let n = 0; n < 16 / nan.length; n++) code.raw(...nan);
    get();
    get();
    code.raw(...(width === 32 ? F32X4_EQ : F64X2_EQ), ...BITSELECT);
    return;
  }
  if (type === F32) code.raw(0x43, ...NAN_32);
  else code.raw(0x44, ...NAN_64);
  get();
  get();
  code.raw(type === F32 ? 0x5b : 0x61, 0x1b);
}

export class CanonicalNaN {
  coarse = false;
  readonly #code: ByteWriter;
  readonly #scratch: ScratchLocals;
  readonly #additions: Additions;

  constructor(code: ByteWriter, scratch: ScratchLocals, additions: Additions) {
    this.#code = code;
    this.#scratch = scratch;
    this.#additions = additions;
  }

  /** Whether the instruction that was read last needs it: not where the next one takes its result and ignores payloads. */
  needed(reader: InstructionReader): boolean {
    const type = nanType[reader.opcode]!;
    if (type === 0) return false;
    if (type === V128) return true;
    return ignoresPayload[reader.bytes[reader.end]!] !== 1;
  }

  /** Writes what comes after the instruction. */
  write(opcode: number): void {
    const type = nanType[opcode]!;
    const width = nanWidth[opcode]!;
    const code = this.#code;
    if (this.coarse) {
      const helper = this.#additions.helper(`canonical ${type} ${width}`, [type], [type], (assembler) => {
        assembler.get(0);
        keepUnlessNaN(assembler.code, type, width, 0);
      });
      code.byte(0x10);
      code.u32(helper);
      return;
    }
    const x = this.#scratch.index(type);
    code.byte(0x22);
    code.u32(x);
    keepUnlessNaN(code, type, width, x);
  }

  /** Whether another instruction has to stand for this one. */
  replaces(reader: InstructionReader): boolean {
    return strictTwin[reader.opcode] !== 0 || RELAXED_HELPERS.has(reader.opcode);
  }

  writeInstead(reader: InstructionReader): void {
    const code = this.#code;
    const twin = strictTwin[reader.opcode]!;
    if (twin !== 0) {
      code.byte(0xfd);
      code.u32(twin - FD_BASE);
      return;
    }
    const recipe = RELAXED_HELPERS.get(reader.opcode)!;
    const helper = this.#additions.helper(
      `strict ${reader.opcode}`,
      new Array(recipe.operands).fill(V128),
      [V128],
      (assembler) => {
        for (const step of recipe.steps) {
          if (typeof step === 'number') assembler.get(step);
          else {
            assembler.code.byte(0xfd);
            assembler.code.u32(opcodeNamed(step) - FD_BASE);
            if (step === 'i8x16.shuffle') assembler.code.raw(...LOW_HALVES);
          }
        }
      },
    );
    code.byte(0x10);
    code.u32(helper);
  }
}

/** Takes the low 16 bits of each 32-bit lane of two vectors. */
const LOW_HALVES = [0, 1, 4, 5, 8, 9, 12, 13, 16, 17, 20, 21, 24, 25, 28, 29];
const DOT = [
  ...[0, 1, 'i16x8.extmul_low_i8x16_s', 'i32x4.extadd_pairwise_i16x8_s'],
  ...[0, 1, 'i16x8.extmul_high_i8x16_s', 'i32x4.extadd_pairwise_i16x8_s'],
  'i8x16.shuffle',
] as const;

/**
 * Relaxed instructions without a strict twin: the recipe as operands (numbers) and instructions. The dot products are those
 * of wasmi. Multiply-add rounds twice here: as allowed as the single rounding of wasmi, and the same on every processor.
 */
const RELAXED_HELPERS = new Map<number, { operands: number; steps: readonly (number | string)[] }>(
  (
    [
      ['f32x4.relaxed_madd', 3, [0, 1, 'f32x4.mul', 2, 'f32x4.add']],
      ['f64x2.relaxed_madd', 3, [0, 1, 'f64x2.mul', 2, 'f64x2.add']],
      ['f32x4.relaxed_nmadd', 3, [2, 0, 1, 'f32x4.mul', 'f32x4.sub']],
      ['f64x2.relaxed_nmadd', 3, [2, 0, 1, 'f64x2.mul', 'f64x2.sub']],
      ['i16x8.relaxed_dot_i8x16_i7x16_s', 2, DOT],
      ['i32x4.relaxed_dot_i8x16_i7x16_add_s', 3, [...DOT, 'i32x4.extadd_pairwise_i16x8_s', 2, 'i32x4.add']],
    ] as const
  ).map(([name, operands, steps]) => [opcodeNamed(name), { operands, steps }]),
);
