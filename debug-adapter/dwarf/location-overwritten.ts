// Whether a Wasm local may hold something else by now than the variable that DWARF says is in it. LLVM colours virtual registers of optimised code: when a
// variable is dead, its local is given to another value, and the location list goes on to name the variable. So the function's own code is asked:
// can a write of the local reach the place without passing where DWARF's entry begins. Pure; what can't be read counts as not overwritten.
import { ByteReader } from '../wasm/byte-reader.ts';
import { behindLocals } from '../wasm/disassembly-index.ts';
import { WasmError } from '../wasm/error.ts';
import { InstructionReader } from '../wasm/instructions.ts';
import { Flow, opcodeFlow, opcodeNamed } from '../wasm/opcodes.ts';

const LOCAL_SET = opcodeNamed('local.set');
const LOCAL_TEE = opcodeNamed('local.tee');
const BRANCH = opcodeNamed('br');
const BRANCH_TABLE = opcodeNamed('br_table');

/** What may be known of the local at a place: nothing gets there, it holds the variable, it may hold something else. */
const CLEAN = 1;
const DIRTY = 2;

/** Instructions that change control or a local, in columns; `argument` is the local, or the label; of br_table where its labels are. */
interface Steps {
  readonly offset: Int32Array;
  readonly opcode: Int16Array;
  readonly argument: Int32Array;
  /** Labels of all br_tables, defaults included: count, then each. */
  readonly labels: Int32Array;
  readonly writes: ReadonlySet<number>;
}

/** Where DWARF says that a local is a variable: offsets in the file, [low, high). */
export interface Claim {
  readonly local: number;
  readonly low: number;
  readonly high: number;
}

/** Rounds that the states of loops take to settle; a local has two. */
const MOST_ROUNDS = 64;
/** Functions whose steps are kept, and answers. */
const KEPT = 64;
const MOST_ANSWERS = 10_000;

export class OverwrittenLocals {
  readonly #bytes: Uint8Array;
  readonly #functions = new Map<number, Steps>();
  /** Conditions ask the same again and again. */
  readonly #answers = new Map<string, boolean>();

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Whether the local may hold something else when the instruction at `place` is next; `body` is where the function's body lies in the file. */
  at(place: number, claim: Claim, body: { readonly start: number; readonly end: number }): boolean {
    const key = `${place} ${claim.local} ${claim.low} ${claim.high}`;
    const known = this.#answers.get(key);
    if (known !== undefined) return known;
    const steps = this.#stepsOf(body);
    const written = steps.writes.has(claim.local) && writtenIn(steps, claim, place);
    const answer = written && (stateAt(steps, claim, place) & DIRTY) !== 0;
    if (this.#answers.size >= MOST_ANSWERS) this.#answers.clear();
    this.#answers.set(key, answer);
    return answer;
  }

  #stepsOf({ start, end }: { readonly start: number; readonly end: number }): Steps {
    let steps = this.#functions.get(start);
    if (steps === undefined) {
      if (this.#functions.size >= KEPT) this.#functions.clear();
      steps = read(this.#bytes, start, end);
      this.#functions.set(start, steps);
    }
    return steps;
  }
}

/** A first, quick look: most locals are written once. */
function writtenIn({ offset, opcode, argument }: Steps, { local, low, high }: Claim, place: number): boolean {
  for (let at = 0; at < offset.length; at++) {
    if (opcode[at] !== LOCAL_SET && opcode[at] !== LOCAL_TEE) continue;
    if (argument[at] === local && offset[at]! >= low && offset[at]! < high && offset[at] !== place) return true;
  }
  return false;
}

function read(bytes: Uint8Array, start: number, end: number): Steps {
  const offset: number[] = [];
  const opcode: number[] = [];
  const argument: number[] = [];
  const labels: number[] = [];
  const writes = new Set<number>();
  try {
    const reader = new InstructionReader(bytes);
    reader.reset(behindLocals(bytes, start, end), end);
    while (reader.next()) {
      const isWrite = reader.opcode === LOCAL_SET || reader.opcode === LOCAL_TEE;
      const flow = opcodeFlow[reader.opcode]!;
      if (!isWrite && (flow === Flow.Plain || flow === Flow.Call)) continue;
      if (isWrite) writes.add(reader.index);
      offset.push(reader.offset);
      opcode.push(reader.opcode);
      argument.push(reader.opcode === BRANCH_TABLE ? labels.length : reader.index);
      if (reader.opcode !== BRANCH_TABLE) continue;
      const table = new ByteReader(bytes, reader.listStart, reader.end);
      labels.push(reader.count + 1);
      for (let n = 0; n <= reader.count; n++) labels.push(table.u32());
    }
  } catch (error) {
    if (!(error instanceof WasmError)) throw error;
  }
  return {
    offset: Int32Array.from(offset),
    opcode: Int16Array.from(opcode),
    argument: Int32Array.from(argument),
    labels: Int32Array.from(labels),
    writes,
  };
}

function stateAt(steps: Steps, claim: Claim, place: number): number {
  // of each block, in the order they open: what comes to its end by branches, of a loop to its start
  const branched = new Uint8Array(steps.offset.length);
  let found = 0;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const before = branched.slice();
    found = pass(steps, claim, place, branched);
    if (branched.every((state, at) => state === before[at])) break;
  }
  return found;
}

/** One walk over the function, forward; what branches bring is joined into `branched`. Answers the state at `place`. */
function pass(steps: Steps, { local, low, high }: Claim, place: number, branched: Uint8Array): number {
  const { offset, opcode, argument, labels } = steps;
  /** Blocks that are open: where each opened, and of an `if` the state that its `else` begins with. */
  const open: number[] = [];
  const other: number[] = [];
  let state = CLEAN;
  let from = -1;
  let found = 0;
  // outside of what is claimed nothing is said, so nothing is broken there; where the claim begins the variable is there
  const moved = (to: number): number => {
    if (state === 0) return 0;
    return to < low || to >= high || (from < low && to >= low) ? CLEAN : state;
  };
  const branch = (label: number) => {
    const target = open[open.length - 1 - label];
    if (target !== undefined) branched[target]! |= state;
  };
  for (let at = 0; at < offset.length; at++) {
    const here = offset[at]!;
    // no branch ends between the last step and this one
    if (from < place && here >= place) found = moved(place);
    state = moved(here);
    from = here;
    const code = opcode[at]!;
    if (code === LOCAL_SET || code === LOCAL_TEE) {
      if (argument[at] === local && state !== 0 && here >= low && here < high) state = DIRTY;
      continue;
    }
    switch (opcodeFlow[code]) {
      case Flow.Block:
        open.push(at);
        other.push(0);
        break;
      case Flow.Loop:
        open.push(at);
        other.push(0);
        state |= branched[at]!;
        break;
      case Flow.If:
        open.push(at);
        other.push(state);
        break;
      case Flow.Else: {
        const block = open.at(-1);
        if (block === undefined) break;
        branched[block]! |= state;
        state = other[other.length - 1] ?? 0;
        other[other.length - 1] = 0;
        break;
      }
      case Flow.End: {
        const block = open.pop();
        const skipped = other.pop() ?? 0;
        if (block !== undefined && opcodeFlow[opcode[block]!] !== Flow.Loop) state |= branched[block]! | skipped;
        break;
      }
      case Flow.BranchIf:
        branch(argument[at]!);
        break;
      case Flow.Stop:
        if (code === BRANCH) branch(argument[at]!);
        else if (code === BRANCH_TABLE) {
          const list = argument[at]!;
          for (let n = 1; n <= labels[list]!; n++) branch(labels[list + n]!);
        }
        state = 0;
        break;
      default:
        break;
    }
  }
  return found;
}
