// Where the bytes of values are: memory, bytes that were put together, or nowhere. Reads only.
import { isMissing, type Location, type Machine, type Missing } from '../dwarf/location.ts';
import type { Bytes } from './value.ts';

/** Bytes of the plugin's memory from `address` on. */
export class MemoryBytes implements Bytes {
  readonly #memory: (address: number, length: number) => Uint8Array | Missing;
  readonly address: number;

  constructor(memory: (address: number, length: number) => Uint8Array | Missing, address: number) {
    this.#memory = memory;
    this.address = address;
  }
  read(offset: number, length: number): Uint8Array | Missing {
    return this.#memory(this.address + offset, length);
  }
  at(offset: number): Bytes {
    return offset === 0 ? this : new MemoryBytes(this.#memory, this.address + offset);
  }
}

/** Bytes that lie nowhere, or in a Wasm local, global or operand (`slot`). */
export class HeldBytes implements Bytes {
  readonly address = undefined;
  readonly slot: Bytes['slot'];
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, slot?: Bytes['slot']) {
    this.#bytes = bytes;
    this.slot = slot;
  }
  read(offset: number, length: number): Uint8Array | Missing {
    if (offset < 0 || offset + length > this.#bytes.length)
      return { reason: `only ${this.#bytes.length} of its bytes are known` };
    return this.#bytes.subarray(offset, offset + length);
  }
  at(offset: number): Bytes {
    return offset === 0 ? this : new HeldBytes(this.#bytes.subarray(Math.min(offset, this.#bytes.length)));
  }
}

/** Parts that lie in several places, some of them nowhere. */
class PieceBytes implements Bytes {
  readonly address = undefined;
  readonly #pieces: readonly { readonly at: number; readonly length: number; readonly bytes: Bytes }[];
  readonly #from: number;

  constructor(pieces: PieceBytes['pieces'], from = 0) {
    this.#pieces = pieces;
    this.#from = from;
  }
  get pieces(): readonly { readonly at: number; readonly length: number; readonly bytes: Bytes }[] {
    return this.#pieces;
  }
  read(offset: number, length: number): Uint8Array | Missing {
    const from = this.#from + offset;
    const whole = new Uint8Array(length);
    let done = 0;
    for (const { at, length: size, bytes } of this.#pieces) {
      const low = Math.max(from, at);
      const high = Math.min(from + length, at + size);
      if (low >= high) continue;
      const part = bytes.read(low - at, high - low);
      if (isMissing(part)) return part;
      whole.set(part, low - from);
      done += high - low;
    }
    return done < length ? { reason: 'a part of it was optimised away' } : whole;
  }
  at(offset: number): Bytes {
    return offset === 0 ? this : new PieceBytes(this.#pieces, this.#from + offset);
  }
}

export class MissingBytes implements Bytes {
  readonly address = undefined;
  readonly pointsTo: Bytes | undefined;
  readonly #reason: string;
  constructor(reason: string) {
    this.#reason = reason;
  }
  read(): Missing {
    return { reason: this.#reason };
  }
  at(): Bytes {
    return this;
  }
}

/** A pointer that was optimised away; what it points to is known (DWARF 5 §2.6.1.1.4). */
class ImplicitPointer extends MissingBytes {
  override readonly pointsTo: Bytes;
  constructor(pointsTo: Bytes) {
    super('the pointer was optimised away');
    this.pointsTo = pointsTo;
  }
}

/**
 * The bytes at a location.
 * @param options `size`: bytes of the variable, where known; `fixed`: locals and globals can't be set, as those of callers; `described`: what a DIE
 *   describes, for pointers that were optimised away
 */
export function bytesAt(
  location: Location,
  machine: Machine,
  options: {
    readonly size?: number | undefined;
    readonly fixed?: boolean;
    readonly described?: (die: number) => Bytes | undefined;
  } = {},
): Bytes {
  switch (location.kind) {
    case 'memory':
      return new MemoryBytes((address, length) => machine.memory(address, length), location.address);
    case 'local':
    case 'global':
    case 'operand': {
      const bits = machine[location.kind](location.index);
      if (isMissing(bits)) return new MissingBytes(bits.reason);
      const { kind, index } = location;
      const isFixed = options.fixed === true || kind === 'operand';
      return new HeldBytes(littleEndian(bits), isFixed ? undefined : { kind, index, size: options.size });
    }
    case 'bytes':
      return new HeldBytes(location.bytes);
    case 'implicitPointer': {
      const target = options.described?.(location.die);
      return target === undefined
        ? new MissingBytes('the pointer was optimised away')
        : new ImplicitPointer(target.at(location.offset));
    }
    case 'pieces': {
      let at = 0;
      const pieces = [];
      for (const { location: inner, size, offset } of location.pieces) {
        // parts of a byte are the rarest of all, and not put together here
        const whole = size % 8 === 0 && offset % 8 === 0 && at % 8 === 0;
        const bytes = whole ? bytesAt(inner, machine).at(offset / 8) : new MissingBytes('it is kept in parts of bytes');
        pieces.push({ at: at / 8, length: size / 8, bytes });
        at += size;
      }
      return new PieceBytes(pieces);
    }
    case 'unavailable':
      if (location.address === undefined) return new MissingBytes(location.reason);
      return new MemoryBytes(() => ({ reason: location.reason }), location.address);
  }
}

function littleEndian(bits: bigint): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt.asUintN(64, bits), true);
  view.setBigUint64(8, BigInt.asUintN(64, bits >> 64n), true);
  return bytes;
}
