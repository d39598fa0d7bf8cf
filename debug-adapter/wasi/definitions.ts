// The words and numbers of `wasi_snapshot_preview1` as the hdk 0.1.0 speaks it: errnos, signals, struct layouts, and the
// exact types of its 14 imports. No behaviour (that is calls.ts). Contract E3.

/** Where the 14 functions are imported from. */
export const WASI_MODULE = 'wasi_snapshot_preview1';

/** The errnos that production answers, and those we need beside them. WASI preview1 `errno`. */
export const Errno = {
  SUCCESS: 0,
  AGAIN: 6,
  BADF: 8,
  FAULT: 21,
  INVAL: 28,
  /** Never answered by production; the stub of a missing import (`missingImports: enosys`) answers it. */
  NOSYS: 52,
} as const;

/** All errnos of WASI preview1, by number. */
export const ERRNO_NAMES: readonly string[] = (
  'SUCCESS 2BIG ACCES ADDRINUSE ADDRNOTAVAIL AFNOSUPPORT AGAIN ALREADY BADF BADMSG BUSY CANCELED CHILD CONNABORTED ' +
  'CONNREFUSED CONNRESET DEADLK DESTADDRREQ DOM DQUOT EXIST FAULT FBIG HOSTUNREACH IDRM ILSEQ INPROGRESS INTR INVAL IO ' +
  'ISCONN ISDIR LOOP MFILE MLINK MSGSIZE MULTIHOP NAMETOOLONG NETDOWN NETRESET NETUNREACH NFILE NOBUFS NODEV NOENT ' +
  'NOEXEC NOLCK NOLINK NOMEM NOMSG NOPROTOOPT NOSPC NOSYS NOTCONN NOTDIR NOTEMPTY NOTRECOVERABLE NOTSOCK NOTSUP NOTTY ' +
  'NXIO OVERFLOW OWNERDEAD PERM PIPE PROTO PROTONOSUPPORT PROTOTYPE RANGE ROFS SPIPE SRCH STALE TIMEDOUT TXTBSY XDEV ' +
  'NOTCAPABLE'
).split(' ');

/** `SUCCESS`, or `E` and the name as C spells it: `EAGAIN`. A number that WASI does not name is shown as `errno 99`. */
export function errnoName(errno: number): string {
  const name = ERRNO_NAMES[errno];
  if (name === undefined) return `errno ${errno}`;
  return errno === 0 ? name : `E${name}`;
}

/** All signals of WASI preview1, by number (0 is `none`). */
export const SIGNAL_NAMES: readonly string[] = (
  'none HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ ' +
  'VTALRM PROF WINCH POLL PWR SYS'
).split(' ');

/** Signals that production's proc_raise ignores: none, PIPE, CHLD, CONT, URG, WINCH. Every other ends the guest with 128 + signal. */
export const IGNORED_SIGNALS: ReadonlySet<number> = new Set([0, 13, 16, 17, 22, 27]);

/** `SIGABRT` for 6; a number that WASI does not name is shown as `signal 99`. */
export function signalName(signal: number): string {
  const name = SIGNAL_NAMES[signal];
  return name === undefined ? `signal ${signal}` : signal === 0 ? 'no signal' : `SIG${name}`;
}

/** Bytes of one `iovec`/`ciovec`: the buffer's address (u32) and its length (u32). */
export const IOVEC_SIZE = 8;
/** Bytes of one `fdstat`: filetype (u8 at 0), flags (u16 at 2), rights base (u64 at 8), rights inheriting (u64 at 16). */
export const FDSTAT_SIZE = 24;
/** Bytes of one `subscription`: userdata (u64 at 0), tag (u8 at 8), clock id (u32 at 16), timeout ns (u64 at 24), precision ns (u64 at 32), flags (u16 at 40). */
export const SUBSCRIPTION_SIZE = 48;
/** Bytes of one `event`: userdata (u64 at 0), errno (u16 at 8), type (u8 at 10); the rest is zero for clocks. */
export const EVENT_SIZE = 32;

export const FILETYPE_CHARACTER_DEVICE = 2;
export const RIGHTS_FD_READ = 1n << 1n;
export const RIGHTS_FD_WRITE = 1n << 6n;
/** `eventtype` of a clock subscription and of its event. */
export const EVENTTYPE_CLOCK = 0;
/** `subclockflags`: the timeout is a point in time, not a span. */
export const SUBCLOCKFLAGS_ABSTIME = 1;

export type ValueType = 'i32' | 'i64';

/** What a parameter means, for whoever shows it. All pointers are byte addresses in the guest's memory. */
export type ParameterKind =
  | 'fd'
  | 'pointer'
  | 'iovecs'
  | 'count'
  | 'length'
  | 'clock id'
  | 'ns'
  | 'signal'
  | 'exit code';

export interface Parameter {
  readonly name: string;
  readonly type: ValueType;
  readonly kind: ParameterKind;
}

export interface Syscall {
  readonly params: readonly Parameter[];
  /** The errno is the one result, where there is one. proc_raise has none here, though WASI gives it one: a module that
   * imports it as WASI types it does not link in production. */
  readonly results: readonly ValueType[];
  /** Whether the call can end the guest instead of returning. */
  readonly ends: 'never' | 'sometimes' | 'always';
}

function p(name: string, kind: ParameterKind, type: ValueType = 'i32'): Parameter {
  return { name, type, kind };
}

function errnoCall(...params: Parameter[]): Syscall {
  return { params, results: ['i32'], ends: 'never' };
}

/** The 14 imports, typed as the hdk's linker types them (its `func_wrap` calls). */
export const SYSCALLS = {
  args_get: errnoCall(p('argv', 'pointer'), p('argv_buf', 'pointer')),
  args_sizes_get: errnoCall(p('argc', 'pointer'), p('argv_buf_size', 'pointer')),
  environ_get: errnoCall(p('environ', 'pointer'), p('environ_buf', 'pointer')),
  environ_sizes_get: errnoCall(p('environc', 'pointer'), p('environ_buf_size', 'pointer')),
  fd_read: errnoCall(p('fd', 'fd'), p('iovs', 'iovecs'), p('iovs_len', 'count'), p('nread', 'pointer')),
  fd_write: errnoCall(p('fd', 'fd'), p('iovs', 'iovecs'), p('iovs_len', 'count'), p('nwritten', 'pointer')),
  fd_fdstat_get: errnoCall(p('fd', 'fd'), p('stat', 'pointer')),
  fd_close: errnoCall(p('fd', 'fd')),
  clock_time_get: errnoCall(p('id', 'clock id'), p('precision', 'ns', 'i64'), p('time', 'pointer')),
  random_get: errnoCall(p('buf', 'pointer'), p('buf_len', 'length')),
  sched_yield: errnoCall(),
  poll_oneoff: errnoCall(
    p('in', 'pointer'),
    p('out', 'pointer'),
    p('nsubscriptions', 'count'),
    p('nevents', 'pointer'),
  ),
  proc_raise: { params: [p('sig', 'signal')], results: [], ends: 'sometimes' },
  proc_exit: { params: [p('code', 'exit code')], results: [], ends: 'always' },
} as const satisfies Record<string, Syscall>;

export type SyscallName = keyof typeof SYSCALLS;

/** The 14 names, in the order of {@link SYSCALLS}. */
export const SYSCALL_NAMES = Object.keys(SYSCALLS) as readonly SyscallName[];

export function isSyscallName(name: string): name is SyscallName {
  return Object.hasOwn(SYSCALLS, name);
}

/** The type of a syscall in Wasm's own words, for messages: `(i32, i64, i32) -> i32`. */
export function syscallType(name: SyscallName): string {
  const { params, results }: Syscall = SYSCALLS[name];
  return `(${params.map((parameter) => parameter.type).join(', ')}) -> ${results[0] ?? '()'}`;
}
