// The plans under which a rewritten module is held against the original: one list for every differential test. A plan that the pass learns
// gets its row here. Only tests import it. (I1, I2)

import { chargeTable } from '../fuel/charge-table.ts';
import type { ProbePlan } from '../instrument/plan.ts';
import { ALL_PROBES, NO_PLAN } from '../instrument/testing.ts';
import type { WasmModule } from '../wasm/module.ts';

export interface NamedPlan {
  readonly name: string;
  make(module: WasmModule): ProbePlan;
  /** Largest functions are woven coarsely, as if V8 took no more bytes for them than they have. */
  readonly coarse?: true;
  /** Every site is armed: the hook is entered at each, which takes long. The plan's own count of them checks its moments. */
  readonly armed?: true;
}

const ENTRIES = {
  entries: true,
  functions: new Uint8Array(0),
  offsets: new Uint32Array(0),
  bare: new Uint32Array(0),
} as const;

/** All that can be woven in but canonical NaNs. */
function everything(module: WasmModule): ProbePlan {
  const charges = chargeTable(module);
  return {
    ...NO_PLAN,
    ...ALL_PROBES,
    watchedMemory: module.memories.length > 0 ? 0 : null,
    charges,
    frameSlots: charges.frameSlots,
    chunkBulk: true,
    growHooks: true,
  };
}

export const PLANS: readonly NamedPlan[] = [
  { name: 'nothing', make: () => NO_PLAN },
  { name: 'fuel', make: (module) => ({ ...NO_PLAN, charges: chargeTable(module) }) },
  {
    name: 'fuel and depth',
    make: (module) => {
      const charges = chargeTable(module);
      return { ...NO_PLAN, charges, frameSlots: charges.frameSlots };
    },
  },
  { name: 'canonical NaNs', make: () => ({ ...NO_PLAN, canonicalNaN: true }) },
  { name: 'bulk in chunks, grow hooks', make: () => ({ ...NO_PLAN, chunkBulk: true, growHooks: true }) },
  { name: 'moments', make: () => ({ ...NO_PLAN, moments: true }) },
  { name: 'entries, block counts', make: () => ({ ...NO_PLAN, moments: true, blockCounts: true, sites: ENTRIES }) },
  {
    name: 'a watched memory',
    make: (module) => ({
      ...NO_PLAN,
      moments: true,
      sites: { ...ENTRIES, entries: false },
      watchedMemory: module.memories.length > 0 ? module.memories.length - 1 : null,
    }),
  },
  { name: 'everything', make: (module) => ({ ...everything(module), canonicalNaN: true }) },
  { name: 'everything, coarse', make: (module) => ({ ...everything(module), canonicalNaN: true }), coarse: true },
];

/** Too slow for every module. */
export const ARMED_PLAN: NamedPlan = {
  name: 'every site armed',
  make: (module) => ({ ...everything(module), canonicalNaN: true }),
  armed: true,
};
