// Long texts of a recording: a field above 16 KiB is cut into parts, the first in its place and each other in a line of its own behind the
// event, so that editors stay fast. Both directions: cutting, and putting together again. Contracts R4, R5.
import { type Fields, fieldsOf, RecordingError } from './fields.ts';

/** A field with more bytes than this is cut. */
export const LONGEST_FIELD = 16 * 1024;
/** The most bytes of one part of a text: with the backslashes of JSON in JSON its line stays under the 20 000 characters that VS Code colours. */
const TEXT_PART = 8 * 1024;
/** The most bytes of the first part, which shares the event's line with others. */
const FIRST_TEXT_PART = 2 * 1024;
/** The bytes of one part in base64: a multiple of 3, so that no part but the last is padded. */
const BASE64_PART = 6 * 1024;
const FIRST_BASE64_PART = 1536;
/** Bytes that are looked at in one go. */
const SLICE = 256 * 1024;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A field that is cut. */
export interface LongField {
  readonly bytes: Uint8Array;
  readonly utf8: boolean;
}

/** Where the part that begins at `start` ends: at a code point. */
function partEnd({ bytes, utf8 }: LongField, start: number): number {
  if (!utf8) return Math.min(start + (start === 0 ? FIRST_BASE64_PART : BASE64_PART), bytes.length);
  let end = start + (start === 0 ? FIRST_TEXT_PART : TEXT_PART);
  if (end >= bytes.length) return bytes.length;
  while (end > start && (bytes[end]! & 0xc0) === 0x80) end--;
  return end;
}

function part({ bytes, utf8 }: LongField, start: number, end: number): { text: string } | { base64: string } {
  const piece = bytes.subarray(start, end);
  return utf8 ? { text: decoder.decode(piece) } : { base64: toBase64(piece) };
}

/** What stands in the field's place: its first part, and how many lines more it has. */
export function firstPart(field: LongField): Fields {
  const end = partEnd(field, 0);
  let more = 0;
  for (let at = end; at < field.bytes.length; at = partEnd(field, at)) more++;
  return { ...part(field, 0, end), more };
}

/** The lines behind the event, each with its newline. */
export function* continuationLines(field: LongField): Generator<string> {
  for (let at = partEnd(field, 0); at < field.bytes.length; ) {
    const end = partEnd(field, at);
    yield `${JSON.stringify({ kind: 'more', ...part(field, at, end) })}\n`;
    at = end;
  }
}

export function isUtf8(bytes: Uint8Array): boolean {
  try {
    strictUtf8.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** As `isUtf8`, of any length: gives way to others after each slice. */
export function* isUtf8InSlices(bytes: Uint8Array): Generator<'', boolean> {
  const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  try {
    for (let at = 0; at < bytes.length; at += SLICE) {
      strict.decode(bytes.subarray(at, at + SLICE), { stream: true });
      yield '';
    }
    strict.decode();
    return true;
  } catch {
    return false;
  }
}

export function toBase64(bytes: Uint8Array): string {
  let binary = '';
  for (let i = 0; i < bytes.length; i += 0x8000) binary += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return btoa(binary);
}

export function fromBase64(base64: string): Uint8Array {
  const binary = atob(base64);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** The bytes of fields that were cut, by the object that stands in the field's place. */
export type Joined = ReadonlyMap<object, Uint8Array>;
export const NOTHING_JOINED: Joined = new Map();

interface Owed {
  readonly place: Fields;
  readonly utf8: boolean;
  readonly parts: number;
  got: number;
  readonly bytes: GrowingBytes;
}

/** Bytes that come piece by piece: put together as they come, so that nobody waits for all of it at the end. */
class GrowingBytes {
  #buffer = new Uint8Array(0);
  #length = 0;

  add(piece: Uint8Array): void {
    const length = this.#length + piece.length;
    if (length > this.#buffer.length) {
      const grown = new Uint8Array(Math.max(length, this.#buffer.length * 2));
      grown.set(this.#buffer.subarray(0, this.#length));
      this.#buffer = grown;
    }
    this.#buffer.set(piece, this.#length);
    this.#length = length;
  }

  get whole(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }
}

/** The parts that lines behind a line owe it: made for that line, fed with those that follow. */
export class Continuation {
  readonly #owed: readonly Owed[];
  #next = 0;
  readonly joined = new Map<object, Uint8Array>();

  /** `value` is what stands on `line`. @throws RecordingError where a text has a half character at its end */
  constructor(line: string, value: unknown) {
    // a quote inside a text is escaped, so this can stand nowhere but before a member
    this.#owed = line.includes('"more":') ? cutFields(value) : [];
  }

  get whole(): boolean {
    return this.#next >= this.#owed.length;
  }

  /** What the next line is to be, for sentences. */
  get expected(): string {
    const owed = this.#owed[this.#next];
    return owed === undefined ? 'nothing' : `part ${owed.got + 1} of ${owed.parts}`;
  }

  /** Takes the next line's value. @throws RecordingError when it is not what is owed */
  add(value: unknown): void {
    const owed = this.#owed[this.#next];
    const fields = fieldsOf(value);
    if (owed === undefined || fields?.['kind'] !== 'more')
      throw new RecordingError(`it should be ${this.expected} of a long text, and is another line`);
    const text = fields[owed.utf8 ? 'text' : 'base64'];
    if (typeof text !== 'string')
      throw new RecordingError(`it is ${this.expected} of a long text, and has no "${owed.utf8 ? 'text' : 'base64'}"`);
    owed.bytes.add(bytesOfPart(text, owed.utf8));
    owed.got++;
    if (owed.got < owed.parts) return;
    this.joined.set(owed.place, owed.bytes.whole);
    this.#next++;
  }
}

function bytesOfPart(text: string, utf8: boolean): Uint8Array {
  if (!utf8) return fromBase64(text);
  if (!text.isWellFormed()) throw new RecordingError('its part of a long text is cut within a character');
  return encoder.encode(text);
}

/** The cut fields of a line's value, in their order, at any depth: those of fields that this version does not know too (R4). */
function cutFields(value: unknown): Owed[] {
  const found: Owed[] = [];
  const left: unknown[] = [value];
  while (left.length > 0) {
    const next = left.pop();
    if (typeof next !== 'object' || next === null) continue;
    const place = fieldsOf(next);
    if (place !== undefined && 'more' in place) {
      const { more, text, base64 } = place;
      const first = typeof text === 'string' ? text : base64;
      if (typeof first === 'string' && Number.isSafeInteger(more) && Number(more) >= 1) {
        const utf8 = typeof text === 'string';
        const bytes = new GrowingBytes();
        bytes.add(bytesOfPart(first, utf8));
        found.push({ place, utf8, parts: Number(more) + 1, got: 1, bytes });
        continue;
      }
    }
    const inner = Object.values(next);
    for (let i = inner.length - 1; i >= 0; i--) left.push(inner[i]);
  }
  return found;
}
