// What a guest's syscalls act on: arguments, environment, the three pipes, time and randomness; and what a call leaves
// behind for the executor. The hdk's WasiCtx. No memory and no wasm here. Contracts E3, E5, E7.

import { StdinPipe } from './pipe.ts';

/** Thrown by proc_exit and by a proc_raise that is not ignored: the guest ends here, with this code. */
export class GuestExit extends Error {
  /** As production's `i32_exit` carries it: a signed 32-bit number. */
  readonly code: number;

  constructor(code: number) {
    super(`the plugin ended itself with exit code ${code}`);
    this.name = 'GuestExit';
    this.code = code;
  }
}

/** What the executor reads after each call. */
export interface SyscallOutcome {
  /** The call set the fuel to 0: the next charge yields. Anew for each call. */
  fuelToZero: boolean;
  /** Production's host would have panicked on a bad pointer; we answered EFAULT. Anew for each call. */
  hostWouldPanic: boolean;
  /** The guest has ended itself ({@link GuestExit} was thrown). */
  exit: { readonly code: number } | undefined;
  /** fd_read found stdin empty. Stays set until a yield clears it, as in production: see {@link takeStdinWait}. */
  awaitingStdin: boolean;
  /** The deadline of a poll_oneoff, in ns of the context's clock. Stays until the next yield, as in production: see {@link takeSleep}. */
  sleepUntil: bigint | undefined;
}

export interface WasiContext {
  /** Always empty in production, which has no way to set them; so is `env`. */
  readonly args: readonly Uint8Array[];
  /** Entries are `KEY=value`. */
  readonly env: readonly Uint8Array[];
  readonly stdin: StdinPipe;
  /** Which of the fds 0, 1, 2 the guest has closed. Closing 1 ends the host's reading. */
  readonly closed: [stdin: boolean, stdout: boolean, stderr: boolean];
  /**
   * Takes what the guest writes: all of it, as production's pipes do. `bytes` is a view of guest memory that is only good
   * during the call: copy what is to stay. A limit is enforced by throwing, which ends the guest's call.
   */
  write(fd: 1 | 2, bytes: Uint8Array): void;
  /** Nanoseconds since 1970. */
  now(): bigint;
  /** Fills `bytes`, a view of guest memory. */
  random(bytes: Uint8Array): void;
  /**
   * Called now and then inside a call that takes long (millions of iovecs, a gigabyte of random bytes), so that pause and terminate get
   * through. May block, and may throw to end the guest.
   */
  checkpoint(): void;
  readonly outcome: SyscallOutcome;
}

export interface WasiContextOptions {
  readonly args?: readonly string[];
  /** `KEY=value` each. */
  readonly env?: readonly string[];
  readonly stdin?: StdinPipe;
  readonly write: (fd: 1 | 2, bytes: Uint8Array) => void;
  readonly now: () => bigint;
  readonly random: (bytes: Uint8Array) => void;
  readonly checkpoint?: () => void;
}

/**
 * A context for one fresh instance (E1).
 * @throws RangeError when an argument or environment entry holds a NUL byte: the guest gets them ended by one.
 */
export function createContext(options: WasiContextOptions): WasiContext {
  const encoder = new TextEncoder();
  const encode = (kind: string) => (text: string) => {
    if (text.includes('\0'))
      throw new RangeError(
        `the ${kind} ${JSON.stringify(text)} holds a NUL character: take it out, a guest would see the text end there`,
      );
    return encoder.encode(text);
  };
  return {
    args: (options.args ?? []).map(encode('argument')),
    env: (options.env ?? []).map(encode('environment entry')),
    stdin: options.stdin ?? new StdinPipe(),
    closed: [false, false, false],
    write: options.write,
    now: options.now,
    random: options.random,
    checkpoint: options.checkpoint ?? (() => {}),
    outcome: {
      fuelToZero: false,
      hostWouldPanic: false,
      exit: undefined,
      awaitingStdin: false,
      sleepUntil: undefined,
    },
  };
}

/**
 * At an out-of-fuel yield production's loop (`run_wasm`) takes the deadline first, and sleeps until it has passed.
 * @returns the deadline in ns of the context's clock, if one was set since the last yield.
 */
export function takeSleep(context: WasiContext): bigint | undefined {
  const { sleepUntil } = context.outcome;
  context.outcome.sleepUntil = undefined;
  return sleepUntil;
}

/**
 * Then, if an fd_read came back empty, it looks into stdin. That fetches up to 8 KiB into the reader's buffer, and so
 * decides where the next read ends. The flag is cleared only when stdin is still empty: with input there, each further
 * yield looks again.
 * @returns whether the guest found stdin empty, and it still is.
 */
export function takeStdinWait(context: WasiContext): boolean {
  const { outcome } = context;
  const empty = outcome.awaitingStdin && (context.closed[0] || !context.stdin.fill());
  if (empty) outcome.awaitingStdin = false;
  return empty;
}
