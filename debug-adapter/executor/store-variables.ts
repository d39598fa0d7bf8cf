// The variables of whoever writes into a watched range, for conditions and log messages there: those of the innermost frame of the author's own, else of
// the code that writes. Wasm locals are not handed over at stores, so that what optimised code keeps in them is not at hand. Contract S1.

import { namedIn } from '../expressions/source-evaluation.ts';
import type { NamedVariables } from '../expressions/source-scope.ts';
import { FrameVariables, programOf } from '../source/frame-variables.ts';
import type { ModuleSource } from '../source/module-source.ts';
import { FrameMachine } from './frame-machine.ts';
import type { GuestCode } from './guest-code.ts';
import type { Loaded } from './loading.ts';
import type { GuestFrame } from './options.ts';
import type { UnwoundFrame } from './unwind.ts';
import { unwindGuest } from './unwind-guest.ts';

interface Writing {
  readonly source: ModuleSource;
  readonly guest: GuestCode;
  readonly loaded: Loaded;
  readonly instance: WebAssembly.Instance;
}

/** @param frames of the machine's, the one that writes first */
export function variablesOfWriter(
  { source, guest, loaded, instance }: Writing,
  frames: readonly GuestFrame[],
): NamedVariables | undefined {
  const own = frames.findIndex(({ offset }) => source.placeAt(offset)?.own === true);
  const index = Math.max(0, own);
  const frame = frames[index];
  if (frame === undefined) return undefined;
  let unwound: readonly UnwoundFrame[] | undefined;
  const layout = (): UnwoundFrame | undefined => {
    const { layouts, instrumented } = loaded;
    unwound ??= unwindGuest({ layouts, instance, exports: instrumented.exports }, frames);
    return unwound[index];
  };
  const { program: dwarf } = source;
  const machine = new FrameMachine(guest, layout, loaded.layouts.stackPointer);
  const memorySize = guest.memory(0)?.size ?? 0;
  const program = programOf(dwarf, machine, memorySize, (at) => loaded.functionInTable(at));
  const level = source.framesAt(frame.offset).findIndex(({ place }) => place?.own === true);
  return namedIn(new FrameVariables(dwarf, program, machine, frame.offset, Math.max(0, level), true));
}
