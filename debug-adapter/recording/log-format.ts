// The layout of a record of the event log: numbers that the writer (log.ts) and the reader (event-store.ts) share. Not a file format.

// A record: u32 size (whole record, a multiple of 8) · u8 kind · u8 a · u16 b · f64 fuel · f64 time · u32 c · u32 d · payload.
export const HEADER = 32;
export const KIND = {
  rpc: 1,
  syscall: 2,
  stderr: 3,
  yield: 4,
  grow: 5,
  diagnosis: 6,
  exit: 7,
  folded: 8,
  edit: 9,
} as const;
export type KindCode = (typeof KIND)[keyof typeof KIND];
export const KIND_NAMES = [
  '',
  'rpc',
  'syscall',
  'stderr',
  'yield',
  'grow',
  'diagnosis',
  'exit',
  'folded',
  'edit',
] as const;

/** Flags of a line record (`b`). */
export const LINE = { notUtf8: 1, incomplete: 2, unread: 4 } as const;
/** Flags of a syscall record (low byte of `d`; the number of arguments is the byte above). */
export const CALL = { fuelToZero: 1, emptyPoll: 2, hostWouldPanic: 4, sleeps: 8, sent: 16 } as const;
/** `b` of a syscall that ended the guest. */
export const NO_ERRNO = 0xffff;

/** Stands for a syscall's number in a folded record where yields are counted. */
export const FOLDED_YIELD = 0xff;
