// The frames of a guest that stands still, unwound: what `unwind` asks for, read from its instance. Reads only. (DESIGN: frame bases)
import { storedPointer } from '../instrument/frame-bases.ts';
import type { FrameLayouts } from '../wasm/prologue.ts';
import type { FrameValues, GuestFrame } from './options.ts';
import { type UnwoundFrame, unwind } from './unwind.ts';

export interface StandingGuest {
  readonly layouts: FrameLayouts;
  readonly instance: WebAssembly.Instance;
  /** Names that the rewritten module exports: the guest's globals by index, and the memory of stored stack pointers. */
  readonly exports: { readonly globals: readonly string[]; readonly stored?: string | null };
}

/** Unwinds all frames of a guest, innermost first, as `Inspection.frames` has them: in a hook, an import, or where it trapped. */
export function unwindGuest(guest: StandingGuest, frames: readonly GuestFrame[]): UnwoundFrame[] {
  const { layouts, instance, exports } = guest;
  const pointer = instance.exports[exports.globals[layouts.stackPointer] ?? ''];
  const now = pointer instanceof WebAssembly.Global ? pointer.value : undefined;
  const memory = instance.exports[exports.stored ?? ''];
  return unwind(frames, layouts, {
    // Without a stack pointer nothing is unwound, and says so.
    now: typeof now === 'number' || typeof now === 'bigint' ? now : 0,
    outermost: layouts.initial,
    stored: (index) => (memory instanceof WebAssembly.Memory ? storedPointer(memory.buffer, frames, index) : undefined),
  });
}

/** A frame's base as the Variables view has it. */
export function frameBaseOf({ frameBase, reason }: UnwoundFrame): FrameValues['frameBase'] {
  return frameBase === undefined ? { reason: reason ?? 'It is not known.' } : { address: frameBase };
}
