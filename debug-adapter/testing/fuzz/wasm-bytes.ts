// Changes to WebAssembly modules that know the format: sections moved, doubled, dropped, invented; numbers made huge, negative, overlong;
// counts and sizes that lie; instructions cut out, put in, exchanged. Sizes around a change are put right more often than not, so that
// a change deep inside is reached. Only tests import it.
import { InstructionReader } from '../../wasm/instructions.ts';
import { ByteWriter } from '../../wasm/writer.ts';
import type { RandomSource } from '../random-source.ts';
import { type Bytes, changeBytes, joined, spliced, stretch } from './bytes.ts';

interface Part {
  readonly id: number;
  readonly content: Uint8Array;
  /** The bytes of a size that lies, or is written in more bytes than it needs. */
  readonly size?: Uint8Array;
}

const HEADER = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
const CODE = 10;

/** Unsigned LEB128 of any number up to 2^53, in `padded` bytes or more. */
export function leb(value: number, padded = 1): Bytes {
  const out: number[] = [];
  let rest = value;
  while (rest >= 0x80 || out.length + 1 < padded) {
    out.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  out.push(rest);
  return Uint8Array.from(out);
}

/** The LEB128 at `at`: its value as an unsigned number and where it ends; undefined past the end of the bytes. */
function readLeb(bytes: Uint8Array, at: number): { value: number; end: number } | undefined {
  let value = 0;
  let scale = 1;
  for (let end = at; end < bytes.length && end < at + 10; ) {
    const byte = bytes[end++]!;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return { value, end };
    scale *= 128;
  }
  return undefined;
}

/** Numbers that decoders stumble over, in bytes as LEB128. */
export function awkwardLeb(source: RandomSource, near: number): Bytes {
  switch (source.below(10)) {
    case 9: // the same number of 32 bits, with more above them
      return leb((near % 2 ** 32) + 2 ** 32 * source.one([1, 2, 7, 8, 2 ** 20]));
    case 0:
      return leb(near + 1);
    case 1:
      return leb(Math.max(0, near - 1));
    case 2: // the same, overlong
      return leb(near, 2 + source.below(5));
    case 3:
      return leb(source.one([0, 1, 63, 64, 127, 128, 255, 1000, 1001, 16383, 16384, 50_000, 50_001, 65_535, 65_536]));
    case 4:
      return leb(source.one([0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, 0x10000, 7_654_321, 10_000_000]));
    case 5: // negative, if it is read as signed
      return Uint8Array.of(source.one([0x40, 0x41, 0x60, 0x7e, 0x7f]));
    case 6: // -2^31, -2^63, and past both
      return source.one([
        Uint8Array.of(0x80, 0x80, 0x80, 0x80, 0x78),
        Uint8Array.of(0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f),
        Uint8Array.of(0x80, 0x80, 0x80, 0x80, 0x70),
      ]);
    case 7: // without an end
      return new Uint8Array(1 + source.below(11)).fill(0x80);
    default:
      return leb(source.below(300));
  }
}

/** The sections of a module, as far as they can be told apart; `rest` is what stands after them. */
function partsOf(bytes: Uint8Array): { parts: Part[]; rest: Uint8Array } {
  const parts: Part[] = [];
  let at = 8;
  while (at < bytes.length) {
    const size = readLeb(bytes, at + 1);
    if (size === undefined || size.end + size.value > bytes.length) break;
    parts.push({ id: bytes[at]!, content: bytes.subarray(size.end, size.end + size.value) });
    at = size.end + size.value;
  }
  return { parts, rest: bytes.subarray(Math.min(at, bytes.length)) };
}

function assembled(parts: readonly Part[], rest: Uint8Array): Bytes {
  const pieces: Uint8Array[] = [HEADER];
  for (const { id, content, size } of parts) pieces.push(Uint8Array.of(id), size ?? leb(content.length), content);
  pieces.push(rest);
  return joined(pieces);
}

const CUSTOM_NAMES = [
  'name',
  '.debug_info',
  '.debug_line',
  'producers',
  'sourceMappingURL',
  '',
  'wpd:hooks',
  'target_features',
];

function customPart(source: RandomSource, from: Uint8Array): Part {
  const out = new ByteWriter();
  if (source.chance(0.15)) {
    const broken = Uint8Array.from({ length: source.below(6) }, () => 0x80 + source.below(128));
    out.append(leb(broken.length));
    out.append(broken);
  } else out.name(source.one(CUSTOM_NAMES));
  const [start, end] = stretch(source, from.length);
  out.append(from.subarray(start, end));
  return { id: 0, content: out.bytes().slice() };
}

/** One change; `other` is a module to take from. */
export function changeModule(source: RandomSource, bytes: Uint8Array, other: Uint8Array): Bytes {
  const { parts, rest } = partsOf(bytes);
  if (parts.length === 0 || source.chance(0.08)) return changeBytes(source, bytes, other);
  const code = parts.findIndex(({ id }) => id === CODE);
  if (code >= 0 && source.chance(0.55)) {
    const theirs = partsOf(other).parts.find(({ id }) => id === CODE);
    parts[code] = { id: CODE, content: changeCode(source, parts[code]!.content, theirs?.content ?? other) };
    return assembled(parts, rest);
  }
  const n = source.below(parts.length);
  const part = parts[n]!;
  switch (source.below(12)) {
    case 0: {
      const m = source.below(parts.length);
      parts[n] = parts[m]!;
      parts[m] = part;
      break;
    }
    case 1:
      parts.splice(source.below(parts.length + 1), 0, part);
      break;
    case 2:
      parts.splice(n, 1);
      break;
    case 3:
    case 4:
      parts.splice(source.below(parts.length + 1), 0, customPart(source, other));
      break;
    case 5: {
      const theirs = partsOf(other).parts;
      if (theirs.length > 0) {
        const taken = source.one(theirs);
        const own = parts.findIndex(({ id }) => id === taken.id);
        if (own >= 0) parts[own] = taken;
        else parts.splice(n, 0, taken);
      }
      break;
    }
    case 6: // the size lies
      parts[n] = { ...part, size: awkwardLeb(source, part.content.length) };
      break;
    case 7: // the count lies
      parts[n] = { id: part.id, content: lebReplaced(source, part.content, 0) };
      break;
    case 8:
    case 9:
      parts[n] = { id: part.id, content: lebReplaced(source, part.content, source.below(part.content.length + 1)) };
      break;
    case 10:
      parts[n] = { id: source.below(14), content: part.content };
      break;
    default:
      parts[n] = { id: part.id, content: changeBytes(source, part.content, other) };
  }
  return assembled(parts, rest);
}

function lebReplaced(source: RandomSource, content: Uint8Array, at: number): Bytes {
  const found = readLeb(content, at);
  return spliced(content, at, found?.end ?? Math.min(at, content.length), awkwardLeb(source, found?.value ?? 0));
}

/** Code that leaves the operand stack as it was: put between two instructions of a valid body, it is valid wherever its indices are. */
const HARMLESS: readonly (readonly number[])[] = [
  [0x01], // nop
  [0x41, 0x00, 0x1a], // i32.const 0 drop
  [0x42, 0x7f, 0x1a],
  [0x43, 0, 0, 0xc0, 0x7f, 0x1a], // f32.const nan drop
  [0x43, 0, 0, 0xc0, 0x7f, 0x91, 0x1a], // f32.sqrt of it
  [0x44, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0xb6, 0x1a], // f64.const 1 f32.demote_f64 drop
  [0x02, 0x40, 0x0b], // block end
  [0x03, 0x40, 0x0b], // loop end
  [0x41, 0x01, 0x04, 0x40, 0x0b], // i32.const 1 if end
  [0x41, 0x00, 0x04, 0x40, 0x01, 0x05, 0x01, 0x0b], // if nop else nop end
  [0x41, 0x01, 0x04, 0x7f, 0x41, 0x02, 0x05, 0x41, 0x03, 0x0b, 0x1a], // if (result i32)
  [0x02, 0x40, 0x0c, 0x00, 0x0b], // block br 0 end
  [0x02, 0x40, 0x41, 0x00, 0x0d, 0x00, 0x0b], // br_if
  [0x02, 0x40, 0x41, 0x00, 0x0e, 0x01, 0x00, 0x00, 0x0b], // br_table
  [0x02, 0x40, 0x00, 0x0b], // block unreachable end
  [0x02, 0x40, 0x0f, 0x0b], // block return end: valid only without results
  [0x20, 0x00, 0x1a], // local.get 0 drop
  [0x20, 0x00, 0x21, 0x00], // local.get 0 local.set 0
  [0x23, 0x00, 0x1a], // global.get 0 drop
  [0x41, 0x00, 0x28, 0x02, 0x00, 0x1a], // i32.load
  [0x41, 0x00, 0x41, 0x00, 0x36, 0x02, 0x00], // i32.store
  [0x3f, 0x00, 0x1a], // memory.size drop
  [0x41, 0x00, 0x40, 0x00, 0x1a], // memory.grow drop
  [0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 0x0a, 0, 0], // memory.copy
  [0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 0x0b, 0], // memory.fill
  [0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 0x08, 0, 0], // memory.init
  [0xfc, 0x09, 0], // data.drop
  [0xd0, 0x70, 0x1a], // ref.null func drop
  [0xd0, 0x70, 0x41, 0x00, 0xfc, 0x0f, 0x00, 0x1a], // table.grow
  [0x10, 0x00], // call 0
  [0x12, 0x00], // return_call 0
  [0x41, 0x00, 0x11, 0x00, 0x00], // call_indirect
  [0xd2, 0x00, 0x1a], // ref.func 0 drop
  [0x41, 0x01, 0x41, 0x02, 0x41, 0x00, 0x1b, 0x1a], // select
];

/** Opcodes of the same type, by the first and last of a run: exchanging two keeps a body valid. */
const RUNS: readonly (readonly [number, number])[] = [
  [0x46, 0x4f], // i32 comparisons
  [0x51, 0x5a], // i64
  [0x5b, 0x60], // f32
  [0x61, 0x66], // f64
  [0x67, 0x69], // i32 unary
  [0x6a, 0x78], // i32 binary
  [0x7c, 0x8a], // i64 binary
  [0x8b, 0x91], // f32 unary
  [0x92, 0x98], // f32 binary
  [0x99, 0x9f], // f64 unary
  [0xa0, 0xa6], // f64 binary
];

interface Body {
  readonly start: number;
  readonly end: number;
}

/** The bodies of a code section, as far as their sizes can be followed. */
function bodiesOf(content: Uint8Array): Body[] {
  const bodies: Body[] = [];
  const count = readLeb(content, 0);
  for (let at = count?.end ?? content.length; at < content.length; ) {
    const size = readLeb(content, at);
    if (size === undefined || size.end + size.value > content.length) break;
    bodies.push({ start: size.end, end: size.end + size.value });
    at = size.end + size.value;
  }
  return bodies;
}

/** Where each instruction of a body begins; the end of the last one is last. */
function instructionsOf(bytes: Uint8Array, { start, end }: Body): number[] {
  const reader = new InstructionReader(bytes);
  const offsets: number[] = [];
  try {
    reader.reset(start, end);
    reader.offset = start;
    for (let left = reader.u32(); left > 0; left--) {
      reader.u32();
      reader.byte();
    }
    while (reader.next()) offsets.push(reader.offset);
    offsets.push(reader.end);
  } catch {
    // what could be read before is enough
  }
  return offsets;
}

/** A code section with one body changed, its size put right. */
function changeCode(source: RandomSource, content: Uint8Array, other: Uint8Array): Bytes {
  const bodies = bodiesOf(content);
  if (bodies.length === 0) return changeBytes(source, content, other);
  const index = source.below(bodies.length);
  const body = bodies[index]!;
  const sizeAt = index === 0 ? (readLeb(content, 0)?.end ?? 0) : bodies[index - 1]!.end;
  const changed = changeBody(source, content, body, other);
  const size = source.chance(0.03) ? awkwardLeb(source, changed.length) : leb(changed.length);
  return spliced(content, sizeAt, body.end, joined([size, changed]));
}

function changeBody(source: RandomSource, content: Uint8Array, body: Body, other: Uint8Array): Uint8Array {
  const bytes = content.subarray(body.start, body.end);
  const offsets = instructionsOf(content, body).map((offset) => offset - body.start);
  if (offsets.length < 2 || source.chance(0.05)) return changeBytes(source, bytes, other);
  const n = source.below(offsets.length - 1);
  const at = offsets[n]!;
  const next = offsets[n + 1]!;
  switch (source.below(12)) {
    case 0:
    case 1:
    case 2:
    case 3:
      return spliced(bytes, at, at, source.one(HARMLESS));
    case 4:
      return spliced(bytes, at, next, []);
    case 5: // several, doubled
      return spliced(bytes, next, next, bytes.subarray(offsets[Math.max(0, n - source.below(6))], next));
    case 6: {
      // exchanged with its neighbour
      const after = offsets[n + 2] ?? next;
      return spliced(bytes, at, after, joined([bytes.subarray(next, after), bytes.subarray(at, next)]));
    }
    case 7: {
      const run = RUNS.find(([first, last]) => bytes[at]! >= first && bytes[at]! <= last);
      const [first, last] = run ?? [0, 0xff];
      return spliced(bytes, at, at + 1, [first + source.below(last - first + 1)]);
    }
    case 8: // an immediate
      return spliced(bytes, Math.min(at + 1, next), next, awkwardLeb(source, bytes[at + 1] ?? 0));
    case 9: {
      // instructions of another body
      const theirs = bodiesOf(other);
      if (theirs.length === 0) return spliced(bytes, at, next, [source.below(256)]);
      const from = source.one(theirs);
      const places = instructionsOf(other, from);
      const first = source.below(Math.max(1, places.length - 1));
      const last = Math.min(places.length - 1, first + 1 + source.below(8));
      return spliced(bytes, at, source.chance(0.5) ? next : at, other.subarray(places[first] ?? 0, places[last] ?? 0));
    }
    case 10: {
      // declarations of locals that lie, or are many
      const head = offsets[0]!;
      const locals = source.one([
        [1, 1, 0x7f],
        [1, 0xd0, 0x86, 0x03, 0x7e], // 50 000
        [1, 0xd1, 0x86, 0x03, 0x7e],
        [2, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x7f, 1, 0x7f],
        [1, 1, source.below(256)],
        [3, 0, 0x7f, 2, 0x7d, 1, 0x70],
        [0xff, 0xff, 0xff, 0xff, 0x0f],
      ]);
      return spliced(bytes, 0, head, locals);
    }
    default:
      return lebReplaced(source, bytes, source.below(bytes.length));
  }
}
