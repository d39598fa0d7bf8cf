// The numbers that stand for syscall names in the binary log (log.ts). Numbers never change; files carry names (R5).

export const SYSCALL_NAMES = [
  'args_get',
  'args_sizes_get',
  'environ_get',
  'environ_sizes_get',
  'fd_read',
  'fd_write',
  'fd_fdstat_get',
  'fd_close',
  'clock_time_get',
  'random_get',
  'sched_yield',
  'poll_oneoff',
  'proc_raise',
  'proc_exit',
  'enosys',
] as const;

const INDEX = new Map<string, number>(SYSCALL_NAMES.map((name, index) => [name, index]));

/** The number of syscall `name`. @throws RangeError for a name that is none of the 14 (or `enosys`, the stub of a missing import). */
export function syscallIndex(name: string): number {
  const index = INDEX.get(name);
  if (index === undefined) throw new RangeError(`no syscall is named '${name}'`);
  return index;
}
