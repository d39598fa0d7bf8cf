// The pass on the prebuilt Rust plugin: V8 takes the result, and each of its instructions has a place there and back. (I1)
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import { instrument } from '../instrument/instrument.ts';
import { originalOffset } from '../instrument/offset-map.ts';
import { NO_PLAN } from '../instrument/testing.ts';
import { checkProduction } from '../wasm/features.ts';
import { InstructionReader } from '../wasm/instructions.ts';
import { parseModule } from '../wasm/module.ts';
import { chargeTable } from './charge-table.ts';

describe('the prebuilt plugin', () => {
  const module = parseModule(
    new Uint8Array(fs.readFileSync(new URL('../../test-plugins/hello/hello.wasm', import.meta.url))),
  );
  const charges = chargeTable(module);
  const plan = {
    ...NO_PLAN,
    charges,
    frameSlots: charges.frameSlots,
    canonicalNaN: true,
    chunkBulk: true,
    growHooks: true,
  };
  const { bytes, map, firstHelper } = instrument(module, plan);

  it('E3: has nothing that production refuses', () => {
    assert.deepEqual(checkProduction(module, { features: [] }), []);
  });

  it('I1: is valid when rewritten, with its imports as they were', () => {
    const compiled = new WebAssembly.Module(bytes);
    assert.deepEqual(
      WebAssembly.Module.imports(compiled),
      WebAssembly.Module.imports(new WebAssembly.Module(Uint8Array.from(module.bytes))),
    );
    assert.equal(firstHelper, module.functionTypes.length);
  });

  it('I1: each instruction is found again, in order', () => {
    const reader = new InstructionReader(module.bytes);
    let last = -1;
    for (let n = 0; n < module.bodyStart.length; n++) {
      reader.reset(module.bodyStart[n]!, module.bodyEnd[n]!);
      for (let left = reader.u32(); left > 0; left--) {
        reader.u32();
        reader.byte();
      }
      while (reader.next()) {
        const there = map.toRewritten(originalOffset(reader.offset));
        assert.ok(there !== undefined && there > last, `offset ${reader.offset}`);
        assert.equal(map.toOriginal(there), reader.offset);
        last = there;
      }
    }
  });

  it('I3: every function has its entry charge, and frames that wasmi would take', () => {
    for (let n = 0; n < module.bodyStart.length; n++) {
      assert.equal(charges.kind[charges.functionRows[n]!], 0);
      assert.ok(charges.frameSlots[n]! < 1000);
    }
  });
});
