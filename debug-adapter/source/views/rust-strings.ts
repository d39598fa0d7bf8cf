// Views of Rust's texts: str, String, OsString, PathBuf and what they borrow, CString. They can be set to what fits in their place.
import type { StructType } from '../../dwarf/type.ts';
import type { Assigned, Shown, Value } from '../value.ts';
import { bytesOf, isRefused, parseString } from './literals.ts';
import { type Look, leading, leaf, remark } from './look.ts';
import { checkExtent, pointerOf, readBytes, Unreadable, wideOf } from './reading.ts';
import { vectorOf } from './rust-sequences.ts';
import { fromUtf8, quotedBytes } from './text.ts';
import { typeName } from './type-name.ts';

/** Longest text given to expressions, bytes. */
const LONGEST = 1 << 20;

export interface Str {
  readonly address: number;
  /** Bytes. */
  readonly length: number;
  readonly type: string;
  readonly look: Look;
  /** Bytes that there is room for; 0: it can't be set. */
  readonly room: number;
  /** Where the length stands, if anywhere. */
  readonly lengthAt?: Value | undefined;
}

export function strShown({ address, length, type, look, room, lengthAt }: Str): Shown {
  checkExtent(address, length, 1, look.program);
  const memory = look.program.memory(address);
  const shown = Math.min(length, look.width * 4);
  const { text, broken } = quotedBytes(readBytes({ type: undefined, bytes: memory }, shown), shown === length);
  const body = text.slice(1, -1);
  const whole = shown === length && body.length <= look.width;
  let line = whole ? text : `"${cutAtEscape(body, look.width)}…"`;
  if (broken) line += ` ${remark('not UTF-8')}`;
  else if (!whole && look.depth === 0) line += ` ${remark(`${length} bytes`)}`;
  const isNowhere = lengthAt !== undefined && lengthAt.bytes.address === undefined;
  const assign = leading((given: string): Assigned => {
    if (/…"\s*‹\d+ bytes›\s*$/.test(given))
      return { reason: 'What is shown of this text is its beginning: write all of it.' };
    const bytes = parseString(given);
    if (isRefused(bytes)) return bytes;
    if (bytes.length > room) return { reason: `The text has ${bytes.length} bytes, and there is room for ${room}.` };
    if ((lengthAt === undefined || isNowhere) && bytes.length !== length)
      return { reason: `The text has ${bytes.length} bytes, and it must have ${length}.` };
    const writes = [{ to: memory, bytes }];
    if (lengthAt !== undefined && !isNowhere)
      writes.push({ to: lengthAt.bytes, bytes: bytesOf(BigInt(bytes.length), 4) });
    return { writes };
  });
  return {
    ...leaf(line, type, { address }),
    assign: room > 0 ? assign : undefined,
    get plain() {
      if (length > LONGEST) return undefined;
      const bytes = memory.read(0, length);
      // a copy: decoders refuse shared memory
      return bytes instanceof Uint8Array ? fromUtf8(bytes.slice()).text : undefined;
    },
  };
}

/** Not in the middle of `\u{…}` or of a pair of surrogates. */
function cutAtEscape(body: string, width: number): string {
  let end = Math.min(body.length, width - 1);
  const start = body.lastIndexOf('\\', end - 1);
  if (start >= 0 && end - start < 11) {
    const whole = /^\\(?:u\{[\da-f]+\}|x..|.)/.exec(body.slice(start));
    if (whole !== null && start + whole[0].length > end && body[start - 1] !== '\\') end = start;
  }
  const last = body.charCodeAt(end - 1);
  if (last >= 0xd800 && last < 0xdc00) end--;
  return body.slice(0, end);
}

/** String, OsString, PathBuf: a vector of bytes, however deep. */
export function stringView(value: Value, _type: StructType, look: Look): Shown {
  const vector = vectorOf(value, look);
  return strShown({
    address: vector.address,
    length: vector.length,
    type: typeName(value.type, look.types),
    look,
    room: vector.capacity,
    lengthAt: vector.lengthAt,
  });
}

/** Path, OsStr, CStr behind a reference; the zero byte at the end of a CStr is left out. */
export function borrowedTextView(value: Value, type: StructType, look: Look): Shown {
  const wide = wideOf(value);
  if (wide === undefined || !('length' in wide)) throw new Unreadable('its length is not known here');
  const length = type.name === 'CStr' ? Math.max(0, wide.length - 1) : wide.length;
  return strShown({ address: value.bytes.address ?? 0, length, type: typeName(value.type, look.types), look, room: 0 });
}

/** CString { inner: Box<[u8]> } */
export function cStringView(value: Value, _type: StructType, look: Look): Shown {
  const { address, wide } = pointerOf(value, look.program);
  if (wide === undefined || !('length' in wide)) throw new Unreadable('its length is not known here');
  const length = Math.max(0, wide.length - 1);
  return strShown({ address, length, type: typeName(value.type, look.types), look, room: 0 });
}
