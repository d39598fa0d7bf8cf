// Where wasmi 1.0.3 charges fuel, and how much: one row per charging block, over the whole code section. It follows the
// reachability and the constant folding of wasmi's translator; the amounts come from model.ts. Also the size of each frame
// on wasmi's value stack. Not the weaving. (I3, E8)
import type { Charges } from '../instrument/plan.ts';
import type { WasmModule } from '../wasm/module.ts';
import { BYTES_PER_FUEL, BYTES_PER_VALUE, FUEL_MODEL } from './model.ts';
import { Translation } from './translation.ts';

export interface ChargeTable extends Charges {
  /** FUEL_MODEL. */
  readonly model: string;
  /** Rows of defined function n: functionRows[n] up to functionRows[n + 1]. */
  readonly functionRows: Uint32Array;
  /** Slots of each defined function's frame on wasmi's value stack: locals, constants, operands. An estimate in the constants. */
  readonly frameSlots: Uint32Array;
  /** The most instructions of the guest's that one unit of fuel can pay for: how a fuel that is granted bounds a moment. */
  readonly instructionsPerFuel: number;
}

/** Computes the charges of every function. Throws WasmError for malformed code. */
export function chargeTable(module: WasmModule): ChargeTable {
  const functions = module.bodyStart.length;
  const functionRows = new Uint32Array(functions + 1);
  const frameSlots = new Uint32Array(functions);
  const translation = new Translation(module);
  for (let n = 0; n < functions; n++) {
    functionRows[n] = translation.rows.count;
    frameSlots[n] = translation.function(n);
  }
  const { rows } = translation;
  functionRows[functions] = rows.count;
  let instructionsPerFuel = 1;
  for (let row = 0; row < rows.count; row++)
    instructionsPerFuel = Math.max(instructionsPerFuel, rows.instructions[row]! / rows.cost[row]!);
  return {
    model: FUEL_MODEL,
    count: rows.count,
    offset: rows.offset.slice(0, rows.count),
    cost: rows.cost.slice(0, rows.count),
    kind: rows.kind.slice(0, rows.count),
    bytesPerFuel: BYTES_PER_FUEL,
    bytesPerValue: BYTES_PER_VALUE,
    functionRows,
    frameSlots,
    instructionsPerFuel,
  };
}
