// The recording file: JSON Lines, a header line, then one event a line (docs/recording-format.md). Unknown fields are kept by
// never being needed; a file cut short by a crash loads up to its last whole line. Contracts R2, R4, R5.

import { quoted } from '../wasm/quoted.ts';
import type { EndPlace, FoldedCall, MemoryWrite, RecordingHeader, RunEvent } from './event.ts';
import { type Fields, fieldsOf, parseHeader, RecordingError, shown } from './header.ts';
import { LogWriter } from './log.ts';
import { syscallIndex } from './syscalls.ts';

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
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

/** Text as it is when the bytes are UTF-8 that survives JSON, else base64 (R4). */
function packBytes(bytes: Uint8Array): string | { base64: string } {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return { base64: toBase64(bytes) };
  }
}

function toBase64(bytes: Uint8Array): string {
  let binary = '';
  for (let i = 0; i < bytes.length; i += 0x8000) binary += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return btoa(binary);
}

function packWrites(writes: readonly MemoryWrite[]): unknown[] {
  return writes.map((write) => [write.address, packBytes(write.bytes)]);
}

/** One event's line, without newline. */
export function formatEvent(event: RunEvent): string {
  const fields: Fields = { kind: event.kind, fuel: event.fuel, t: round(event.time) };
  switch (event.kind) {
    case 'rpc':
      fields['dir'] = event.dir;
      fields['line'] = packBytes(event.bytes);
      if (!event.complete) fields['incomplete'] = true;
      if (event.unread) fields['unread'] = true;
      break;
    case 'stderr':
      fields['line'] = packBytes(event.bytes);
      if (!event.complete) fields['incomplete'] = true;
      break;
    case 'syscall':
      fields['name'] = event.name;
      fields['args'] = event.args.map((arg) => (typeof arg === 'bigint' ? String(arg) : arg));
      if (event.errno !== undefined) fields['errno'] = event.errno;
      if (event.writes.length > 0) fields['writes'] = packWrites(event.writes);
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
      fields['bytes'] = { base64: toBase64(event.bytes) };
      fields['moment'] = event.moment;
      if (event.offset >= 0) fields['offset'] = event.offset;
      fields['text'] = event.text;
      break;
    case 'diagnosis':
      fields['diagnosis'] = event.diagnosis;
      fields['message'] = event.message;
      fields['severity'] = event.severity;
      break;
    case 'exit':
      fields['reason'] = event.reason;
      if (event.code !== undefined) fields['code'] = event.code;
      fields['message'] = event.message;
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
        if (call.writes.length > 0) folded['writes'] = packWrites(call.writes);
        return folded;
      });
      break;
  }
  return JSON.stringify(fields);
}

/** To the nanosecond. Past 2^53 of them there is nothing to round. */
const round = (ms: number): number => (Math.abs(ms) < 9e9 ? Math.round(ms * 1e6) / 1e6 : ms);

/** What parseRecording() found. */
export interface LoadedRecording {
  readonly header: RecordingHeader;
  /** The events as log records: EventStore.append() takes them. */
  readonly records: Uint8Array<ArrayBuffer>;
  readonly events: number;
  /** A sentence when the file was cut short, else undefined. */
  readonly cutShort: string | undefined;
}

/**
 * Reads a recording from its text.
 * @throws RecordingError for a file that is no recording, is of a newer version, or has a broken line before the last.
 */
export function parseRecording(text: string, name: string): LoadedRecording {
  const firstEnd = text.indexOf('\n');
  const first = firstEnd < 0 ? text : text.slice(0, firstEnd);
  const header = parseHeader(first, name);
  const writer = new LogWriter();
  let cutShort: string | undefined;
  let ended = false;
  let lineNumber = 1;
  for (let start = firstEnd < 0 ? text.length : firstEnd + 1; start < text.length; ) {
    lineNumber++;
    const end = text.indexOf('\n', start);
    const line = text.slice(start, end < 0 ? text.length : end);
    start = end < 0 ? text.length : end + 1;
    if (line.trim() === '') continue;
    try {
      const event = parseEvent(line, writer.count);
      if (event === undefined) continue;
      if (ended) throw new RecordingError('it comes after the end of the call');
      writer.append(event);
      ended = event.kind === 'exit';
    } catch (error) {
      // The last line of a file that a crash cut short has no newline and is no JSON; anything else that is broken is damage.
      if (end < 0 && error instanceof SyntaxError) break;
      throw new RecordingError(
        `${name}:${lineNumber}: this line of the recording is damaged (${quoted((error as Error).message)}); record the call again.`,
        { cause: error },
      );
    }
  }
  if (!ended) cutShort = `${name} was cut short: it holds ${writer.count} events and not the end of the call.`;
  const events = writer.count;
  return { header, records: writer.take(), events, cutShort };
}

/** One line as an event; undefined for a kind that this version does not know (kept in the file, ignored here: R4). */
export function parseEvent(line: string, seq: number): RunEvent | undefined {
  const fields = fieldsOf(JSON.parse(line));
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
      const { bytes, utf8 } = unpackBytes(fields['line']);
      const line = new TextDecoder().decode(bytes);
      const complete = !yes('incomplete');
      if (kind === 'stderr') return { ...base, kind, line, bytes, utf8, complete };
      const dir = fields['dir'];
      if (dir !== 'in' && dir !== 'out') throw new RecordingError('"dir" is neither "in" nor "out"');
      return { ...base, kind, dir, line, bytes, utf8, complete, unread: yes('unread') };
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
        writes: unpackWrites(fields['writes']),
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
      if (space !== 'local' && space !== 'stack' && space !== 'global' && space !== 'memory')
        throw new RecordingError('"space" is neither "local" nor "stack", "global" or "memory"');
      return {
        ...base,
        kind,
        space,
        index: u32('index'),
        address: space === 'memory' ? whole('address') : 0,
        bytes: unpackBytes(fields['bytes']).bytes,
        moment: whole('moment'),
        offset: fields['offset'] === undefined ? -1 : u32('offset'),
        text: text('text'),
      };
    }
    case 'diagnosis': {
      const severity = fields['severity'] === 'warning' ? 'warning' : 'fault';
      return { ...base, kind, diagnosis: text('diagnosis'), message: text('message'), severity };
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
        message: text('message'),
        memorySha256: typeof sha === 'string' ? sha : undefined,
        inputs: fields['inputs'] === undefined ? undefined : u32('inputs'),
        at: AT.find((at) => at === fields['at']),
      };
    }
    case 'folded': {
      const list = fields['calls'];
      if (!Array.isArray(list)) throw new RecordingError('"calls" is no list');
      const calls = list.map(unpackFolded);
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

function unpackBytes(value: unknown): { bytes: Uint8Array; utf8: boolean } {
  if (typeof value === 'string') return { bytes: encoder.encode(value), utf8: true };
  const base64 = fieldsOf(value)?.['base64'];
  if (typeof base64 !== 'string') throw new RecordingError('bytes are neither a text nor {"base64": …}');
  const binary = atob(base64);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  // whoever wrote the file may have taken base64 for a text too
  return { bytes, utf8: typeof packBytes(bytes) === 'string' };
}

function unpackWrites(value: unknown): MemoryWrite[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw new RecordingError('"writes" is no list');
  return value.map((entry: unknown) => {
    if (!Array.isArray(entry) || typeof entry[0] !== 'number' || !(entry[0] >= 0 && entry[0] < 2 ** 53))
      throw new RecordingError('a write is not [address, bytes]');
    return { address: entry[0], bytes: unpackBytes(entry[1]).bytes };
  });
}

function unpackFolded(value: unknown): FoldedCall {
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
    writes: unpackWrites(fields['writes']),
  };
}
