// Where an error came from: the guest's frames in V8's stack trace, of a module as it is and of a rewritten one, in offsets of the original
// file. Only tests import it. (I1)
import type { Instrumented } from '../instrument/instrument.ts';
import { rewrittenOffset } from '../instrument/offset-map.ts';
import { CALLER_NAME } from './differential-caller.ts';

/** Frames that are compared, from the innermost on. */
const MOST_FRAMES = 20;
Error.stackTraceLimit = MOST_FRAMES + 20;

const FRAME = /wasm:\/\/wasm\/([^\s:]*):wasm-function\[(\d+)\]:0x([0-9a-f]+)/g;

/** The guest's frames, innermost first: `function@offset`. @param rewritten what made the module; undefined for the original */
export function framesOf(stack: string, rewritten: Instrumented | undefined): string[] {
  const frames: string[] = [];
  for (const [, url = '', name, digits = ''] of stack.matchAll(FRAME)) {
    if (url.startsWith(`${CALLER_NAME}-`)) continue;
    const index = Number(name);
    const offset = Number.parseInt(digits, 16);
    if (rewritten === undefined) frames.push(`${index}@${offset}`);
    else if (index < rewritten.firstHelper)
      frames.push(`${index}@${rewritten.map.toOriginal(rewrittenOffset(offset)) ?? `nowhere (0x${digits})`}`);
  }
  // the outermost ones may be cut off, by more where helpers are among them
  return frames.slice(0, MOST_FRAMES);
}
