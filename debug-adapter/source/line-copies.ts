// Ways into a line of one function: from where control may come to each of its statements. An optimiser unrolls loops and doubles what comes behind
// branches, and the body of an async function goes on amid the line of an `.await`: so the first statement of a line is not always where it is
// entered, nor the only one. Pure. Contract S3.
import { ByteReader } from '../wasm/byte-reader.ts';
import { WasmError } from '../wasm/error.ts';
import { InstructionReader } from '../wasm/instructions.ts';
import { Flow, opcodeFlow, opcodeNamed } from '../wasm/opcodes.ts';

/** A statement, as ways into a line are looked for. What is none of these (what the line calls, inlined) is left out. */
export interface Mark {
  /** Of its instruction. */
  readonly offset: number;
  /** It is on the line; off it; or the body of an async function finds the way there to where it goes on. */
  readonly kind: 'on' | 'off' | 'dispatch';
}

/** From where control may come to a place, bits: from another line, from the line itself, or from where the body of an async function goes on. */
export const From = { Off: 1, On: 2, Resumed: 4 } as const;

const AFTER = { on: From.On, off: From.Off, dispatch: From.Resumed } as const;

const BRANCH = opcodeNamed('br');
const BRANCH_TABLE = opcodeNamed('br_table');

/** Rounds that the states of loops take to settle: two bits each. */
const MOST_ROUNDS = 64;

/** Of each mark, from where control may come to it. Marks ascend; the code of the function is [start, end). What can't be read is reached by nothing. */
export function waysTo(marks: readonly Mark[], bytes: Uint8Array, start: number, end: number): Uint8Array {
  const found = new Uint8Array(marks.length);
  // of each block, in the order they open: what comes to its end by branches, of a loop to its start
  const branched: number[] = [];
  try {
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const before = branched.join();
      walk(marks, found, branched, bytes, start, end);
      if (branched.join() === before) break;
    }
  } catch (error) {
    if (!(error instanceof WasmError)) throw error;
  }
  return found;
}

/** One walk over the function, forward; what branches bring is joined into `branched`, what comes to marks into `found`. */
function walk(
  marks: readonly Mark[],
  found: Uint8Array,
  branched: number[],
  bytes: Uint8Array,
  start: number,
  end: number,
): void {
  /** Blocks that are open: their numbers, whether a branch to them goes back, and of an `if` the state that its `else` begins with. */
  const open: { readonly block: number; readonly loop: boolean; other: number }[] = [];
  let blocks = 0;
  let state: number = From.Off;
  let next = 0;
  const branch = (label: number, from = state): void => {
    const target = open[open.length - 1 - label];
    if (target !== undefined) branched[target.block]! |= from;
  };
  const opened = (loop: boolean, other: number): number => {
    const block = blocks++;
    branched[block] ??= 0;
    open.push({ block, loop, other });
    return branched[block];
  };
  const reader = new InstructionReader(bytes);
  reader.reset(start, end);
  while (reader.next()) {
    for (; next < marks.length && marks[next]!.offset <= reader.offset; next++) {
      if (state === 0) continue;
      found[next]! |= state;
      state = AFTER[marks[next]!.kind];
    }
    switch (opcodeFlow[reader.opcode]) {
      case Flow.Block:
        opened(false, 0);
        break;
      case Flow.Loop:
        state |= opened(true, 0);
        break;
      case Flow.If:
        opened(false, state);
        break;
      case Flow.Else: {
        const block = open.at(-1);
        if (block === undefined) break;
        branched[block.block]! |= state;
        state = block.other;
        block.other = 0;
        break;
      }
      case Flow.End: {
        const block = open.pop();
        if (block !== undefined && !block.loop) state |= branched[block.block]! | block.other;
        break;
      }
      case Flow.BranchIf:
        branch(reader.index);
        break;
      case Flow.Stop:
        if (reader.opcode === BRANCH) branch(reader.index);
        else if (reader.opcode === BRANCH_TABLE) {
          const table = new ByteReader(bytes, reader.listStart, reader.end);
          // the first of a future's states is that it was not polled yet
          for (let n = 0; n <= reader.count; n++)
            branch(table.u32(), state === From.Resumed && n === 0 && reader.count > 1 ? From.Off : state);
        }
        state = 0;
        break;
      default:
        break;
    }
  }
}
