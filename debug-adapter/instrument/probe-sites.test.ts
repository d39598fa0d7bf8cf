// What an armed site hands over, and what of it the guest takes back: of each kind of site. (S1)
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { wat } from '../testing/wat.ts';
import type { WasmModule } from '../wasm/module.ts';
import { type SitePlan, VALUE_BYTES } from './plan.ts';
import { SiteKind } from './probe-sites.ts';
import { armAll, NO_PLAN, outcomeOf, RewrittenGuest } from './testing.ts';

/** At its addition there are two operands; the locals are 5, 7 and 12. */
const SUM = wat(
  `(module
    (func (export "sum") (param i32 i64) (result i32 i64)
      (local i32)
      (local.set 2 (i32.add (local.get 0) (i32.wrap_i64 (local.get 1))))
      (i32.add (local.get 2) (i32.const 100))
      (local.get 1)))`,
);
const I32_ADD = 0x6a;
const OPERANDS = 2;

/** Where the last addition is. */
const addition = ({ bytes, bodyEnd }: WasmModule): number => bytes.lastIndexOf(I32_ADD, bodyEnd[0]);

/** Calls `sum` with every value set, at the site, to 1000 and its row. */
function changed(sites: (offset: number) => Partial<SitePlan>): { seen: number[]; kind: number; outcome: string } {
  const guest = new RewrittenGuest(SUM, (module) => ({
    ...NO_PLAN,
    sites: {
      entries: false,
      functions: new Uint8Array(1),
      offsets: new Uint32Array(),
      bare: new Uint32Array(),
      ...sites(addition(module)),
    },
  }));
  armAll(guest);
  const { sites: columns, exports } = guest.instrumented;
  const memory = guest.instance.exports[exports.sites ?? ''] as WebAssembly.Memory;
  const seen: number[] = [];
  guest.onProbe = (site) => {
    assert.equal(columns?.offset[site], addition(guest.module));
    const view = new DataView(memory.buffer);
    for (let row = 0; row < OPERANDS + 3; row++) {
      seen.push(view.getInt32(row * VALUE_BYTES, true));
      view.setInt32(row * VALUE_BYTES, 1000 + row, true);
    }
  };
  return { seen, kind: columns?.kind[0] ?? -1, outcome: outcomeOf(guest.instance, 'sum', [5, 7n]) };
}

describe('what a site hands over', () => {
  it('S1: operands and locals, and takes both back', () => {
    const { seen, kind, outcome } = changed((offset) => ({ offsets: Uint32Array.of(offset) }));
    assert.equal(kind, SiteKind.Instruction);
    assert.deepEqual(seen, [12, 100, 5, 7, 12]);
    assert.equal(outcome, '2001 1003n');
  });

  it('S1: where locals are shown it takes back the operands alone', () => {
    const { seen, kind, outcome } = changed((offset) => ({ shown: Uint32Array.of(offset) }));
    assert.equal(kind, SiteKind.Shown);
    assert.deepEqual(seen, [12, 100, 5, 7, 12]);
    assert.equal(outcome, '2001 7n');
  });

  it('S1: nothing, a bare one', () => {
    const { seen, kind, outcome } = changed((offset) => ({ bare: Uint32Array.of(offset) }));
    assert.equal(kind, SiteKind.Bare);
    assert.deepEqual(seen, [0, 0, 0, 0, 0]);
    assert.equal(outcome, '112 7n');
  });

  it('S1: an instruction that is asked for in several ways takes back the most', () => {
    const all = (offset: number) => ({
      offsets: Uint32Array.of(offset),
      shown: Uint32Array.of(offset),
      bare: Uint32Array.of(offset),
    });
    assert.equal(changed(all).outcome, '2001 1003n');
    assert.equal(changed((offset) => ({ ...all(offset), offsets: new Uint32Array() })).outcome, '2001 7n');
  });
});
