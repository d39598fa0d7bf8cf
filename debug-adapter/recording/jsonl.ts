// The lines of a recording: an event as lines, and lines as an event (docs/recording-format.md). Unknown fields are kept by never being
// needed. The file as a whole is read by reader.ts and written by writer.ts. Contracts R2, R4, R5.

import { answeredByOf } from './answered-by-table.ts';
import {
  continuationLines,
  firstPart,
  fromBase64,
  isUtf8,
  isUtf8InSlices,
  type Joined,
  LONGEST_FIELD,
  type LongField,
  NOTHING_JOINED,
  toBase64,
} from './continuation.ts';
import type { EndPlace, FoldedCall, LoggedEvent, MemoryWrite, RunEvent } from './event.ts';
import { withLine } from './event-store.ts';
import { type Fields, fieldsOf, RecordingError, shown } from './fields.ts';
import { syscallIndex } from './syscalls.ts';

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();

const AT: readonly EndPlace[] = ['event', 'charge', 'before', 'bulk'];

/** The kinds that this version knows; a line of another kind is passed over (R4). */
const KINDS: ReadonlySet<string> = new Set([
  'rpc',
  'syscall',
  'stderr',
  'yield',
  'grow',
  'edit',
  'diagnosis',
  'exit',
  'folded',
]);

/** How bytes and texts are put into an event's line: as they are, or cut. */
interface Packing {
  bytes(bytes: Uint8Array): unknown;
  /** Of bytes that mean no text. */
  base64(bytes: Uint8Array): unknown;
  text(text: string): unknown;
}

/** All in the event's line. Text as it is when the bytes are UTF-8 that survives JSON, else base64 (R4). */
const whole: Packing = {
  bytes(bytes) {
    try {
      return strictUtf8.decode(bytes);
    } catch {
      return { base64: toBase64(bytes) };
    }
  },
  base64: (bytes) => ({ base64: toBase64(bytes) }),
  text: (text) => text,
};

/** What is long is cut, and its rest comes into `long`; `utf8` says of long bytes whether they are text. */
function cutting(long: LongField[], utf8: ReadonlyMap<Uint8Array, boolean>): Packing {
  const cut = (field: LongField): Fields => {
    long.push(field);
    return firstPart(field);
  };
  return {
    bytes: (bytes) =>
      bytes.length > LONGEST_FIELD ? cut({ bytes, utf8: utf8.get(bytes) ?? isUtf8(bytes) }) : whole.bytes(bytes),
    base64: (bytes) => (bytes.length > LONGEST_FIELD ? cut({ bytes, utf8: false }) : whole.base64(bytes)),
    text(text) {
      if (text.length * 3 <= LONGEST_FIELD) return text;
      const bytes = encoder.encode(text);
      return bytes.length > LONGEST_FIELD ? cut({ bytes, utf8: true }) : text;
    },
  };
}

function packWrites(writes: readonly MemoryWrite[], pack: Packing): unknown[] {
  return writes.map((write) => [write.address, pack.bytes(write.bytes)]);
}

/** One event as one line, without newline, however long it is: for people and programs that want it whole. A file is made of `eventLines`. */
export function formatEvent(event: LoggedEvent): string {
  return JSON.stringify(fieldsFor(event, whole));
}

/**
 * The lines of a recording that hold an event, each with its newline: what is long goes on in lines behind. In pieces, between which others may
 * have their turn; one may be empty.
 */
export function eventLines(event: LoggedEvent): IterableIterator<string> {
  return isLong(event) ? longLines(event) : [`${formatEvent(event)}\n`].values();
}

function isLong(event: LoggedEvent): boolean {
  switch (event.kind) {
    case 'rpc':
    case 'stderr':
      return event.bytes.length > LONGEST_FIELD;
    case 'syscall':
      return hasLong(event.writes);
    case 'folded':
      return event.calls.some((call) => !('count' in call) && hasLong(call.writes));
    case 'edit':
      return event.bytes.length > LONGEST_FIELD || event.text.length * 3 > LONGEST_FIELD;
    case 'diagnosis':
    case 'exit':
      return event.message.length * 3 > LONGEST_FIELD;
    default:
      return false;
  }
}

const hasLong = (writes: readonly MemoryWrite[]): boolean => writes.some(({ bytes }) => bytes.length > LONGEST_FIELD);

function* longLines(event: LoggedEvent): Generator<string> {
  const utf8 = new Map<Uint8Array, boolean>();
  for (const bytes of bytesIn(event)) if (bytes.length > LONGEST_FIELD) utf8.set(bytes, yield* isUtf8InSlices(bytes));
  const long: LongField[] = [];
  yield `${JSON.stringify(fieldsFor(event, cutting(long, utf8)))}\n`;
  for (const field of long) yield* continuationLines(field);
}

function* bytesIn(event: LoggedEvent): Generator<Uint8Array> {
  if (event.kind === 'rpc' || event.kind === 'stderr') yield event.bytes;
  else if (event.kind === 'syscall') for (const { bytes } of event.writes) yield bytes;
  else if (event.kind === 'folded')
    for (const call of event.calls) if (!('count' in call)) for (const { bytes } of call.writes) yield bytes;
}

function fieldsFor(event: LoggedEvent, pack: Packing): Fields {
  const fields: Fields = { kind: event.kind, fuel: event.fuel, t: round(event.time) };
  switch (event.kind) {
    case 'rpc':
      fields['dir'] = event.dir;
      fields['line'] = pack.bytes(event.bytes);
      if (!event.complete) fields['incomplete'] = true;
      if (event.unread) fields['unread'] = true;
      if (event.answeredBy !== undefined) fields['answeredBy'] = event.answeredBy;
      break;
    case 'stderr':
      fields['line'] = pack.bytes(event.bytes);
      if (!event.complete) fields['incomplete'] = true;
      break;
    case 'syscall':
      fields['name'] = event.name;
      fields['args'] = event.args.map((arg) => (typeof arg === 'bigint' ? String(arg) : arg));
      if (event.errno !== undefined) fields['errno'] = event.errno;
      if (event.writes.length > 0) fields['writes'] = packWrites(event.writes, pack);
      if (event.sent !== undefined) fields['sent'] = [event.sent.bytes, event.sent.crc];
      if (event.flags.fuelToZero) fields['fuelToZero'] = true;
      if (event.flags.emptyPoll) fields['emptyPoll'] = true;
      if (event.flags.hostWouldPanic) fields['hostWouldPanic'] = true;
      if (event.flags.sleepMs !== undefined) fields['sleepMs'] = event.flags.sleepMs;
      break;
    case 'yield':
      fields['count'] = event.count;
      fields['lastFuel'] = event.lastFuel;
      fields['required'] = event.required;
      break;
    case 'grow':
      fields['space'] = event.space;
      fields['index'] = event.index;
      fields['delta'] = event.delta;
      fields['result'] = event.result;
      break;
    case 'edit':
      fields['space'] = event.space;
      fields['index'] = event.index;
      if (event.space === 'memory') fields['address'] = event.address;
      fields['bytes'] = pack.base64(event.bytes);
      fields['moment'] = event.moment;
      if (event.offset >= 0) fields['offset'] = event.offset;
      fields['text'] = pack.text(event.text);
      break;
    case 'diagnosis':
      fields['diagnosis'] = event.diagnosis;
      fields['message'] = pack.text(event.message);
      fields['severity'] = event.severity;
      break;
    case 'exit':
      fields['reason'] = event.reason;
      if (event.code !== undefined) fields['code'] = event.code;
      fields['message'] = pack.text(event.message);
      if (event.memorySha256 !== undefined) fields['memorySha256'] = event.memorySha256;
      if (event.inputs !== undefined) fields['inputs'] = event.inputs;
      if (event.at !== undefined) fields['at'] = event.at;
      break;
    case 'folded':
      fields['calls'] = event.calls.map((call) => {
        if ('count' in call) return { yields: call.count };
        const folded: Fields = { name: call.name };
        if (call.errno !== undefined) folded['errno'] = call.errno;
        if (call.fuelToZero) folded['fuelToZero'] = true;
        if (call.writes.length > 0) folded['writes'] = packWrites(call.writes, pack);
        return folded;
      });
      break;
  }
  return fields;
}

/** To the nanosecond. Past 2^53 of them there is nothing to round. */
const round = (ms: number): number => (Math.abs(ms) < 9e9 ? Math.round(ms * 1e6) / 1e6 : ms);

/** An event that is whole in one line; undefined for a kind that this version does not know (kept in the file, ignored here: R4). */
export function parseEvent(line: string, seq: number): RunEvent | undefined {
  const event = readEvent(JSON.parse(line), NOTHING_JOINED, seq);
  return event && withLine(event);
}

/** As `parseEvent`, from the line's value; `joined` has what went on behind it. @throws RecordingError with a clause that says what is wrong */
export function readEvent(value: unknown, joined: Joined, seq: number): LoggedEvent | undefined {
  const fields = fieldsOf(value);
  if (fields === undefined) throw new RecordingError('it is not a JSON object');
  const number = (key: string): number => {
    const value = fields[key];
    if (typeof value !== 'number' || !Number.isFinite(value)) throw new RecordingError(`"${key}" is not a number`);
    return value;
  };
  const text = (key: string): string => {
    const value = fields[key];
    if (typeof value !== 'string') throw new RecordingError(`"${key}" is not a text`);
    return value;
  };
  const longText = (key: string): string => {
    const bytes = joinedBytes(fields[key], joined);
    return bytes === undefined ? text(key) : decoder.decode(bytes);
  };
  const u32 = (key: string): number => {
    const value = number(key);
    if (!Number.isInteger(value) || value < 0 || value > 0xffffffff)
      throw new RecordingError(`"${key}" is no whole number of 32 bits`);
    return value;
  };
  const whole = (key: string): number => {
    const value = number(key);
    if (!Number.isSafeInteger(value) || value < 0) throw new RecordingError(`"${key}" is no whole number`);
    return value;
  };
  const kind = text('kind');
  if (!KINDS.has(kind)) return undefined;
  const base = { seq, fuel: number('fuel'), time: number('t') };
  const yes = (key: string): boolean => fields[key] === true;
  switch (kind) {
    case 'rpc':
    case 'stderr': {
      const { bytes, utf8 } = unpackBytes(fields['line'], joined);
      const complete = !yes('incomplete');
      if (kind === 'stderr') return { ...base, kind, bytes, utf8, complete };
      const dir = fields['dir'];
      if (dir !== 'in' && dir !== 'out') throw new RecordingError('"dir" is neither "in" nor "out"');
      const said = fields['answeredBy'];
      const answeredBy = said === undefined ? undefined : answeredByOf(JSON.stringify(said));
      const source = answeredBy === undefined ? undefined : { answeredBy };
      return { ...base, kind, dir, bytes, utf8, complete, unread: yes('unread'), ...source };
    }
    case 'syscall': {
      const args = fields['args'];
      if (!Array.isArray(args) || args.length > 16) throw new RecordingError('"args" is no list of arguments');
      const name = text('name');
      syscallIndex(name);
      return {
        ...base,
        kind,
        name,
        args: args.map(unpackArgument),
        errno: errnoOf(fields),
        writes: unpackWrites(fields['writes'], joined),
        sent: unpackSent(fields['sent']),
        flags: {
          fuelToZero: yes('fuelToZero'),
          emptyPoll: yes('emptyPoll'),
          hostWouldPanic: yes('hostWouldPanic'),
          sleepMs: fields['sleepMs'] === undefined ? undefined : number('sleepMs'),
        },
      };
    }
    case 'yield':
      return { ...base, kind, count: u32('count'), lastFuel: number('lastFuel'), required: number('required') };
    case 'grow': {
      const space = fields['space'];
      if (space !== 'memory' && space !== 'table') throw new RecordingError('"space" is neither "memory" nor "table"');
      return { ...base, kind, space, index: u32('index'), delta: number('delta'), result: number('result') };
    }
    case 'edit': {
      const space = fields['space'];
      if (space !== 'local' && space !== 'stack' && space !== 'global' && space !== 'memory' && space !== 'reply')
        throw new RecordingError('"space" is neither "local" nor "stack", "global", "memory" or "reply"');
      return {
        ...base,
        kind,
        space,
        index: u32('index'),
        address: space === 'memory' ? whole('address') : 0,
        bytes: unpackBytes(fields['bytes'], joined).bytes,
        moment: whole('moment'),
        offset: fields['offset'] === undefined ? -1 : u32('offset'),
        text: longText('text'),
      };
    }
    case 'diagnosis': {
      const severity = fields['severity'] === 'warning' ? 'warning' : 'fault';
      return { ...base, kind, diagnosis: text('diagnosis'), message: longText('message'), severity };
    }
    case 'exit': {
      const reason = text('reason');
      if (!['returned', 'exit', 'trap', 'limit', 'terminated', 'unusable', 'ours'].includes(reason))
        throw new RecordingError(`"reason" is "${reason}", which is none that ends a call`);
      const sha = fields['memorySha256'];
      return {
        ...base,
        kind,
        reason: reason as 'returned',
        code: fields['code'] === undefined ? undefined : number('code'),
        message: longText('message'),
        memorySha256: typeof sha === 'string' ? sha : undefined,
        inputs: fields['inputs'] === undefined ? undefined : u32('inputs'),
        at: AT.find((at) => at === fields['at']),
      };
    }
    case 'folded': {
      const list = fields['calls'];
      if (!Array.isArray(list)) throw new RecordingError('"calls" is no list');
      const calls = list.map((call: unknown) => unpackFolded(call, joined));
      return { ...base, kind, count: calls.length, calls };
    }
    default:
      return undefined;
  }
}

function errnoOf(fields: Fields): number | undefined {
  const value = fields['errno'];
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > 0xfffe)
    throw new RecordingError('"errno" is no errno');
  return value;
}

function unpackSent(value: unknown): { bytes: number; crc: number } | undefined {
  if (value === undefined) return undefined;
  const whole = (part: unknown): part is number =>
    typeof part === 'number' && Number.isInteger(part) && part >= 0 && part <= 0xffffffff;
  if (!Array.isArray(value) || !whole(value[0]) || !whole(value[1]))
    throw new RecordingError('"sent" is not [bytes, CRC-32]');
  return { bytes: value[0], crc: value[1] };
}

function unpackArgument(value: unknown): number | bigint {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  if (typeof value === 'string' && /^-?\d{1,20}$/.test(value)) return BigInt(value);
  throw new RecordingError(`${shown(value)} is no argument of a syscall`);
}

function joinedBytes(value: unknown, joined: Joined): Uint8Array | undefined {
  return typeof value === 'object' && value !== null ? joined.get(value) : undefined;
}

function unpackBytes(value: unknown, joined: Joined): { bytes: Uint8Array; utf8: boolean } {
  if (typeof value === 'string') return { bytes: encoder.encode(value), utf8: true };
  const fields = fieldsOf(value);
  const cut = joinedBytes(value, joined);
  if (cut === undefined && fields !== undefined && 'more' in fields)
    throw new RecordingError('"more" is not the number of lines in which a text goes on');
  if (typeof fields?.['text'] === 'string') return { bytes: cut ?? encoder.encode(fields['text']), utf8: true };
  const base64 = fields?.['base64'];
  if (typeof base64 !== 'string') throw new RecordingError('bytes are neither a text nor {"base64": …}');
  const bytes = cut ?? fromBase64(base64);
  // whoever wrote the file may have taken base64 for a text too
  return { bytes, utf8: isUtf8(bytes) };
}

function unpackWrites(value: unknown, joined: Joined): MemoryWrite[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw new RecordingError('"writes" is no list');
  return value.map((entry: unknown) => {
    if (!Array.isArray(entry) || typeof entry[0] !== 'number' || !(entry[0] >= 0 && entry[0] < 2 ** 53))
      throw new RecordingError('a write is not [address, bytes]');
    return { address: entry[0], bytes: unpackBytes(entry[1], joined).bytes };
  });
}

function unpackFolded(value: unknown, joined: Joined): FoldedCall {
  const fields = fieldsOf(value);
  if (fields === undefined) throw new RecordingError('a folded call is no object');
  const { yields } = fields;
  if (yields !== undefined) {
    if (typeof yields !== 'number' || !Number.isInteger(yields) || yields < 1 || yields > 0xffffffff)
      throw new RecordingError('"yields" is no number of yields');
    return { name: 'yield', count: yields };
  }
  const name = fields['name'];
  if (typeof name !== 'string') throw new RecordingError('a folded call has no name');
  syscallIndex(name);
  return {
    name,
    errno: errnoOf(fields),
    fuelToZero: fields['fuelToZero'] === true,
    writes: unpackWrites(fields['writes'], joined),
  };
}
