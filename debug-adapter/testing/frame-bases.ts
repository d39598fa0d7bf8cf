// Runs a plugin's call with true frames kept beside it (frame-bases-module.ts), and at every call of a function, and every syscall,
// holds what unwinding says against them. The host is a few lines: it echoes. Only tests import it.
import type { GuestFrame } from '../executor/options.ts';
import { wasmFrames } from '../executor/traps.ts';
import { unwind } from '../executor/unwind.ts';
import { storedPointer } from '../instrument/frame-bases.ts';
import { createSyscalls } from '../wasi/calls.ts';
import { createContext, GuestExit, takeSleep, takeStdinWait, type WasiContext } from '../wasi/context.ts';
import { SYSCALL_NAMES, WASI_MODULE } from '../wasi/definitions.ts';
import { GuestMemory } from '../wasi/memory.ts';
import { parseModule, type WasmModule } from '../wasm/module.ts';
import { FunctionNames } from '../wasm/names.ts';
import { FrameLayouts } from '../wasm/prologue.ts';
import { ORACLE, type OracleModule, oracleModule, type ShownLocal, Slot } from './frame-bases-module.ts';
import { wat } from './wat.ts';

/** A JavaScript function gets into a table only as an export of some instance. */
const wrapper = new WebAssembly.Module(wat('(module (import "o" "h" (func)) (export "h" (func 0)))'));
const WORDS = Slot.Bytes / 4;

export interface FrameBaseTally {
  /** How the call ended: `returned`, `exit 0`, or the trap's text. */
  end: string;
  /** Lines that the plugin wrote to stdout. */
  lines: string[];
  /** Function entries and syscalls at which was compared. */
  calls: number;
  /** Stack pointers at entry of a caller, found from its callee's, that were compared. */
  entries: number;
  /** Calls out of a frame that hides its caller's stack pointer (aligned, irregular). */
  hidden: number;
  /** Frame bases that were compared with the local that holds them. */
  bases: number;
  /** Addresses in other locals that were compared. */
  locals: number;
  /** Frames compared in whole unwound stacks. */
  unwound: number;
  /** Of those: how many are not reached outwards alone, without what is stored or known of the outermost frame. */
  barred: number;
  /** Of those: how many are not reached without what is stored, though the outermost frame is known. */
  between: number;
  /** V8 stack traces that were compared frame by frame. */
  traces: number;
  /** Most frames at once. */
  deepest: number;
  /** The first few differences. */
  differences: string[];
}

/** A plugin whose calls are checked. */
export class FrameBaseOracle {
  readonly layouts: FrameLayouts;
  readonly names: FunctionNames;
  readonly module: WasmModule;
  readonly #oracle: OracleModule;
  readonly #compiled: WebAssembly.Module;
  readonly #others = new Map<number, number>();

  constructor(bytes: Uint8Array) {
    this.module = parseModule(bytes);
    this.names = new FunctionNames(this.module);
    this.layouts = new FrameLayouts(this.module, this.names);
    this.#oracle = oracleModule(
      this.module,
      this.layouts.stackPointer,
      (func, offset) => this.shownLocal(func, offset),
      this.layouts.unusual(),
    );
    this.#compiled = new WebAssembly.Module(this.#oracle.bytes);
  }

  /**
   * The local whose value is kept at a call: the frame base's, where it is held; at some calls another that holds an address, in each function
   * the same; -1 for none.
   */
  shownLocal(func: number, offset: number): number {
    const layout = this.layouts.of(func);
    if (!('baseLocal' in layout.shape)) return -1;
    if (offset % 2 === 1) {
      const other = this.#others.get(func) ?? this.#choose(func);
      if (other >= 0 && this.layouts.localAt(func, other, offset, 0) !== undefined) return other;
    }
    return layout.isHeldAt(offset) ? layout.shape.baseLocal : -1;
  }

  #choose(func: number): number {
    const locals = this.layouts.addressLocals(func);
    const other = locals[func % locals.length] ?? -1;
    this.#others.set(func, other);
    return other;
  }

  /**
   * One call; `params` is JSON text.
   * @param whole at each so many-th call the whole stack is unwound @param traced the same for V8's stack trace
   * @param layouts what is checked, where it is not what was read from the plugin itself
   */
  run(method: string, params = 'null', whole = 1, traced = 1000, layouts = this.layouts): FrameBaseTally {
    const tally: FrameBaseTally = {
      end: 'returned',
      lines: [],
      calls: 0,
      entries: 0,
      hidden: 0,
      bases: 0,
      locals: 0,
      unwound: 0,
      barred: 0,
      between: 0,
      traces: 0,
      deepest: 0,
      differences: [],
    };
    let instance: WebAssembly.Instance | undefined;
    const memory = new GuestMemory(() => instance?.exports['memory'] as WebAssembly.Memory | undefined);
    const host = echoingHost(tally.lines);
    host.stdin(`{"jsonrpc":"2.0","id":0,"method":${JSON.stringify(method)},"params":${params}}`);
    instance = new WebAssembly.Instance(this.#compiled, { [WASI_MODULE]: guestImports(host.context, memory) });
    const { exports } = instance;
    const oracle = { names: this.names, shownLocal: (func: number, offset: number) => this.shownLocal(func, offset) };
    const check = new Check(layouts, oracle, this.#oracle, exports, tally, whole, traced);
    const wrapped = new WebAssembly.Instance(wrapper, { o: { h: () => check.hook() } });
    (exports[ORACLE.hooks] as WebAssembly.Table).set(0, wrapped.exports['h']);
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = Number.POSITIVE_INFINITY;
    try {
      (exports['_start'] as () => void)();
    } catch (error) {
      if (error instanceof GuestExit) tally.end = `exit ${error.code}`;
      else if (error instanceof TooDeep) tally.end = 'call stack exhausted';
      else if (error instanceof WebAssembly.RuntimeError) tally.end = error.message;
      else throw error;
    } finally {
      Error.stackTraceLimit = limit;
    }
    return tally;
  }
}

/** Ends a guest that has as many frames as production allows. */
class TooDeep extends Error {}
const FRAMES = 1000;

/** Compares at one moment of the run. */
class Check {
  readonly #layouts: FrameLayouts;
  readonly #names: FunctionNames;
  readonly #oracle: OracleModule;
  readonly #words: Uint32Array;
  readonly #stored: ArrayBuffer;
  readonly #pointer: WebAssembly.Global;
  readonly #top: WebAssembly.Global;
  readonly #tally: FrameBaseTally;
  readonly #whole: number;
  readonly #traced: number;
  readonly #shownLocal: ShownLocal;
  readonly #shownAt = new Map<number, number>();

  constructor(
    layouts: FrameLayouts,
    { names, shownLocal }: { names: FunctionNames; shownLocal: ShownLocal },
    oracle: OracleModule,
    exports: WebAssembly.Exports,
    tally: FrameBaseTally,
    whole: number,
    traced: number,
  ) {
    this.#layouts = layouts;
    this.#names = names;
    this.#shownLocal = shownLocal;
    this.#oracle = oracle;
    this.#words = new Uint32Array((exports[ORACLE.memory] as WebAssembly.Memory).buffer);
    this.#stored = (exports[ORACLE.stored] as WebAssembly.Memory).buffer;
    this.#pointer = exports[ORACLE.pointer] as WebAssembly.Global;
    this.#top = exports[ORACLE.top] as WebAssembly.Global;
    this.#tally = tally;
    this.#whole = whole;
    this.#traced = traced;
  }

  /** Called at each function's entry, and before each syscall. */
  hook(): void {
    const tally = this.#tally;
    const depth = (this.#top.value as number) / Slot.Bytes;
    if (depth > FRAMES) throw new TooDeep();
    const now = Number(this.#pointer.value) >>> 0;
    tally.calls++;
    tally.deepest = Math.max(tally.deepest, depth);
    this.#pair(depth, now);
    if (depth > 1) this.#pair(depth - 1, this.#word(depth, Slot.Entry));
    if (tally.calls % this.#whole === 0) this.#unwind(depth, now);
    if (tally.calls % this.#traced === 0) this.#trace(depth);
  }

  #word(slot: number, at: number): number {
    return this.#words[slot * WORDS + at / 4]!;
  }

  #differ(what: string, slot: number, found: number | undefined, truth: number): void {
    const { differences, calls } = this.#tally;
    const func = this.#word(slot, Slot.Function);
    if (differences.length < 10)
      differences.push(
        `call ${calls}: ${what} of ${this.#names.display(func)} (${func}) at ${this.#word(slot, Slot.Offset)}: ${found}, in truth ${truth}`,
      );
  }

  /** The frame in `slot`, whose callee (or present moment) has the stack pointer `inner`. */
  #pair(slot: number, inner: number): void {
    const tally = this.#tally;
    const layout = this.#layouts.of(this.#word(slot, Slot.Function));
    const offset = this.#word(slot, Slot.Offset);
    const truth = this.#word(slot, Slot.Entry);
    const { kind } = layout.shape;
    const entry = layout.entryFrom(offset, inner);
    if (entry !== undefined) {
      tally.entries++;
      if (entry !== truth) this.#differ('entry', slot, entry, truth);
    } else if (kind === 'aligned' || kind === 'irregular') tally.hidden++;
    else this.#differ('entry', slot, entry, truth);
    const pointer = layout.stackPointerAt(offset, truth);
    if (pointer !== inner && !(kind === 'irregular' && pointer === undefined))
      this.#differ('stack pointer', slot, pointer, inner);
    this.#base(slot, layout.frameBaseAt(offset, truth));
  }

  #base(slot: number, found: number | undefined): void {
    const func = this.#word(slot, Slot.Function);
    const offset = this.#word(slot, Slot.Offset);
    // At its entry a function has no frame yet: what is held is held before a call.
    const local = this.#shown(func, offset);
    if (local < 0) return;
    const truth = this.#word(slot, Slot.Local);
    const layout = this.#layouts.of(func);
    if (layout.isHeldAt(offset) && 'baseLocal' in layout.shape && layout.shape.baseLocal === local) {
      this.#tally.bases++;
      if (found !== truth) this.#differ('frame base', slot, found, truth);
    } else {
      this.#tally.locals++;
      const address = this.#layouts.localAt(func, local, offset, this.#word(slot, Slot.Entry));
      if (address !== truth) this.#differ(`local ${local}`, slot, address, truth);
    }
  }

  #shown(func: number, offset: number): number {
    const key = func * 2 ** 26 + offset;
    let local = this.#shownAt.get(key);
    if (local === undefined) {
      local = this.#shownLocal(func, offset);
      this.#shownAt.set(key, local);
    }
    return local;
  }

  #frames(depth: number): GuestFrame[] {
    const frames: GuestFrame[] = [];
    for (let slot = depth; slot > 0; slot--)
      frames.push({ func: this.#word(slot, Slot.Function), offset: this.#word(slot, Slot.Offset), name: '' });
    return frames;
  }

  /** The whole stack: with what is stored, which must do; with what is known of the outermost frame; and outwards alone. */
  #unwind(depth: number, now: number): void {
    const tally = this.#tally;
    const layouts = this.#layouts;
    const frames = this.#frames(depth);
    const stored = (index: number) => storedPointer(this.#stored, frames, index);
    const whole = unwind(frames, layouts, { now, outermost: layouts.initial, stored });
    const outwards = unwind(frames, layouts, { now, outermost: undefined, stored });
    const meeting = unwind(frames, layouts, { now, outermost: layouts.initial });
    const alone = unwind(frames, layouts, { now, outermost: undefined });
    for (let index = 0; index < depth; index++) {
      const slot = depth - index;
      const truth = this.#word(slot, Slot.Entry);
      const { entry, stackPointer, frameBase } = whole[index]!;
      const inner = index === 0 ? now : this.#word(slot + 1, Slot.Entry);
      tally.unwound++;
      if (entry !== truth) this.#differ('unwound entry', slot, entry, truth);
      if (stackPointer !== inner) this.#differ('unwound stack pointer', slot, stackPointer, inner);
      this.#base(slot, frameBase);
      const byStored = outwards[index]!.entry;
      if (byStored !== truth) this.#differ('entry unwound with what is stored', slot, byStored, truth);
      const byMeeting = meeting[index]!.entry;
      if (byMeeting === undefined) tally.between++;
      else if (byMeeting !== truth) this.#differ('entry unwound both ways', slot, byMeeting, truth);
      const byAlone = alone[index]!.entry;
      if (byAlone === undefined) tally.barred++;
      else if (byAlone !== truth) this.#differ('entry unwound outwards', slot, byAlone, truth);
    }
  }

  /** V8's trace has the same frames; its innermost is at the hook. */
  #trace(depth: number): void {
    const tally = this.#tally;
    const { rewritten, original } = this.#oracle;
    const flat = wasmFrames(new Error().stack ?? '');
    tally.traces++;
    if (flat.length !== 2 * depth) this.#differ('frames in the trace', depth, flat.length / 2, depth);
    for (let index = 0; index < depth; index++) {
      const slot = depth - index;
      const func = this.#word(slot, Slot.Function);
      if (flat[2 * index] !== func) this.#differ('function in the trace', slot, flat[2 * index], func);
      if (index === 0) continue;
      const offset = original[rewritten.indexOf(flat[2 * index + 1]!)];
      const truth = this.#word(slot, Slot.Offset);
      if (offset !== truth) this.#differ('call in the trace', slot, offset, truth);
    }
  }
}

function guestImports(context: WasiContext, memory: GuestMemory): Record<string, unknown> {
  const syscalls = createSyscalls(context, memory);
  return Object.fromEntries(
    SYSCALL_NAMES.map((name) => [
      name,
      (...values: (number | bigint)[]) => {
        const errno = syscalls[name](...values);
        takeSleep(context);
        takeStdinWait(context);
        return errno;
      },
    ]),
  );
}

/** A context whose host answers every request with its params. Time stands but for a millisecond at each look at it. */
function echoingHost(lines: string[]): { context: WasiContext; stdin(line: string): void } {
  const decoder = new TextDecoder();
  let rest = '';
  let time = 1_700_000_000_000_000_000n;
  const context = createContext({
    write: (fd, bytes) => {
      if (fd === 2) return;
      rest += decoder.decode(bytes, { stream: true });
      const whole = rest.split('\n');
      rest = whole.pop() ?? '';
      for (const line of whole) {
        lines.push(line);
        const request = /^\{.*"id":(\d+).*"method":"(\w+)".*?"params":(.*)\}$/.exec(line);
        if (request !== null) stdin(`{"jsonrpc":"2.0","id":${request[1]},"result":${request[3]}}`);
      }
    },
    now: () => {
      time += 1_000_000n;
      return time;
    },
    random: (bytes) => bytes.fill(4),
  });
  const stdin = (line: string) => {
    context.stdin.append(new TextEncoder().encode(`${line}\n`));
  };
  return { context, stdin };
}
