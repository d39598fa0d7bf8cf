// Values of globals from their bytes. Pure.
import { F32, I64 } from '../wasm/value-types.ts';

/** The value that a WebAssembly.Global of a type takes, from its bytes. */
export function globalValue(type: number, bytes: Uint8Array): number | bigint | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (bytes.length) {
    case 4:
      return type === F32 ? view.getFloat32(0, true) : view.getInt32(0, true);
    case 8:
      return type === I64 ? view.getBigInt64(0, true) : view.getFloat64(0, true);
    default:
      return undefined;
  }
}
