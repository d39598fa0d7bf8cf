// A guest made of a memory and a context, without wasm, for the tests of this room.

import { createSyscalls, type Syscalls } from './calls.ts';
import { createContext, type WasiContext, type WasiContextOptions } from './context.ts';
import { GuestMemory } from './memory.ts';

export const PAGE = 65_536;

export interface FixtureGuest {
  readonly calls: Syscalls;
  readonly context: WasiContext;
  readonly memory: GuestMemory;
  /** All of the guest's memory: two pages. */
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** What was written to 1 and 2, in order. */
  readonly output: [fd: number, text: string][];
  /** Puts iovecs (address, length, …) at `at`. */
  iovecs(at: number, ...pairs: number[]): void;
  /** The journal as pairs. */
  journal(): [address: number, length: number][];
}

/** The size of a fixture's memory. */
export const SIZE = 2 * PAGE;

export function fixture(options: Partial<WasiContextOptions> = {}): FixtureGuest {
  const bytes = new Uint8Array(SIZE);
  const view = new DataView(bytes.buffer);
  const output: [number, string][] = [];
  const memory = new GuestMemory(() => ({ buffer: bytes.buffer }));
  const context = createContext({
    write: (fd, written) => output.push([fd, new TextDecoder().decode(written)]),
    now: () => 1_700_000_000_000_000_000n,
    random: (filled) => filled.fill(0xaa),
    ...options,
  });
  return {
    calls: createSyscalls(context, memory),
    context,
    memory,
    bytes,
    view,
    output,
    iovecs(at, ...pairs) {
      for (const [index, value] of pairs.entries()) view.setUint32(at + 4 * index, value, true);
    },
    journal() {
      const pairs: [number, number][] = [];
      for (let i = 0; i < memory.journal.length; i += 2)
        pairs.push([memory.journal[i] ?? 0, memory.journal[i + 1] ?? 0]);
      return pairs;
    },
  };
}

export function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

interface MemoryDescriptor {
  readonly initial: number | bigint;
  readonly maximum?: number | bigint;
  readonly address?: 'i32' | 'i64';
}

interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number | bigint): number | bigint;
}

// TypeScript has WebAssembly in its DOM library only.
const { WebAssembly } = globalThis as unknown as {
  WebAssembly: { Memory: new (descriptor: MemoryDescriptor) => WasmMemory };
};

export function wasmMemory(descriptor: MemoryDescriptor): WasmMemory {
  return new WebAssembly.Memory(descriptor);
}
