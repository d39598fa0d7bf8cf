// The 14 syscalls, each a line by line equal of the hdk 0.1.0's: the same checks in the same order, the same errnos. Pure
// but for the context and the memory. Where production's host panics (an `unwrap` on a bad pointer) the answer is EFAULT
// and `outcome.hostWouldPanic`. Contracts E3, E4, E5, E7.

import { GuestExit, type WasiContext } from './context.ts';
import {
  Errno,
  EVENT_SIZE,
  EVENTTYPE_CLOCK,
  FDSTAT_SIZE,
  FILETYPE_CHARACTER_DEVICE,
  IGNORED_SIGNALS,
  IOVEC_SIZE,
  RIGHTS_FD_READ,
  RIGHTS_FD_WRITE,
  SUBCLOCKFLAGS_ABSTIME,
  SUBSCRIPTION_SIZE,
  type SyscallName,
} from './definitions.ts';
import type { GuestMemory } from './memory.ts';

/** i32 parameters come as signed numbers, i64 ones as signed bigints, as V8 passes them. The result is an errno. */
export type Syscalls = Record<SyscallName, (...args: (number | bigint)[]) => number>;

/** How much is done between two {@link WasiContext.checkpoint}s: so many iovecs or subscriptions, or KiB. A few ms. */
const CHECKPOINT_EVERY = 0x4000;
/** Bytes of random_get between two checkpoints. */
const RANDOM_CHUNK = 0x10_0000;

const MAX_U64 = (1n << 64n) - 1n;

/**
 * The syscalls over one context and one memory. proc_exit and proc_raise throw {@link GuestExit}; what `context.write` or
 * `context.checkpoint` throw comes through as it is.
 *
 * About signs. Pointers that production declares `i32` are cast `as usize` on a 64-bit host: a negative one becomes an
 * address near 2^64, out of bounds always, though a 32-bit guest may own that memory (above 2 GiB). Those it declares
 * `u32` (args_*, environ_*) reach all 4 GiB. Counts are `i32` loop bounds: negative ones make the loop not run.
 */
export function createSyscalls(context: WasiContext, memory: GuestMemory): Syscalls {
  const { outcome } = context;

  /** Starts a call. @returns whether there is a memory. */
  function begin(): boolean {
    outcome.fuelToZero = false;
    outcome.hostWouldPanic = false;
    return memory.beginCall();
  }

  function panic(): number {
    outcome.hostWouldPanic = true;
    return Errno.FAULT;
  }

  /** args_get and environ_get: `table` gets a pointer to each string, `buffer` the strings, each with a NUL. */
  function putStrings(strings: readonly Uint8Array[], table: number, buffer: number): number {
    if (!begin()) return panic();
    let entry = table >>> 0;
    let at = buffer >>> 0;
    for (const string of strings) {
      if (!memory.writeU32(entry, at)) return Errno.FAULT;
      entry += 4;
      const target = memory.writable(at, string.length + 1);
      if (target === undefined) return Errno.FAULT;
      target.set(string);
      target[string.length] = 0;
      at += string.length + 1;
    }
    return Errno.SUCCESS;
  }

  /** args_sizes_get and environ_sizes_get. */
  function putSizes(strings: readonly Uint8Array[], count: number, bytes: number): number {
    if (!begin()) return panic();
    let total = 0;
    for (const string of strings) total += string.length + 1;
    if (!memory.writeU32(count >>> 0, strings.length)) return Errno.FAULT;
    if (!memory.writeU32(bytes >>> 0, total)) return Errno.FAULT;
    return Errno.SUCCESS;
  }

  function fdRead(fd: number, iovs: number, iovsLen: number, nread: number): number {
    const hasMemory = begin();
    if (fd !== 0) return Errno.BADF;
    if (!hasMemory) return panic();
    let total = 0;
    // Ends by itself: every turn but the last takes at least a byte off stdin.
    for (let i = 0; i < iovsLen; i++) {
      const iovec = iovs + i * IOVEC_SIZE;
      const address = memory.readU32(iovec);
      const length = memory.readU32(iovec + 4);
      if (address === undefined || length === undefined) return panic();
      // Production allocates `length` zeroed bytes here, up to 4 GiB, and reads into them.
      if (context.closed[0]) return Errno.BADF;
      const bytes = context.stdin.read(length);
      if (bytes === undefined) {
        // Also when an iovec before this one was filled: those bytes are lost to the guest, as in production.
        outcome.awaitingStdin = true;
        outcome.fuelToZero = true;
        return Errno.AGAIN;
      }
      if (bytes.length === 0) break; // the end of the file, or an iovec without room
      total += bytes.length;
      if (!memory.writeBytes(address, bytes)) return panic();
      if (bytes.length < length) break; // a short read
    }
    return memory.writeU32(nread, total) ? Errno.SUCCESS : panic();
  }

  function fdWrite(fd: number, iovs: number, iovsLen: number, nwritten: number): number {
    if (!begin()) return panic();
    let total = 0;
    let work = 0;
    // The count may be 2^31: the first iovec that lies outside memory ends the loop, and a 1 GiB memory holds 2^27.
    for (let i = 0; i < iovsLen; i++) {
      const iovec = iovs + i * IOVEC_SIZE;
      const address = memory.readU32(iovec);
      const length = memory.readU32(iovec + 4);
      if (address === undefined || length === undefined) return panic();
      // Production copies into a fresh buffer of `length` bytes, up to 4 GiB, before it sees that they are not there.
      const bytes = memory.readBytes(address, length);
      if (bytes === undefined) return Errno.FAULT;
      if (fd !== 1 && fd !== 2) return Errno.BADF;
      if (context.closed[fd]) return Errno.BADF;
      if (length > 0) context.write(fd, bytes);
      total += length;
      work += 1 + length / 1024;
      if (work >= CHECKPOINT_EVERY) {
        work = 0;
        context.checkpoint();
      }
    }
    // `total as u32` wraps.
    return memory.writeU32(nwritten, total % 0x1_0000_0000) ? Errno.SUCCESS : Errno.FAULT;
  }

  function fdFdstatGet(fd: number, stat: number): number {
    const hasMemory = begin();
    if (fd !== 0 && fd !== 1 && fd !== 2) return Errno.BADF;
    if (!hasMemory) return panic();
    const target = memory.writable(stat, FDSTAT_SIZE);
    if (target === undefined) return Errno.FAULT;
    target.fill(0); // flags and inheriting rights: none
    target[0] = FILETYPE_CHARACTER_DEVICE;
    target[8] = Number(fd === 0 ? RIGHTS_FD_READ : RIGHTS_FD_WRITE);
    return Errno.SUCCESS;
  }

  function fdClose(fd: number): number {
    begin();
    if (fd !== 0 && fd !== 1 && fd !== 2) return Errno.BADF;
    context.closed[fd] = true;
    return Errno.SUCCESS;
  }

  function clockTimeGet(id: number, time: number): number {
    if (!begin()) return panic();
    if (id !== 0 && id !== 1) return Errno.INVAL;
    const now = context.now();
    if (now < 0n) return Errno.INVAL; // production cannot tell a time before 1970
    return memory.writeU64(time, BigInt.asUintN(64, now)) ? Errno.SUCCESS : Errno.FAULT;
  }

  function randomGet(buf: number, length: number): number {
    if (!begin()) return panic();
    // `vec![0; length as usize]`: a negative length overflows the capacity, and that panics.
    if (length < 0) return panic();
    // Production allocates and fills `length` bytes, up to 2 GiB, before it finds that they do not fit.
    const target = memory.writable(buf, length);
    if (target === undefined) return Errno.FAULT;
    for (let at = 0; at < length; at += RANDOM_CHUNK) {
      if (at > 0) context.checkpoint();
      context.random(target.subarray(at, Math.min(length, at + RANDOM_CHUNK)));
    }
    return Errno.SUCCESS;
  }

  function schedYield(): number {
    begin();
    outcome.fuelToZero = true;
    return Errno.SUCCESS;
  }

  function pollOneoff(subscriptions: number, events: number, count: number, nevents: number): number {
    const hasMemory = begin();
    if (count === 0) return Errno.INVAL;
    if (!hasMemory) return panic();
    // Production reads one after the other, and panics at the first that lies outside; nothing else ends its loop, so to
    // look first gives the same answer and spares the turns. A negative count: no turns.
    if (count > 0 && !memory.contains(subscriptions, count * SUBSCRIPTION_SIZE)) return panic();
    const now = context.now();
    let earliest: bigint | undefined;
    let userdata = 0n;
    for (let i = 0; i < count; i++) {
      if (i % CHECKPOINT_EVERY === CHECKPOINT_EVERY - 1) context.checkpoint();
      const at = subscriptions + i * SUBSCRIPTION_SIZE;
      if (memory.readU8(at + 8) !== EVENTTYPE_CLOCK) continue; // fds are skipped
      if (memory.readU32(at + 16)! > 1) continue; // so are clocks other than realtime and monotonic
      const timeout = memory.readU64(at + 24)!;
      const flags = memory.readU8(at + 40)!;
      let deadline = timeout;
      if ((flags & SUBCLOCKFLAGS_ABSTIME) === 0) {
        deadline = BigInt.asUintN(64, now) + timeout;
        if (deadline > MAX_U64) deadline = MAX_U64; // saturating_add
      }
      if (earliest !== undefined && deadline >= earliest) continue; // of equals the first, as min_by_key
      earliest = deadline;
      userdata = memory.readU64(at)!;
    }
    if (earliest === undefined) return Errno.INVAL;
    if (now < 0n) return Errno.INVAL; // production cannot tell a time before 1970
    if (earliest > now) {
      outcome.sleepUntil = earliest;
      outcome.fuelToZero = true;
    }
    const event = memory.writable(events, EVENT_SIZE);
    if (event === undefined) return panic();
    event.fill(0); // errno SUCCESS, type clock, no fd_readwrite
    new DataView(event.buffer, event.byteOffset).setBigUint64(0, userdata, true);
    return memory.writeU32(nevents, 1) ? Errno.SUCCESS : panic();
  }

  /** @throws GuestExit always. */
  function exit(code: number): never {
    outcome.exit = { code };
    throw new GuestExit(code);
  }

  function procRaise(signal: number): number {
    begin();
    if (IGNORED_SIGNALS.has(signal)) return Errno.SUCCESS;
    // `128 + sig` wraps in a release build of the host; a debug build would panic there.
    return exit((128 + signal) | 0);
  }

  function procExit(code: number): never {
    begin();
    return exit(code | 0);
  }

  return {
    args_get: (argv, buffer) => putStrings(context.args, Number(argv), Number(buffer)),
    args_sizes_get: (argc, size) => putSizes(context.args, Number(argc), Number(size)),
    environ_get: (environ, buffer) => putStrings(context.env, Number(environ), Number(buffer)),
    environ_sizes_get: (count, size) => putSizes(context.env, Number(count), Number(size)),
    fd_read: (fd, iovs, iovsLen, nread) => fdRead(Number(fd), Number(iovs), Number(iovsLen), Number(nread)),
    fd_write: (fd, iovs, iovsLen, nwritten) => fdWrite(Number(fd), Number(iovs), Number(iovsLen), Number(nwritten)),
    fd_fdstat_get: (fd, stat) => fdFdstatGet(Number(fd), Number(stat)),
    fd_close: (fd) => fdClose(Number(fd)),
    clock_time_get: (id, _precision, time) => clockTimeGet(Number(id), Number(time)),
    random_get: (buf, length) => randomGet(Number(buf), Number(length)),
    sched_yield: () => schedYield(),
    poll_oneoff: (subscriptions, events, count, nevents) =>
      pollOneoff(Number(subscriptions), Number(events), Number(count), Number(nevents)),
    proc_raise: (signal) => procRaise(Number(signal)),
    proc_exit: (code) => procExit(Number(code)),
  };
}
