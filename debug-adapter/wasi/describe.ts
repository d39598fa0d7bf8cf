// A finished syscall for people: one line for traces, a small tree for the Variables view. Made of plain values (name,
// arguments, errno, a way to read memory), so it serves a live call and a recorded one. Decides nothing. Contract E3.

import { formatTime } from './clock.ts';
import {
  EVENTTYPE_CLOCK,
  errnoName,
  IGNORED_SIGNALS,
  IOVEC_SIZE,
  isSyscallName,
  type Parameter,
  SUBCLOCKFLAGS_ABSTIME,
  SUBSCRIPTION_SIZE,
  SYSCALLS,
  type Syscall,
  type SyscallName,
  signalName,
} from './definitions.ts';
import { excerpt, formatSpan, hexAddress, hexExcerpt, plural } from './excerpt.ts';

/** Reads guest memory; undefined for what is out of bounds (negative addresses, which guests do pass, are), or not known. */
export type MemoryReader = (address: number, length: number) => Uint8Array | undefined;

export interface FinishedCall {
  /** One of the 14, or the name of a missing import that was stubbed. */
  readonly name: string;
  /** i32 as signed numbers, i64 as signed bigints. */
  readonly args: readonly (number | bigint)[];
  /** Undefined when the call ended the guest or has no result. */
  readonly errno: number | undefined;
  /** Production's host would have panicked here. */
  readonly hostWouldPanic?: boolean;
  /** Bytes that fd_write handed over, where they are known though the iovecs are not (a recorded call). */
  readonly sentBytes?: number;
}

/** One row of the Variables view. */
export interface DescribedField {
  readonly name: string;
  readonly value: string;
  /** Where in guest memory the value lies, and how many bytes it has: for "view binary data". */
  readonly memory?: { readonly address: number; readonly length: number };
  readonly children: readonly DescribedField[];
}

/** Most iovecs or subscriptions that are looked at; a guest may pass 2^31 of them. */
const MOST_ENTRIES = 64;

const STREAMS = ['stdin', 'stdout', 'stderr'];
const CLOCKS = ['realtime', 'monotonic', 'process CPU time', 'thread CPU time'];

/** A reader over what a recorded call wrote: for calls whose other memory is gone. Later writes win. */
export function readerOfWrites(
  writes: readonly { readonly address: number; readonly bytes: Uint8Array }[],
): MemoryReader {
  return (address, length) => {
    for (let i = writes.length - 1; i >= 0; i--) {
      const write = writes[i]!;
      const start = address - write.address;
      if (start >= 0 && start + length <= write.bytes.length) return write.bytes.subarray(start, start + length);
    }
    return undefined;
  };
}

function u32(read: MemoryReader, address: number): number | undefined {
  const bytes = read(address, 4);
  return bytes && new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
}

function u64(read: MemoryReader, address: number): bigint | undefined {
  const bytes = read(address, 8);
  return bytes && new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
}

interface Iovec {
  readonly address: number;
  readonly length: number;
}

/** The first {@link MOST_ENTRIES} iovecs; undefined when one of them cannot be read. */
function readIovecs(read: MemoryReader, at: number, count: number): Iovec[] | undefined {
  const iovecs: Iovec[] = [];
  for (let i = 0; i < count && i < MOST_ENTRIES; i++) {
    const address = u32(read, at + i * IOVEC_SIZE);
    const length = u32(read, at + i * IOVEC_SIZE + 4);
    if (address === undefined || length === undefined) return undefined;
    iovecs.push({ address, length });
  }
  return iovecs;
}

interface Subscription {
  readonly userdata: bigint;
  /** `sleep 10 ms`, `until 2024-…`, or why production skips it. */
  readonly text: string;
}

function readSubscription(read: MemoryReader, at: number): Subscription | undefined {
  const bytes = read(at, SUBSCRIPTION_SIZE);
  if (bytes === undefined) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, SUBSCRIPTION_SIZE);
  const userdata = view.getBigUint64(0, true);
  const tag = view.getUint8(8);
  if (tag !== EVENTTYPE_CLOCK) {
    const what = tag === 1 ? 'fd_read' : tag === 2 ? 'fd_write' : `event type ${tag}`;
    return { userdata, text: `${what} (skipped: only clocks are supported)` };
  }
  const clock = view.getUint32(16, true);
  if (clock > 1) return { userdata, text: `${clockName(clock)} (skipped: only realtime and monotonic are supported)` };
  const timeout = view.getBigUint64(24, true);
  const absolute = (view.getUint16(40, true) & SUBCLOCKFLAGS_ABSTIME) !== 0;
  return { userdata, text: absolute ? `until ${formatTime(timeout)}` : `sleep ${formatSpan(timeout)}` };
}

function clockName(id: number): string {
  return CLOCKS[id] ?? `clock ${id}`;
}

function fdName(fd: number): string {
  const stream = STREAMS[fd];
  return stream === undefined ? `${fd}` : `${fd} (${stream})`;
}

/** What a successful call brought, for the end of the line: `, 57 bytes`. Empty when there is nothing to say. */
function gain(name: SyscallName, args: readonly number[], read: MemoryReader): string {
  const [first = 0, second = 0, third = 0, fourth = 0] = args;
  switch (name) {
    case 'args_sizes_get':
    case 'environ_sizes_get': {
      const count = u32(read, first >>> 0);
      const bytes = u32(read, second >>> 0);
      if (count === undefined || bytes === undefined) return '';
      return `, ${plural(count, name === 'args_sizes_get' ? 'argument' : 'variable')}, ${plural(bytes, 'byte')}`;
    }
    case 'fd_read': {
      const bytes = u32(read, fourth);
      return bytes === undefined ? '' : `, ${plural(bytes, 'byte')}`;
    }
    case 'fd_fdstat_get':
      return first === 0 ? ', character device, to read' : ', character device, to write';
    case 'clock_time_get': {
      const time = u64(read, third);
      return time === undefined ? '' : `, ${formatTime(time)}`;
    }
    default:
      return '';
  }
}

/** What stands between the parentheses: what a reader wants to know, not the raw pointers. */
function shortArguments(name: SyscallName, args: readonly number[], call: FinishedCall, read: MemoryReader): string {
  const [first = 0, second = 0, third = 0] = args;
  switch (name) {
    case 'fd_read':
    case 'fd_write': {
      const count = Math.max(0, third);
      const iovecs = readIovecs(read, second, count);
      const known = iovecs !== undefined && count <= MOST_ENTRIES;
      let bytes = known ? iovecs.reduce((sum, iovec) => sum + iovec.length, 0) : undefined;
      if (name === 'fd_write') bytes = call.errno === 0 ? (call.sentBytes ?? bytes) : bytes;
      if (name === 'fd_read' && count === 1 && bytes !== undefined) return `${first}, ${bytes}`;
      const shown = `${first}, ${plural(third, 'iovec')}`;
      return bytes === undefined ? shown : `${shown}, ${plural(bytes, 'byte')}`;
    }
    case 'fd_fdstat_get':
    case 'fd_close':
      return `${first}`;
    case 'clock_time_get':
      return clockName(first);
    case 'random_get':
      return plural(second, 'byte');
    case 'poll_oneoff': {
      const subscription = third === 1 ? readSubscription(read, first) : undefined;
      return subscription?.text ?? plural(third, 'subscription');
    }
    case 'proc_raise':
      return signalName(first);
    case 'proc_exit':
      return `${first}`;
    default:
      return '';
  }
}

/** i64 arguments (only the precision of clock_time_get) are not decoded, so numbers will do. */
function asNumbers(args: readonly (number | bigint)[]): number[] {
  return args.map(Number);
}

/**
 * One line, e.g. `fd_write(1, 1 iovec, 57 bytes) = SUCCESS`, `fd_read(0, 8192) = EAGAIN`,
 * `proc_raise(SIGABRT) ends the plugin with 134`. What `read` cannot give is left out.
 */
export function summarizeCall(call: FinishedCall, read: MemoryReader): string {
  const { name, errno } = call;
  if (!isSyscallName(name)) {
    const result = errno === undefined ? '' : ` = ${errnoName(errno)}`;
    return `${name}(${call.args.join(', ')})${result} (production lacks this import)`;
  }
  const args = asNumbers(call.args);
  const head = `${name}(${shortArguments(name, args, call, read)})`;
  if (name === 'proc_exit') return `${head} ends the plugin`;
  if (name === 'proc_raise') {
    const signal = args[0] ?? 0;
    return IGNORED_SIGNALS.has(signal) ? `${head} is ignored` : `${head} ends the plugin with ${(128 + signal) | 0}`;
  }
  if (errno === undefined) return head;
  const tail = call.hostWouldPanic ? " (production's host would panic here)" : '';
  return `${head} = ${errnoName(errno)}${errno === 0 ? gain(name, args, read) : ''}${tail}`;
}

function field(
  name: string,
  value: string,
  children: readonly DescribedField[] = [],
  memory?: { address: number; length: number },
): DescribedField {
  return memory === undefined ? { name, value, children } : { name, value, children, memory };
}

/** One row an iovec, with what lies there: what was written, or the `filled` bytes that were read. */
function iovecFields(iovecs: readonly Iovec[], read: MemoryReader, filled: number | undefined): DescribedField[] {
  let left = filled ?? Number.POSITIVE_INFINITY;
  return iovecs.map(({ address, length }, i) => {
    const used = Math.min(length, left);
    left -= used;
    // An excerpt needs no more than its first few bytes, and one to see that there are more.
    const head = read(address, Math.min(used, 1024));
    const content = head === undefined ? 'not readable' : used === 0 ? 'nothing' : excerpt(head);
    const size = used === length ? plural(length, 'byte') : `${used} of ${plural(length, 'byte')}`;
    return field(`[${i}]`, `${hexAddress(address)}, ${size}: ${content}`, [], { address, length: used });
  });
}

/** Rows for what a pointer that the call writes to shows afterwards. */
function pointedAt(name: SyscallName, parameter: Parameter, args: readonly number[], read: MemoryReader): string {
  const address = args[SYSCALLS[name].params.findIndex((other) => other.name === parameter.name)] ?? 0;
  switch (parameter.name) {
    case 'argc':
    case 'argv_buf_size':
    case 'environc':
    case 'environ_buf_size':
    case 'nread':
    case 'nwritten':
    case 'nevents': {
      const value = u32(read, parameter.name.startsWith('n') ? address : address >>> 0);
      return value === undefined ? '' : ` → ${value}`;
    }
    case 'time': {
      const value = u64(read, address);
      return value === undefined ? '' : ` → ${formatTime(value)}`;
    }
    case 'buf': {
      const bytes = read(address, Math.min(args[1] ?? 0, 64));
      return bytes === undefined || bytes.length === 0 ? '' : ` → ${hexExcerpt(bytes)}`;
    }
    default:
      return '';
  }
}

function argumentField(
  name: SyscallName,
  parameter: Parameter,
  index: number,
  call: FinishedCall,
  args: readonly number[],
  read: MemoryReader,
): DescribedField {
  const value = args[index] ?? 0;
  const succeeded = call.errno === 0;
  switch (parameter.kind) {
    case 'fd':
      return field(parameter.name, fdName(value));
    case 'iovecs': {
      const count = Math.max(0, args[2] ?? 0);
      const iovecs = readIovecs(read, value, count);
      if (iovecs === undefined) return field(parameter.name, `${hexAddress(value)}, not readable`);
      const filled = name === 'fd_write' ? undefined : succeeded ? u32(read, args[3] ?? 0) : 0;
      const rows = iovecFields(iovecs, read, filled);
      if (count > MOST_ENTRIES) rows.push(field('…', `${count - MOST_ENTRIES} more`));
      const memory = { address: value, length: iovecs.length * IOVEC_SIZE };
      return field(parameter.name, `${hexAddress(value)}, ${plural(count, 'iovec')}`, rows, memory);
    }
    case 'pointer': {
      if (parameter.name === 'in') return subscriptionsField(value, Math.max(0, args[2] ?? 0), read);
      return field(parameter.name, hexAddress(value) + (succeeded ? pointedAt(name, parameter, args, read) : ''));
    }
    case 'clock id':
      return field(parameter.name, `${value} (${clockName(value)})`);
    case 'signal':
      return field(parameter.name, `${value} (${signalName(value)})`);
    case 'ns':
      return field(parameter.name, `${call.args[index] ?? 0} ns`);
    case 'count':
    case 'length':
    case 'exit code':
      return field(parameter.name, `${value}`);
  }
}

function subscriptionsField(at: number, count: number, read: MemoryReader): DescribedField {
  const rows: DescribedField[] = [];
  for (let i = 0; i < count && i < MOST_ENTRIES; i++) {
    const address = at + i * SUBSCRIPTION_SIZE;
    const subscription = readSubscription(read, address);
    if (subscription === undefined) {
      rows.push(field(`[${i}]`, `${hexAddress(address)}, not readable`));
      break;
    }
    const { text, userdata } = subscription;
    rows.push(field(`[${i}]`, `${text}, userdata ${userdata}`, [], { address, length: SUBSCRIPTION_SIZE }));
  }
  if (count > MOST_ENTRIES) rows.push(field('…', `${count - MOST_ENTRIES} more`));
  return field('in', `${hexAddress(at)}, ${plural(count, 'subscription')}`, rows);
}

/** The arguments by name and the errno, each with what it points at, as rows. Never throws, whatever the arguments are. */
export function describeCall(call: FinishedCall, read: MemoryReader): DescribedField[] {
  const rows: DescribedField[] = [];
  const { name } = call;
  if (isSyscallName(name)) {
    const syscall: Syscall = SYSCALLS[name];
    const args = asNumbers(call.args);
    for (const [index, parameter] of syscall.params.entries())
      rows.push(argumentField(name, parameter, index, call, args, read));
  } else {
    for (const [index, value] of call.args.entries()) rows.push(field(`argument ${index}`, `${value}`));
  }
  if (call.errno !== undefined) rows.push(field('errno', `${errnoName(call.errno)} (${call.errno})`));
  if (call.hostWouldPanic)
    rows.push(field('in production', 'the host panics on this pointer; here the plugin gets EFAULT and goes on'));
  return rows;
}
