// The import object of a guest: the syscalls, wrapped by whoever observes them. Live, each call is done and then reported; in a replay the
// recording answers. The syscalls themselves know nothing of either. Contracts E3, R1, R2, R3.
import type { MemoryWrite } from '../recording/event.ts';
import type { WriteJournal } from '../recording/log.ts';
import { CALL, NO_ERRNO } from '../recording/log-format.ts';
import { syscallIndex } from '../recording/syscalls.ts';
import { createSyscalls, type Syscalls } from '../wasi/calls.ts';
import { GuestExit, type WasiContext } from '../wasi/context.ts';
import { Errno, isSyscallName, type SyscallName, WASI_MODULE } from '../wasi/definitions.ts';
import type { GuestMemory } from '../wasi/memory.ts';
import { ImportKind, resultsOf, type WasmModule } from '../wasm/module.ts';
import { I32, I64 } from '../wasm/value-types.ts';
import { Divergence, type Replayer } from './replayer.ts';

export type Arguments = readonly (number | bigint)[];

/** What an observer is told of a finished call. */
export interface FinishedSyscall {
  readonly index: number;
  readonly name: string;
  readonly args: Arguments;
  /** NO_ERRNO when the call ended the guest. */
  readonly errno: number;
  /** Of CALL. */
  readonly flags: number;
  readonly sleepMs: number;
}

export interface SyscallObserver {
  /** Before the call: what is pending (pause, terminate, limits). */
  before(): void;
  /** After it, before the guest sees the result; may stop, may throw to end the guest. */
  after(call: FinishedSyscall): void;
}

/** Views of the first writes of a call are kept: a guest reads into the same buffers again and again. */
const VIEWS_KEPT = 8;

/** The journal of a GuestMemory as the log takes it. */
export function journalOf(memory: GuestMemory): WriteJournal {
  const kept: Uint8Array[] = [];
  return {
    get count() {
      return memory.journal.length / 2;
    },
    address: (index) => memory.journal[index * 2] ?? 0,
    length: (index) => memory.journal[index * 2 + 1] ?? 0,
    bytes: (index) => {
      const address = memory.journal[index * 2] ?? 0;
      const length = memory.journal[index * 2 + 1] ?? 0;
      const view = kept[index];
      // growth detaches: the view then has no bytes, and no write of none is journalled
      if (view !== undefined && view.byteOffset === address && view.length === length && length > 0) return view;
      const bytes = memory.readBytes(address, length) ?? new Uint8Array();
      if (index < VIEWS_KEPT) kept[index] = bytes;
      return bytes;
    },
  };
}

/** The errno type of a stub for an import that production lacks, by what it is to return. */
function stubResult(module: WasmModule, typeIndex: number): number | bigint | undefined {
  const [first] = resultsOf(module, typeIndex);
  if (first === undefined) return undefined;
  return first === I64 ? BigInt(Errno.NOSYS) : first === I32 ? Errno.NOSYS : 0;
}

/** Builds the imports of `module`: all its function imports, those that production lacks as stubs that answer ENOSYS. */
export function guestImports(
  module: WasmModule,
  call: (name: string, args: Arguments) => number,
): Record<string, Record<string, unknown>> {
  const imports: Record<string, Record<string, unknown>> = {};
  for (const entry of module.imports) {
    if (entry.kind !== ImportKind.Function) continue;
    imports[entry.module] ??= {};
    const space = imports[entry.module] as Record<string, unknown>;
    const { name } = entry;
    if (entry.module === WASI_MODULE && isSyscallName(name)) {
      space[name] = (...args: Arguments) => call(name, args);
    } else {
      const result = stubResult(module, module.functionTypes[entry.index] ?? 0);
      space[name] = (...args: Arguments) => {
        call(
          'enosys',
          args.map((arg) => (typeof arg === 'bigint' ? arg : Math.trunc(Number(arg)) | 0)),
        );
        return result;
      };
    }
  }
  return imports;
}

/** Calls done for real, and reported. */
export function liveCalls(
  context: WasiContext,
  memory: GuestMemory,
  observer: SyscallObserver,
): (name: string, args: Arguments) => number {
  const syscalls = createSyscalls(context, memory);
  const { outcome } = context;
  return (name, args) => {
    observer.before();
    const index = syscallIndex(name);
    if (name === 'enosys') {
      memory.beginCall();
      observer.after({ index, name, args, errno: Errno.NOSYS, flags: 0, sleepMs: 0 });
      return Errno.NOSYS;
    }
    let errno = NO_ERRNO;
    let exit: GuestExit | undefined;
    const waited = outcome.sleepUntil;
    try {
      errno = syscalls[name as SyscallName](...args) ?? 0;
    } catch (error) {
      if (!(error instanceof GuestExit)) throw error;
      exit = error;
    }
    let flags = outcome.fuelToZero ? CALL.fuelToZero : 0;
    if (outcome.hostWouldPanic) flags |= CALL.hostWouldPanic;
    if (name === 'fd_read' && errno === Errno.AGAIN) flags |= CALL.emptyPoll;
    if (name === 'fd_write') flags |= CALL.sent;
    let sleepMs = 0;
    if (name === 'poll_oneoff' && outcome.sleepUntil !== undefined && outcome.sleepUntil !== waited) {
      flags |= CALL.sleeps;
      sleepMs = Number(outcome.sleepUntil - context.now()) / 1e6;
    }
    observer.after({ index, name, args, errno, flags, sleepMs });
    if (exit !== undefined) throw exit;
    return errno;
  };
}

/** Calls that are done again: their effect is on the guest's memory and on the host only, and no recording need hold it. */
const DONE_AGAIN: ReadonlySet<string> = new Set<SyscallName>(['fd_write', 'fd_close', 'proc_exit', 'proc_raise']);

/** Whether the call that was done has written just this. */
function sameWrites(memory: GuestMemory, writes: readonly MemoryWrite[]): boolean {
  const { journal } = memory;
  if (journal.length !== writes.length * 2) return false;
  return writes.every(({ address, bytes }, at) => {
    if (journal[at * 2] !== address || journal[at * 2 + 1] !== bytes.length) return false;
    const now = memory.readBytes(address, bytes.length);
    return now !== undefined && bytes.every((byte, i) => byte === now[i]);
  });
}

/**
 * Calls done again so that the run can go on live from there: all whose results follow from what the host wrote, from the seed, and from the
 * time that the clock is held at. What did not follow is taken from the recording.
 */
export function doneAgainForLive(seeded: boolean): ReadonlySet<string> {
  const again: SyscallName[] = ['fd_read', 'poll_oneoff', 'sched_yield'];
  return new Set([...DONE_AGAIN, ...again, ...(seeded ? ['random_get'] : [])]);
}

/** Calls answered by a recording. fd_write is done again, since what it sends is to be compared; `again` names others that are. */
export function replayedCalls(
  replayer: Replayer,
  fuel: () => number,
  context: WasiContext,
  memory: GuestMemory,
  observer: SyscallObserver,
  again: ReadonlySet<string> = DONE_AGAIN,
  /** Right before a call is done again that has an event of its own. */
  at: (time: number) => void = () => {},
): (name: string, args: Arguments) => number {
  const syscalls: Syscalls = createSyscalls(context, memory);
  return (name, args) => {
    observer.before();
    const recorded = replayer.call(name, args, fuel());
    const { event } = recorded;
    if (event !== undefined) at(event.time);
    let errno = recorded.errno ?? NO_ERRNO;
    let exit: GuestExit | undefined;
    const differ = (how: string): never => {
      throw new Divergence(
        event?.seq ?? -1,
        `The replay differs${event === undefined ? '' : ` at event ${event.seq}`}: ${name} ${how}.`,
      );
    };
    if (again.has(name)) {
      try {
        errno = syscalls[name as SyscallName](...args) ?? 0;
      } catch (error) {
        if (!(error instanceof GuestExit)) throw error;
        exit = error;
        errno = NO_ERRNO;
      }
      if (errno !== (recorded.errno ?? NO_ERRNO))
        differ(`answered ${recorded.errno} when it was recorded, and ${errno} now`);
      if (!sameWrites(memory, recorded.writes)) differ('wrote something else into memory when it was recorded');
    } else {
      memory.beginCall();
      for (const write of recorded.writes)
        if (!memory.writeBytes(write.address, write.bytes))
          differ(`wrote to address ${write.address} when it was recorded, which lies outside memory now`);
    }
    const emptyPoll = name === 'fd_read' && errno === Errno.AGAIN;
    if (event !== undefined && event.flags.emptyPoll !== emptyPoll)
      differ(
        `${emptyPoll ? 'found stdin empty, which' : 'did not find stdin empty, though'} the recording does ${emptyPoll ? 'not say' : 'say so'}`,
      );
    context.outcome.fuelToZero = recorded.fuelToZero;
    let flags = recorded.fuelToZero ? CALL.fuelToZero : 0;
    if (event?.flags.hostWouldPanic) flags |= CALL.hostWouldPanic;
    if (emptyPoll) flags |= CALL.emptyPoll;
    if (event?.flags.sleepMs !== undefined) flags |= CALL.sleeps;
    if (name === 'fd_write') flags |= CALL.sent;
    observer.after({ index: syscallIndex(name), name, args, errno, flags, sleepMs: event?.flags.sleepMs ?? 0 });
    if (exit !== undefined) throw exit;
    return errno;
  };
}
