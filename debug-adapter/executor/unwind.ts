// The shadow stack in linear memory, unwound: for each frame of V8's trace the stack pointer it was entered with, and its frame base.
// Pure; how each function treats the stack pointer is wasm/prologue.ts. (DESIGN: frame bases)
import type { FrameLayouts } from '../wasm/prologue.ts';
import type { GuestFrame } from './options.ts';

/** Addresses in linear memory; undefined where they are not to be had. */
export interface UnwoundFrame {
  /** `__stack_pointer` when this frame was entered. */
  readonly entry: number | undefined;
  /** `__stack_pointer` as this frame has it now: what a caller's callee was entered with. The frame base of functions that DWARF gives the global as one. */
  readonly stackPointer: number | undefined;
  /** Where the frame's variables are counted from. */
  readonly frameBase: number | undefined;
  /** Why there is no frame base: one sentence. */
  readonly reason: string | undefined;
}

/** What is known of the stack pointer without unwinding. */
export interface KnownPointers {
  /** `__stack_pointer` as the innermost frame finds it: as JavaScript has the global's value, so an i32 may be negative. */
  readonly now: number | bigint;
  /** As the outermost frame was entered with it (`FrameLayouts.initial`, for `_start` in a fresh instance); undefined if not known. */
  readonly outermost: number | undefined;
  /** As frame `index` (0 is the innermost) was entered with it, where that was stored (instrument/frame-bases.ts). */
  readonly stored?: (index: number) => number | undefined;
}

/**
 * Unwinds `frames`, innermost first, each at the instruction it is at (a caller: its call). Two ways that meet: outwards from the
 * present stack pointer, inwards from the outermost frame's; a frame that one of them can't pass is reached by the other. Where both
 * arrive and differ nothing is given: the plugin, or somebody at a stop, set the stack pointer in a way of their own.
 */
export function unwind(frames: readonly GuestFrame[], layouts: FrameLayouts, known: KnownPointers): UnwoundFrame[] {
  const count = frames.length;
  if (layouts.stackPointer < 0) {
    const reason = 'This plugin keeps no stack pointer in a global: where frames lie in memory is not known.';
    return frames.map(() => ({ entry: undefined, stackPointer: undefined, frameBase: undefined, reason }));
  }
  const now = typeof known.now === 'bigint' ? Number(known.now) : known.now >>> 0;
  const entries = new Float64Array(count).fill(Number.NaN);
  const contradicted = new Uint8Array(count);
  const learn = (index: number, entry: number | undefined) => {
    if (entry === undefined || Number.isNaN(entry)) return;
    if (Number.isNaN(entries[index])) entries[index] = entry;
    else if (entries[index] !== entry) contradicted[index] = 1;
  };
  let pointer = now;
  for (let index = 0; index < count; index++) {
    const { func, offset } = frames[index]!;
    learn(index, known.stored?.(index));
    if (!Number.isNaN(pointer)) learn(index, layouts.of(func).entryFrom(offset, pointer));
    pointer = entries[index]!;
  }
  // Inwards by what came from outside as long as that leads on, so that a difference shows in every frame that it reaches.
  pointer = known.outermost ?? Number.NaN;
  for (let index = count - 1; index >= 0; index--) {
    const { func, offset } = frames[index]!;
    learn(index, pointer);
    const entry = Number.isNaN(pointer) ? entries[index]! : pointer;
    pointer = Number.isNaN(entry) ? entry : (layouts.of(func).stackPointerAt(offset, entry) ?? Number.NaN);
  }
  // The innermost frame's own stack pointer is the present one.
  if (!Number.isNaN(pointer) && pointer !== now) contradicted[0] = 1;
  return frames.map((frame, index) => {
    const entry = contradicted[index] === 1 ? Number.NaN : entries[index]!;
    const inner = index === 0 ? now : contradicted[index - 1] === 1 ? Number.NaN : entries[index - 1]!;
    const layout = layouts.of(frame.func);
    const frameBase = Number.isNaN(entry) ? undefined : layout.frameBaseAt(frame.offset, entry);
    let reason: string | undefined;
    if (contradicted[index] === 1)
      reason = `What ${frame.name} and its callers make of the stack pointer does not fit its present value: some code, or somebody at a stop, set it in a way of its own.`;
    else if (Number.isNaN(entry)) reason = barrier(frames, layouts, entries, index);
    else if (frameBase === undefined && layout.shape.kind === 'irregular')
      reason = `Where the frame of ${frame.name} lies at this instruction is not known: ${layout.shape.reason}.`;
    else if (frameBase === undefined) reason = `At this instruction ${frame.name} has no frame in memory.`;
    return { entry: orUndefined(entry), stackPointer: orUndefined(inner), frameBase, reason };
  });
}

/** Which frame further in stands between the present stack pointer and frame `index`. */
function barrier(frames: readonly GuestFrame[], layouts: FrameLayouts, entries: Float64Array, index: number): string {
  let from = index;
  while (from > 0 && Number.isNaN(entries[from - 1])) from--;
  const { func, name } = frames[from]!;
  const { shape } = layouts.of(func);
  const why =
    shape.kind === 'irregular'
      ? shape.reason
      : shape.kind === 'aligned'
        ? `it aligns its frame to ${shape.alignment} bytes`
        : 'its stack pointer here does not follow from its code';
  return `Where the frame lies is not known: the stack can't be unwound past ${name}, because ${why}.`;
}

function orUndefined(value: number): number | undefined {
  return Number.isNaN(value) ? undefined : value;
}
