// Whether a variable's place in its function's frame can have been written at all when the program stands somewhere. LLVM sinks stores behind calls that do
// not need them, and DWARF goes on to say from the start that the variable is in that place of memory, where there is what some other call left behind. So
// the function's own code is asked: nothing that writes the place, or makes its address, is on any way there. Pure; in doubt it was written.
import type { InstructionReader } from '../wasm/instructions.ts';
import { opcodeNamed, opcodeNames } from '../wasm/opcodes.ts';
import { type Body, type CodeFlow, readFlow, stateAt, UNTOUCHED } from './code-flow.ts';

const CONSTANT = opcodeNamed('i32.const');
const WIDE_CONSTANT = opcodeNamed('i64.const');
const LOCAL_SET = opcodeNamed('local.set');
const LOCAL_TEE = opcodeNamed('local.tee');

/** Bytes that an instruction writes, or 1 for what may be an address; 0: it is of no interest. */
const width = Uint8Array.from(opcodeNames, (name, opcode) => {
  if (opcode === CONSTANT || opcode === WIDE_CONSTANT) return 1;
  const [, kind = '', bits = ''] = /^(\w+)\.store(\d*)/.exec(name ?? '') ?? [];
  if (kind === '') return 0;
  return (bits === '' ? Number(kind.replace(/\D/g, '')) : Number(bits)) / 8;
});

/** A place in a frame: bytes [from, from + size) behind what the local `base` holds. */
export interface Slot {
  readonly base: number;
  readonly from: number;
  readonly size: number;
}

interface Mentions extends CodeFlow {
  /** How often each local is written. */
  readonly writes: ReadonlyMap<number, number>;
}

/** Functions whose code is kept, and answers. */
const KEPT = 64;
const MOST_ANSWERS = 10_000;

export class UnwrittenSlots {
  readonly #bytes: Uint8Array;
  readonly #functions = new Map<number, Mentions>();
  readonly #answers = new Map<string, boolean>();

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /**
   * Whether nothing can have written the slot when the instruction at `place` is next. That holds for what begins a stack object of its own and is not indexed:
   * an address of another object does not lead into it, so only its own offsets count.
   * @param body where the function's body lies in the file
   */
  at(place: number, slot: Slot, body: Body): boolean {
    // the address of what lies at the base is the base itself, which no constant tells
    if (slot.from <= 0 || slot.size <= 0) return false;
    const key = `${place} ${slot.base} ${slot.from} ${slot.size}`;
    const known = this.#answers.get(key);
    if (known !== undefined) return known;
    const mentions = this.#mentionsOf(body);
    const { opcode, argument } = mentions;
    const touches = (row: number): boolean => {
      const at = argument[row]!;
      return at < slot.from + slot.size && at + width[opcode[row]!]! > slot.from;
    };
    // one that is set twice is a frame base only in a part of the function
    const isBase = mentions.isWhole && mentions.writes.get(slot.base) === 1;
    const answer = isBase && stateAt(mentions, touches, { low: body.start, high: body.end }, place) === UNTOUCHED;
    if (this.#answers.size >= MOST_ANSWERS) this.#answers.clear();
    this.#answers.set(key, answer);
    return answer;
  }

  #mentionsOf(body: Body): Mentions {
    let mentions = this.#functions.get(body.start);
    if (mentions === undefined) {
      if (this.#functions.size >= KEPT) this.#functions.clear();
      const writes = new Map<number, number>();
      const flow = readFlow(this.#bytes, body, (reader) => {
        const { opcode, index } = reader;
        if (opcode === LOCAL_SET || opcode === LOCAL_TEE) writes.set(index, (writes.get(index) ?? 0) + 1);
        return mentioned(reader);
      });
      mentions = { ...flow, writes };
      this.#functions.set(body.start, mentions);
    }
    return mentions;
  }
}

/** The offset in a frame that an instruction may speak of. */
function mentioned({ opcode, low, high, memoryOffset }: InstructionReader): number | undefined {
  if (width[opcode] === 0) return undefined;
  if (opcode === CONSTANT) return low;
  if (opcode === WIDE_CONSTANT) return high === 0 ? low : undefined;
  return memoryOffset;
}
