// Whether a Wasm local may hold something else by now than the variable that DWARF says is in it. LLVM colours virtual registers of optimised code: when a
// variable is dead, its local is given to another value, and the location list goes on to name the variable. So the function's own code is asked:
// can a write of the local reach the place without passing where DWARF's entry begins. Pure; what can't be read counts as not overwritten.
import { opcodeNamed } from '../wasm/opcodes.ts';
import { type Body, type CodeFlow, readFlow, stateAt, TOUCHED } from './code-flow.ts';

const LOCAL_SET = opcodeNamed('local.set');
const LOCAL_TEE = opcodeNamed('local.tee');

/** Where DWARF says that a local is a variable: offsets in the file, [low, high). */
export interface Claim {
  readonly local: number;
  readonly low: number;
  readonly high: number;
}

interface Writes extends CodeFlow {
  /** The locals that are written. */
  readonly locals: ReadonlySet<number>;
}

/** Functions whose code is kept, and answers. */
const KEPT = 64;
const MOST_ANSWERS = 10_000;

export class OverwrittenLocals {
  readonly #bytes: Uint8Array;
  readonly #functions = new Map<number, Writes>();
  /** Conditions ask the same again and again. */
  readonly #answers = new Map<string, boolean>();

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Whether the local may hold something else when the instruction at `place` is next; `body` is where the function's body lies in the file. */
  at(place: number, claim: Claim, body: Body): boolean {
    const key = `${place} ${claim.local} ${claim.low} ${claim.high}`;
    const known = this.#answers.get(key);
    if (known !== undefined) return known;
    const writes = this.#writesOf(body);
    const isOne = (row: number): boolean => isWrite(writes.opcode[row]!) && writes.argument[row] === claim.local;
    const written = writes.locals.has(claim.local) && writtenIn(writes, isOne, claim, place);
    const answer = written && (stateAt(writes, isOne, claim, place) & TOUCHED) !== 0;
    if (this.#answers.size >= MOST_ANSWERS) this.#answers.clear();
    this.#answers.set(key, answer);
    return answer;
  }

  #writesOf(body: Body): Writes {
    let writes = this.#functions.get(body.start);
    if (writes === undefined) {
      if (this.#functions.size >= KEPT) this.#functions.clear();
      const locals = new Set<number>();
      const flow = readFlow(this.#bytes, body, ({ opcode, index }) => {
        if (!isWrite(opcode)) return undefined;
        locals.add(index);
        return index;
      });
      writes = { ...flow, locals };
      this.#functions.set(body.start, writes);
    }
    return writes;
  }
}

const isWrite = (opcode: number): boolean => opcode === LOCAL_SET || opcode === LOCAL_TEE;

/** A first, quick look: most locals are written once. */
function writtenIn({ offset }: CodeFlow, isOne: (row: number) => boolean, claim: Claim, place: number): boolean {
  for (let row = 0; row < offset.length; row++)
    if (offset[row]! >= claim.low && offset[row]! < claim.high && offset[row] !== place && isOne(row)) return true;
  return false;
}
