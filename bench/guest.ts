// A plugin run directly in V8, as it is or under a plan, with the real syscalls and the shortest of hosts: no worker, no recording, no
// rules. What differs between two of its times is the woven code.
import { type ChargeTable, chargeTable } from '../debug-adapter/fuel/charge-table.ts';
import { fuelOf } from '../debug-adapter/instrument/counters.ts';
import { HOOK_NAMES, type Hooks, hookModule } from '../debug-adapter/instrument/hooks.ts';
import { type Instrumented, instrument } from '../debug-adapter/instrument/instrument.ts';
import { type ProbePlan, SITES_AT } from '../debug-adapter/instrument/plan.ts';
import { ALL_MINE } from '../debug-adapter/source/files.ts';
import { type ModuleSource, openSource } from '../debug-adapter/source/module-source.ts';
import { createSyscalls } from '../debug-adapter/wasi/calls.ts';
import { createContext, GuestExit, type WasiContext } from '../debug-adapter/wasi/context.ts';
import { GuestMemory } from '../debug-adapter/wasi/memory.ts';
import { codeStart } from '../debug-adapter/wasm/disassembly-index.ts';
import { InstructionReader } from '../debug-adapter/wasm/instructions.ts';
import { parseModule, type WasmModule } from '../debug-adapter/wasm/module.ts';
import { FunctionNames } from '../debug-adapter/wasm/names.ts';
import { FrameLayouts } from '../debug-adapter/wasm/prologue.ts';
import { type Time, timed } from './sample.ts';

/** A module, and what plans are made of. */
export interface Sources {
  readonly module: WasmModule;
  readonly charges: ChargeTable;
  /** Byte offsets of the instructions at which statements begin; where there is no DWARF, of as large a share of all. */
  readonly statements: Uint32Array;
  readonly layouts: FrameLayouts;
  /** The debug information; undefined: there is none. */
  readonly source: ModuleSource | undefined;
}

/** Instructions to a statement in a debug build of Rust: what a build without DWARF is taken to have. */
const INSTRUCTIONS_PER_STATEMENT = 10;

export function sourcesOf(bytes: Uint8Array): Sources {
  const module = parseModule(bytes);
  const names = new FunctionNames(module);
  const source = openSource(module, names, ALL_MINE);
  return {
    module,
    charges: chargeTable(module),
    statements: source?.statements.offset ?? everyFewInstructions(module, INSTRUCTIONS_PER_STATEMENT),
    layouts: new FrameLayouts(module, names),
    source,
  };
}

function everyFewInstructions(module: WasmModule, step: number): Uint32Array {
  const reader = new InstructionReader(module.bytes);
  const offsets: number[] = [];
  let count = 0;
  for (let n = 0; n < module.bodyStart.length; n++) {
    const end = module.bodyEnd[n] ?? 0;
    reader.reset(codeStart(module, n), end);
    while (reader.next()) if (count++ % step === 0) offsets.push(reader.offset);
  }
  return Uint32Array.from(offsets);
}

/** A module that is compiled, and how to run it. */
export interface Compiled {
  readonly module: WebAssembly.Module;
  readonly instrumented: Instrumented | null;
  /** Byte offsets of the instructions at which breakpoints stand. */
  readonly armed?: readonly number[];
}

export function compile({ module }: Sources, plan: ProbePlan | null, armed: readonly number[] = []): Compiled {
  if (plan === null) return { module: new WebAssembly.Module(owned(module.bytes)), instrumented: null };
  const instrumented = instrument(module, plan);
  return { module: new WebAssembly.Module(instrumented.bytes), instrumented, armed };
}

/** The module with a custom section that no other has: V8 gives a module that it has compiled already from its cache. */
export function unlike(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const mark = encoder.encode(crypto.randomUUID());
  const section = Uint8Array.of(0, mark.length + 1, mark.length, ...mark);
  const copy = new Uint8Array(bytes.length + section.length);
  copy.set(bytes);
  copy.set(section, bytes.length);
  return copy;
}

const owned = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => bytes as Uint8Array<ArrayBuffer>; // files are read into buffers of their own

const hooksCompiled = new WebAssembly.Module(hookModule());
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** As large as the executor's at most. */
const CHUNK = 100_000;

/** Makes one call in a fresh instance; `each` is done at every syscall, `probe` at every site that is armed. @returns the time from `_start` to its end, and the result's JSON text. @throws Error */
export function call(
  { module, instrumented, armed = [] }: Compiled,
  method: string,
  params: string,
  each?: () => void,
  probe: () => void = () => {},
): Time & { result: string } {
  let exported: WebAssembly.Memory | undefined;
  const memory = new GuestMemory(() => exported);
  let answer = '';
  const host = new TrivialHost((line) => {
    answer = line;
  });
  const context = createContext({
    write: (fd, bytes) => {
      if (fd === 1) host.wrote(bytes);
    },
    now: () => BigInt(Date.now()) * 1_000_000n,
    random: (bytes) => bytes.fill(7),
  });
  host.context = context;
  context.stdin.append(
    encoder.encode(`{"jsonrpc":"2.0","id":0,"method":${JSON.stringify(method)},"params":${params}}\n`),
  );
  const syscalls: Record<string, (...args: never[]) => unknown> = { ...createSyscalls(context, memory) };
  if (each !== undefined)
    for (const [name, done] of Object.entries(syscalls))
      syscalls[name] = (...args) => {
        each();
        return done(...args);
      };
  const instance = new WebAssembly.Instance(module, { wasi_snapshot_preview1: syscalls });
  const { memory: own, _start: start } = instance.exports;
  if (own instanceof WebAssembly.Memory) exported = own;
  if (instrumented !== null) {
    setHooks(instance, instrumented, probe);
    arm(instance, instrumented, armed);
  }
  if (typeof start !== 'function') throw new Error('there is no _start');
  const { wall, cpu } = timed(() => {
    try {
      start();
    } catch (error) {
      if (!(error instanceof GuestExit)) throw error;
    }
  });
  const { result } = JSON.parse(answer) as { result?: unknown };
  if (result === undefined) throw new Error(`${method} answered ${answer}`);
  return { wall, cpu, result: JSON.stringify(result) };
}

function setHooks(instance: WebAssembly.Instance, { exports }: Instrumented, probe: () => void): void {
  const fuel = fuelOf(instance.exports, exports);
  const hooks: Hooks = {
    fuel: (cost) => {
      if (fuel !== undefined) fuel.value = Math.max(CHUNK, cost) - cost;
    },
    stack: () => {
      throw new Error('call stack exhausted');
    },
    growBefore: () => 0,
    growAfter: () => {},
    bulk: () => {},
    probe,
    stored: () => {},
  };
  const wrapped = new WebAssembly.Instance(hooksCompiled, { hooks: { ...hooks } });
  const table = instance.exports[exports.hooks];
  if (!(table instanceof WebAssembly.Table)) throw new Error('the rewritten module has no hook table');
  for (const [slot, name] of HOOK_NAMES.entries()) table.set(slot, wrapped.exports[name]);
}

/** @throws Error where an instruction has no site */
function arm(instance: WebAssembly.Instance, { exports, sites }: Instrumented, offsets: readonly number[]): void {
  const memory = instance.exports[exports.sites ?? ''];
  for (const offset of offsets) {
    const row = sites?.offset.indexOf(offset) ?? -1;
    if (row < 0 || !(memory instanceof WebAssembly.Memory)) throw new Error(`there is no site at ${offset}`);
    new Uint8Array(memory.buffer)[SITES_AT + row] = 1;
  }
}

/** Answers every request with its params, the moment it is written. */
class TrivialHost {
  context: WasiContext | undefined;
  readonly #answered: (line: string) => void;
  #rest = '';

  constructor(answered: (line: string) => void) {
    this.#answered = answered;
  }

  wrote(bytes: Uint8Array): void {
    const text = this.#rest + decoder.decode(bytes);
    let from = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      this.#line(text.slice(from, end));
      from = end + 1;
    }
    this.#rest = text.slice(from);
  }

  #line(line: string): void {
    const message = JSON.parse(line) as { id: number; method?: string; params?: unknown };
    if (message.method === undefined) this.#answered(line);
    else
      this.context?.stdin.append(
        encoder.encode(`{"jsonrpc":"2.0","id":${message.id},"result":${JSON.stringify(message.params)}}\n`),
      );
  }
}
