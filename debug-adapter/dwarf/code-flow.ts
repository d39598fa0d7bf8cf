// What may be known of something at a place of a function, as its own code goes: one walk over the body, branches and loops followed, from where a claim
// begins. What is asked about, and what counts as a touch of it, is the caller's: location-overwritten.ts, location-unwritten.ts. Pure.
import { ByteReader } from '../wasm/byte-reader.ts';
import { behindLocals } from '../wasm/disassembly-index.ts';
import { WasmError } from '../wasm/error.ts';
import { InstructionReader } from '../wasm/instructions.ts';
import { Flow, opcodeFlow, opcodeNamed } from '../wasm/opcodes.ts';

const BRANCH = opcodeNamed('br');
const BRANCH_TABLE = opcodeNamed('br_table');

/** What may be known at a place, bits: it is reached untouched; it is reached touched. 0: nothing gets there. */
export const UNTOUCHED = 1;
export const TOUCHED = 2;

/** Instructions that change control, and those that are asked for, in columns. */
export interface CodeFlow {
  readonly offset: Int32Array;
  readonly opcode: Int16Array;
  /** Of a branch its label, of br_table where its labels are; else what was asked for. */
  readonly argument: Float64Array;
  /** Labels of all br_tables, defaults included: count, then each. */
  readonly labels: Int32Array;
  /** All of the body could be read. */
  readonly isWhole: boolean;
}

/** Offsets in the file, [start, end), of a function's body. */
export interface Body {
  readonly start: number;
  readonly end: number;
}

/** Rounds that the states of loops take to settle; what is asked has two. */
const MOST_ROUNDS = 64;

/** @param asked what to keep of an instruction that does not change control; undefined: it does not matter */
export function readFlow(
  bytes: Uint8Array,
  { start, end }: Body,
  asked: (reader: InstructionReader) => number | undefined,
): CodeFlow {
  const offset: number[] = [];
  const opcode: number[] = [];
  const argument: number[] = [];
  const labels: number[] = [];
  let isWhole = false;
  try {
    const reader = new InstructionReader(bytes);
    reader.reset(behindLocals(bytes, start, end), end);
    while (reader.next()) {
      const flow = opcodeFlow[reader.opcode]!;
      const isPlain = flow === Flow.Plain || flow === Flow.Call;
      const kept = isPlain ? asked(reader) : reader.opcode === BRANCH_TABLE ? labels.length : reader.index;
      if (kept === undefined) continue;
      offset.push(reader.offset);
      opcode.push(reader.opcode);
      argument.push(kept);
      if (reader.opcode !== BRANCH_TABLE) continue;
      const table = new ByteReader(bytes, reader.listStart, reader.end);
      labels.push(reader.count + 1);
      for (let n = 0; n <= reader.count; n++) labels.push(table.u32());
    }
    isWhole = true;
  } catch (error) {
    if (!(error instanceof WasmError)) throw error;
  }
  return {
    offset: Int32Array.from(offset),
    opcode: Int16Array.from(opcode),
    argument: Float64Array.from(argument),
    labels: Int32Array.from(labels),
    isWhole,
  };
}

/**
 * What may be known when the instruction at `place` is next.
 * @param touches whether the instruction of that row does what is asked about
 * @param claim outside of it nothing is said; where it begins, nothing has been touched
 */
export function stateAt(
  flow: CodeFlow,
  touches: (row: number) => boolean,
  claim: { readonly low: number; readonly high: number },
  place: number,
): number {
  // of each block, in the order they open: what comes to its end by branches, of a loop to its start
  const branched = new Uint8Array(flow.offset.length);
  let found = 0;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const before = branched.slice();
    found = pass(flow, touches, claim, place, branched);
    if (branched.every((state, at) => state === before[at])) break;
  }
  return found;
}

/** One walk over the function, forward; what branches bring is joined into `branched`. Answers the state at `place`. */
function pass(
  { offset, opcode, argument, labels }: CodeFlow,
  touches: (row: number) => boolean,
  { low, high }: { readonly low: number; readonly high: number },
  place: number,
  branched: Uint8Array,
): number {
  /** Blocks that are open: where each opened, and of an `if` the state that its `else` begins with. */
  const open: number[] = [];
  const other: number[] = [];
  let state = UNTOUCHED;
  let from = -1;
  let found = 0;
  // outside of what is claimed nothing is said, so nothing is broken there; where the claim begins the variable is there
  const moved = (to: number): number => {
    if (state === 0) return 0;
    return to < low || to >= high || (from < low && to >= low) ? UNTOUCHED : state;
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
        if (state !== 0 && here >= low && here < high && touches(at)) state = TOUCHED;
        break;
    }
  }
  return found;
}
