// The hooks that a rewritten module calls through its appended table. JavaScript functions get into a table only as exports
// of some instance, so `hookModule()` gives a module that wraps them. (E8, I3)

import { F64, I32 } from '../wasm/value-types.ts';
import { ByteWriter } from '../wasm/writer.ts';
import type { Additions } from './additions.ts';
import { Assembler } from './assembler.ts';
import { HookSlot } from './plan.ts';

/** What the executor gives: one function per slot. Any of them may throw, which ends the guest. */
export interface Hooks {
  /** The chunk is used up: `fuel` (the global) is negative, by what the charge of `cost` lacks. Sets the global anew. */
  fuel(cost: number): void;
  /** The guest would exceed production's limit of frames, of value stack, or both (1 or 0 each). Must throw. */
  stack(depthOverflow: number, stackOverflow: number): void;
  /** Before a grow: `space` 0 memory, 1 table; its index; pages or items asked for. 0: grow; 1: answer -1 without. */
  growBefore(space: number, index: number, delta: number): number;
  /** After it, in both cases; `result` is what the guest gets. */
  growAfter(space: number, index: number, delta: number, result: number): void;
  /** Between two pieces of a long memory.copy, fill or init. */
  bulk(): void;
  /** An armed site is reached. Operands and locals lie in the memory of sites, and are taken back from there. */
  probe(site: number): void;
  /** `length` bytes from `address` on were stored in the watched memory, some of them in the watched range. */
  stored(site: number, address: number, length: number): void;
}

/** Parameters and results of each hook, in the order of the slots. */
const SIGNATURES: readonly { name: keyof Hooks; slot: number; parameters: number[]; results: number[] }[] = [
  { name: 'fuel', slot: HookSlot.Fuel, parameters: [I32], results: [] },
  { name: 'stack', slot: HookSlot.Stack, parameters: [I32, I32], results: [] },
  { name: 'growBefore', slot: HookSlot.GrowBefore, parameters: [I32, I32, F64], results: [I32] },
  { name: 'growAfter', slot: HookSlot.GrowAfter, parameters: [I32, I32, F64, F64], results: [] },
  { name: 'bulk', slot: HookSlot.Bulk, parameters: [], results: [] },
  { name: 'probe', slot: HookSlot.Probe, parameters: [I32], results: [] },
  { name: 'stored', slot: HookSlot.Stored, parameters: [I32, F64, F64], results: [] },
];

/** Names of the hooks in the order of their slots: import and export names of `hookModule()`. */
export const HOOK_NAMES: readonly (keyof Hooks)[] = SIGNATURES.map((signature) => signature.name);

/**
 * The bytes of a module that imports the hooks from `hooks` and exports them again under the same names, fit for the
 * hook table; and exports `trap`, which executes `unreachable` (a trap that no guest can catch).
 */
export function hookModule(): Uint8Array<ArrayBuffer> {
  const out = new ByteWriter(256);
  out.raw(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  const types = new ByteWriter();
  types.u32(SIGNATURES.length + 1);
  for (const { parameters, results } of [...SIGNATURES, { parameters: [], results: [] }]) {
    types.raw(0x60, parameters.length, ...parameters, results.length, ...results);
  }
  out.section(1, types.bytes());
  const imports = new ByteWriter();
  imports.u32(SIGNATURES.length);
  for (const [type, { name }] of SIGNATURES.entries()) {
    imports.name('hooks');
    imports.name(name);
    imports.raw(0, type);
  }
  out.section(2, imports.bytes());
  out.section(3, Uint8Array.of(1, SIGNATURES.length));
  const exports = new ByteWriter();
  exports.u32(SIGNATURES.length + 1);
  for (const [index, name] of [...HOOK_NAMES, 'trap'].entries()) {
    exports.name(name);
    exports.raw(0, index);
  }
  out.section(7, exports.bytes());
  const body = new Assembler(0).op('unreachable').body();
  const code = new ByteWriter();
  code.raw(1, body.length);
  code.append(body);
  out.section(10, code.bytes());
  return out.bytes().slice();
}

/** Emits the call of a hook whose arguments lie on the stack. */
export function callHook(code: Assembler, additions: Additions, slot: number): void {
  const signature = SIGNATURES[slot];
  if (signature === undefined) throw new RangeError(`there is no hook ${slot}`);
  code.i32(slot).callIndirect(additions.type(signature.parameters, signature.results), additions.hookTable);
}
