// What can be asked of a guest while it is stopped: frames, memory, globals, open requests, the present syscall. Reads only. Contract S6.
import { rewrittenOffset } from '../instrument/offset-map.ts';
import type { HostEndpoint } from '../rpc/endpoint.ts';
import { describeCall } from '../wasi/describe.ts';
import type { GuestMemory, MemoryLike } from '../wasi/memory.ts';
import { valueTypeName } from '../wasm/value-types.ts';
import type { FinishedSyscall } from './guest-imports.ts';
import type { Loaded } from './loading.ts';
import type { Answer, Query } from './messages.ts';
import type { GlobalValue, GuestFrame, OpenRequest } from './options.ts';
import { wasmFrames } from './traps.ts';

/** The guest, as far as it is there: nothing but `memory` before the module is instantiated. */
export interface Inspected {
  loaded: Loaded | undefined;
  instance: WebAssembly.Instance | undefined;
  exportedMemory: MemoryLike | undefined;
  lastCall: FinishedSyscall | undefined;
  readonly memory: GuestMemory;
}

export class Inspection {
  readonly #guest: Inspected;
  readonly #endpoint: HostEndpoint;
  /** The event that asked a request which is still open. */
  readonly #askedAt: (dir: 'in' | 'out', id: string) => number;

  constructor(guest: Inspected, endpoint: HostEndpoint, askedAt: (dir: 'in' | 'out', id: string) => number) {
    this.#guest = guest;
    this.#endpoint = endpoint;
    this.#askedAt = askedAt;
  }

  /** The guest's frames in V8's trace, at original offsets, without our helpers. */
  frames(stack: string): GuestFrame[] {
    const { loaded } = this.#guest;
    if (loaded === undefined) return [];
    const flat = wasmFrames(stack);
    const frames: GuestFrame[] = [];
    for (let i = 0; i < flat.length; i += 2) {
      const func = flat[i] ?? 0;
      if (func >= loaded.instrumented.firstHelper) continue;
      const offset = loaded.instrumented.map.toOriginal(rewrittenOffset(flat[i + 1] ?? 0)) ?? 0;
      frames.push({ func, offset, name: loaded.nameOf(func) });
    }
    return frames;
  }

  /** @throws Error with a sentence when there is no answer. */
  answer(query: Query): Answer {
    switch (query.what) {
      case 'memory':
        return this.#bytes(query.address, query.length);
      case 'memorySize':
        return this.#guest.exportedMemory?.buffer.byteLength ?? 0;
      case 'globals':
        return this.#globals();
      case 'openRequests':
        return this.#openRequests();
      case 'describeSyscall': {
        const call = this.#guest.lastCall;
        if (call === undefined) throw new Error('No syscall has happened yet.');
        const errno = call.errno === 0xffff ? undefined : call.errno;
        return describeCall({ name: call.name, args: call.args, errno }, (address, length) =>
          this.#guest.memory.readBytes(address, length),
        );
      }
    }
  }

  #bytes(address: number, length: number): Uint8Array {
    const buffer = this.#guest.exportedMemory?.buffer;
    if (buffer === undefined) throw new Error('The plugin has no memory to read.');
    const from = Math.max(0, Math.min(address, buffer.byteLength));
    const to = Math.max(from, Math.min(address + length, buffer.byteLength));
    return new Uint8Array(buffer).slice(from, to);
  }

  #openRequests(): OpenRequest[] {
    const waits = this.#endpoint.waits();
    const open = (dir: 'in' | 'out', wait: { id: string; method: string }): OpenRequest => ({
      dir,
      id: wait.id,
      method: wait.method,
      seq: this.#askedAt(dir, wait.id),
    });
    return [...waits.host.map((wait) => open('in', wait)), ...waits.plugin.map((wait) => open('out', wait))];
  }

  #globals(): GlobalValue[] {
    const { loaded, instance } = this.#guest;
    if (loaded === undefined) return [];
    return loaded.instrumented.exports.globals.map((name, index) => {
      const global = instance?.exports[name];
      let value = 'not available here';
      try {
        if (global instanceof WebAssembly.Global) value = String(global.value);
      } catch {
        value = 'a v128, which JavaScript cannot read';
      }
      return {
        index,
        name: loaded.globalName(index),
        type: valueTypeName(loaded.module.globalTypes[index] ?? 0),
        mutable: loaded.module.globalMutable[index] === 1,
        value,
      };
    });
  }
}
