// What a module exports as state, in a form that two instances of it can be compared by. Only tests import it.
import { ImportKind, type WasmModule } from '../wasm/module.ts';
import { V128 } from '../wasm/value-types.ts';
import { valueText } from './differential-world.ts';

/** Globals and tables that the original exports, as text. */
export function stateText(instance: WebAssembly.Instance, module: WasmModule): string {
  let text = '';
  for (const { name, kind, index } of module.exports) {
    const exported = instance.exports[name];
    if (kind === ImportKind.Global) {
      if (module.globalTypes[index] !== V128) text += ` ${valueText((exported as WebAssembly.Global).value)}`;
    } else if (kind === ImportKind.Table) {
      const table = exported as WebAssembly.Table;
      // of a table64 it is a bigint, and so are indices
      const wide = typeof table.length === 'bigint';
      text += ` [${table.length}`;
      for (let n = 0; n < Number(table.length); n++)
        text += ` ${valueText(table.get(wide ? (BigInt(n) as unknown as number) : n))}`;
      text += ']';
    }
  }
  return text;
}

/** The first byte at which memories differ; undefined where none does. */
export function memoryDifference(a: WebAssembly.Memory, b: WebAssembly.Memory): string | undefined {
  const [left, right] = [Buffer.from(a.buffer), Buffer.from(b.buffer)];
  if (left.length !== right.length) return `${left.length} bytes of memory, not ${right.length}`;
  if (left.equals(right)) return undefined;
  const at = left.findIndex((byte, index) => byte !== right[index]);
  return `byte ${at} of memory is ${left[at]}, not ${right[at]}`;
}
