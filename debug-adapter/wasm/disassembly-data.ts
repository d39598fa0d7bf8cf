// Which bytes of the file a memory begins with at an address: the active data segments, and excerpts of the text in them. What
// the plugin writes there later is not known here.
import { ByteReader } from './byte-reader.ts';
import { escaped } from './disassembly-names.ts';
import { InstructionReader } from './instructions.ts';
import { SectionId, sectionOf, type WasmModule } from './module.ts';
import { opcodeNames } from './opcodes.ts';

/** Fewer characters are as likely a number that looks like text. */
const MIN_TEXT = 4;
/** Longest excerpt, in characters. */
const MAX_TEXT = 40;
/** Longest text that a pointer and a length in the data are believed to mean, in bytes. */
const MAX_POINTED = 4096;
/** How many segments that begin before an address are looked at: they overlap only where somebody means it. */
const MAX_OVERLAP = 16;

/** The active segments of one memory by address: columns. */
interface MemorySegments {
  readonly segment: Uint32Array;
  readonly address: Float64Array;
}

/** Where an address lies: a data segment, and the byte of the file that is put there. */
export interface DataPlace {
  readonly segment: number;
  /** Bytes from the segment's first. */
  readonly distance: number;
  readonly fileOffset: number;
}

/** Finds initial contents of memories by address. */
export class DataAddresses {
  readonly #module: WasmModule;
  #memories: Map<number, MemorySegments> | undefined;

  constructor(module: WasmModule) {
    this.#module = module;
  }

  /** The data segment that is put at `address` of a memory, the last one where several overlap; undefined for none. */
  placeOf(memory: number, address: number): DataPlace | undefined {
    this.#memories ??= activeSegments(this.#module);
    const segments = this.#memories.get(memory);
    if (segments === undefined) return undefined;
    let low = 0;
    let high = segments.address.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (segments.address[middle]! <= address) low = middle + 1;
      else high = middle;
    }
    let found: DataPlace | undefined;
    for (let at = low - 1; at >= 0 && at >= low - MAX_OVERLAP; at--) {
      const segment = segments.segment[at]!;
      const distance = address - segments.address[at]!;
      const start = this.#module.dataStart[segment]!;
      if (distance >= this.#module.dataEnd[segment]! - start) continue;
      if (found === undefined || segment > found.segment) found = { segment, distance, fileOffset: start + distance };
    }
    return found;
  }

  /**
   * The text at a place, quoted as in WAT and cut where it is long; '' where there are not four printable characters of UTF-8.
   * @param length bytes that the text is thought to have, 0 if that is not known; where it fits, the excerpt ends there
   */
  excerpt(place: DataPlace, length: number): string {
    const end = this.#module.dataEnd[place.segment]!;
    const exact = length > 0 ? this.#exactText(place, length) : '';
    if (exact !== '') return exact;
    const { text, characters, at, printable } = this.#printable(place.fileOffset, end);
    return characters < MIN_TEXT ? '' : quoted(text, !printable || at === end);
  }

  /**
   * The text that the 8 bytes at a place point to, as compilers lay out a string slice: address, then length. With the line and
   * column where those follow the name of a Rust file, as in the place of a panic. '' if they do not look like that.
   */
  pointedText(place: DataPlace, memory: number): string {
    const { bytes, dataEnd } = this.#module;
    const end = dataEnd[place.segment]!;
    const words = new DataView(bytes.buffer, bytes.byteOffset + place.fileOffset, end - place.fileOffset);
    if (words.byteLength < 8) return '';
    const length = words.getUint32(4, true);
    const target = this.placeOf(memory, words.getUint32(0, true));
    if (target === undefined || length > MAX_POINTED) return '';
    const text = this.#exactText(target, length);
    if (text === '' || words.byteLength < 16 || !isRustFile(bytes, target.fileOffset, length)) return text;
    const line = words.getUint32(8, true);
    const column = words.getUint32(12, true);
    if (line === 0 || line > 1e6 || column === 0 || column > 1e4) return text;
    // Of a long path the end says more than the beginning.
    const path = decoder.decode(bytes.subarray(target.fileOffset, target.fileOffset + length));
    const shown = path.length > MAX_TEXT ? `"…${escaped(path.slice(-MAX_TEXT))}"` : text;
    return `${shown}:${line}:${column}`;
  }

  /** The text of exactly `length` bytes; '' where they are not all printable. Of a long one only the beginning is looked at. */
  #exactText(place: DataPlace, length: number): string {
    const end = place.fileOffset + length;
    if (length === 0 || end > this.#module.dataEnd[place.segment]!) return '';
    const { text, at, printable } = this.#printable(place.fileOffset, end);
    return printable ? quoted(text, at === end) : '';
  }

  /** Printable characters from `start` on, MAX_TEXT at the most; `printable` is false if it stopped at something else. */
  #printable(start: number, end: number): { text: string; characters: number; at: number; printable: boolean } {
    const { bytes } = this.#module;
    let text = '';
    let characters = 0;
    let at = start;
    for (; at < end && characters < MAX_TEXT; characters++) {
      const size = printableCharacter(bytes, at, end);
      if (size === 0) return { text, characters, at, printable: false };
      text += decoder.decode(bytes.subarray(at, at + size));
      at += size;
    }
    return { text, characters, at, printable: true };
  }
}

function quoted(text: string, isWhole: boolean): string {
  return `"${escaped(text)}${isWhole ? '' : '…'}"`;
}

function isRustFile(bytes: Uint8Array, start: number, length: number): boolean {
  const end = start + length;
  return length > 3 && bytes[end - 3] === 0x2e && bytes[end - 2] === 0x72 && bytes[end - 1] === 0x73;
}

const decoder = new TextDecoder('utf-8', { fatal: false });
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}\ufffd]/u;

/** Bytes of the printable character at `at`; 0 if there is none. Line breaks and tabs count as printable. */
function printableCharacter(bytes: Uint8Array, at: number, end: number): number {
  const byte = bytes[at]!;
  if (byte < 0x80) return (byte >= 0x20 && byte < 0x7f) || byte === 0x0a || byte === 0x09 || byte === 0x0d ? 1 : 0;
  const size = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc2 ? 2 : 0;
  if (size === 0 || at + size > end) return 0;
  const character = decoder.decode(bytes.subarray(at, at + size));
  return [...character].length === 1 && !UNPRINTABLE.test(character) ? size : 0;
}

/** Reads where the data section puts its segments. Those at addresses that only the host knows are left out. */
function activeSegments(module: WasmModule): Map<number, MemorySegments> {
  const places = new Map<number, { segment: number; address: number }[]>();
  const section = sectionOf(module, SectionId.Data);
  if (section !== undefined) {
    const reader = new ByteReader(module.bytes, section.start, section.end);
    const expressions = new InstructionReader(module.bytes);
    const count = reader.count('data segments', 2);
    for (let segment = 0; segment < count; segment++) {
      const flags = reader.u32();
      const memory = flags === 2 ? reader.u32() : 0;
      if (!(flags & 1)) {
        const address = constantValue(module, expressions, reader.position, reader.limit);
        reader.position = expressions.end;
        if (address !== undefined) {
          const list = places.get(memory) ?? [];
          // Addresses are unsigned; constants are written signed.
          const is64 = module.memories[memory]?.is64 ?? false;
          list.push({ segment, address: Number(BigInt.asUintN(is64 ? 64 : 32, address)) });
          places.set(memory, list);
        }
      }
      reader.skip(reader.u32(), 'a data segment');
    }
  }
  const columns = new Map<number, MemorySegments>();
  for (const [memory, list] of places) {
    list.sort((a, b) => a.address - b.address || a.segment - b.segment);
    columns.set(memory, {
      segment: Uint32Array.from(list, ({ segment }) => segment),
      address: Float64Array.from(list, ({ address }) => address),
    });
  }
  return columns;
}

/** The value of a constant expression; the reader ends behind its `end`. Undefined where it depends on imports. */
function constantValue(
  module: WasmModule,
  reader: InstructionReader,
  start: number,
  limit: number,
  depth = 0,
): bigint | undefined {
  reader.reset(start, limit);
  const stack: (bigint | undefined)[] = [];
  while (reader.next()) {
    const name = opcodeNames[reader.opcode]!;
    if (name === 'end') break;
    switch (name) {
      case 'i32.const':
        stack.push(BigInt(reader.low));
        break;
      case 'i64.const':
        stack.push((BigInt(reader.high) << 32n) | BigInt(reader.low >>> 0));
        break;
      case 'global.get': {
        const { index } = reader;
        const known = index >= module.importedGlobals && module.globalMutable[index] === 0 && depth < 8;
        const initial = known ? module.globalInitStart[index]! : 0;
        stack.push(
          known
            ? constantValue(
                module,
                new InstructionReader(module.bytes),
                initial,
                module.globalInitEnd[index]!,
                depth + 1,
              )
            : undefined,
        );
        break;
      }
      default: {
        const right = stack.pop();
        const left = stack.pop();
        stack.push(left === undefined || right === undefined ? undefined : arithmetic(name, left, right));
      }
    }
  }
  return stack.pop();
}

function arithmetic(name: string, left: bigint, right: bigint): bigint | undefined {
  const bits = name.startsWith('i32') ? 32 : 64;
  if (name.endsWith('.add')) return BigInt.asIntN(bits, left + right);
  if (name.endsWith('.sub')) return BigInt.asIntN(bits, left - right);
  if (name.endsWith('.mul')) return BigInt.asIntN(bits, left * right);
  return undefined;
}
