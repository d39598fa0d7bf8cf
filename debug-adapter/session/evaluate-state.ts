// The guest as expressions ask for it, over a run without a worker that evaluates (fake-run.ts): what is asked for and not there yet is fetched,
// and the expression is evaluated again. Bounded in rounds and bytes. Nothing here is kept beyond one expression. Contract E4.

import type { GlobalValue } from '../executor/options.ts';
import { type MemoryWindow, type Slots, Unavailable, type WasmState } from '../expressions/expression.ts';
import type { SessionRun } from './session-run.ts';

/** Reads of memory that one expression may need one after the other, as in `i32[i32[i32[8]]]`; each costs a round trip. */
const MOST_ROUNDS = 300;
/** What is fetched around an address, so that neighbours cost nothing. */
const PAGE = 4096;

/** Thrown through the evaluation: this is needed first. */
class Wanted {
  readonly fetch: () => Promise<void>;
  constructor(fetch: () => Promise<void>) {
    this.fetch = fetch;
  }
}

const NO_FRAME = 'locals and operands can be read where the call stands in code, and here it stands at an event';
const nothing: Slots = {
  value: () => new Unavailable(NO_FRAME),
  type: () => 'i32',
  count: () => 0,
  named: () => -1,
};

export class FetchedState implements WasmState {
  readonly #run: Pick<SessionRun, 'globals' | 'readMemory' | 'memorySize'>;
  #globals: readonly GlobalValue[] | undefined;
  #size: number | undefined;
  readonly #windows: MemoryWindow[] = [];
  readonly locals = nothing;
  readonly operands = nothing;
  readonly globals: Slots;

  constructor(run: Pick<SessionRun, 'globals' | 'readMemory' | 'memorySize'>) {
    this.#run = run;
    this.globals = {
      value: (index) => {
        const global = this.#known()[index];
        return global === undefined ? undefined : globalValue(global);
      },
      type: (index) => (this.#known()[index]?.type ?? 'i32') as ReturnType<Slots['type']>,
      count: () => this.#known().length,
      named: (name) => this.#known().findIndex((global) => global.name.replace(/^\$/, '') === name && name !== ''),
    };
  }

  /** Runs `evaluate` until nothing is wanted any more. @throws what it throws, and Error past the bound. */
  async complete<T>(evaluate: () => T): Promise<T> {
    for (let round = 0; round < MOST_ROUNDS; round++) {
      try {
        return evaluate();
      } catch (wanted) {
        if (!(wanted instanceof Wanted)) throw wanted;
        await wanted.fetch();
      }
    }
    throw new Error(`The expression reads memory in more than ${MOST_ROUNDS} places, one after the other.`);
  }

  #known(): readonly GlobalValue[] {
    if (this.#globals !== undefined) return this.#globals;
    throw new Wanted(async () => {
      this.#globals = await this.#run.globals();
    });
  }

  memory(index: number, address: number, length: number): MemoryWindow | undefined {
    if (index !== 0) return undefined;
    const size = this.#size;
    if (size === undefined)
      throw new Wanted(async () => {
        this.#size = await this.#run.memorySize();
      });
    const end = Math.min(address + length, size);
    if (address >= end) return { bytes: new Uint8Array(), base: address, size };
    const found = this.#windows.find(({ base, bytes }) => base <= address && end <= base + bytes.length);
    if (found !== undefined) return found;
    throw new Wanted(async () => {
      const base = Math.floor(address / PAGE) * PAGE;
      const bytes = await this.#run.readMemory(base, Math.min(Math.ceil(end / PAGE) * PAGE, size) - base);
      this.#windows.push({ bytes, base, size });
      // a run that gives fewer bytes than memory has would be asked for ever
      if (base + bytes.length < end) this.#size = Math.max(base + bytes.length, 0);
    });
  }
}

/** A global's value for expressions: whole numbers exactly (P2), others as a double, a reference as its text. */
function globalValue({ type, value }: GlobalValue): ReturnType<Slots['value']> {
  if (type === 'funcref' || type === 'externref') return value;
  if (/^-?\d+$/.test(value)) return BigInt(value);
  const number = Number(value);
  if (/^f(32|64)$/.test(type) && value !== '')
    return Number.isNaN(number) && value !== 'NaN' ? new Unavailable(value) : number;
  return new Unavailable(`it is ${value}`);
}
