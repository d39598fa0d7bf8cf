// The one error that reading a WebAssembly module throws. It is not a fault of the debugger: the module is cut short,
// malformed, or uses a feature that this engine refuses by name (E3, I1).
import type { Feature } from './opcodes.ts';

/** Thrown for modules that can't be read. `message` is one sentence that ends with the byte offset in the file. */
export class WasmError extends Error {
  override readonly name = 'WasmError';
  /** Byte offset in the file that was read. */
  readonly offset: number;
  /** The feature that is refused, if that is the reason. */
  readonly feature: Feature | undefined;

  constructor(message: string, offset: number, feature?: Feature) {
    super(`${message} (at byte 0x${offset.toString(16)})`);
    this.offset = offset;
    this.feature = feature;
  }
}
