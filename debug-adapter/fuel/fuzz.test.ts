// Modules with bytes changed or cut: the pass refuses them with a WasmError, or makes a module that V8 takes exactly when it
// takes the original; in bounded time. (I1)
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { instrument } from '../instrument/instrument.ts';
import { ALL_PROBES, NO_PLAN } from '../instrument/testing.ts';
import { randomModule } from '../testing/random-module.ts';
import { WasmError } from '../wasm/error.ts';
import { parseModule } from '../wasm/module.ts';
import { chargeTable } from './charge-table.ts';

const sources = Array.from({ length: 40 }, (_, seed) => randomModule({ seed, simd: seed % 3 === 0 }).bytes);

/** Bytes that mean something at many places: sizes, opcodes, limits of number formats. */
const TELLING = [
  0, 1, 2, 3, 0x40, 0x0b, 0x05, 0x7f, 0x80, 0xff, 0x0c, 0x0d, 0x0e, 0x0f, 0x10, 0x11, 0x12, 0x20, 0x23, 0xd2, 0xfc,
  0xfd, 0xfe,
];

/** Rewrites; undefined where the pass refuses. */
function rewrite(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | WasmError {
  try {
    const module = parseModule(bytes);
    const charges = chargeTable(module);
    const plan = {
      ...NO_PLAN,
      charges,
      frameSlots: charges.frameSlots,
      canonicalNaN: true,
      chunkBulk: true,
      growHooks: true,
    };
    const { bytes: rewritten } = instrument(module, plan);
    // whatever is woven in, V8 takes it or leaves it as it does the original
    assert.equal(
      WebAssembly.validate(instrument(module, { ...plan, ...ALL_PROBES }).bytes),
      WebAssembly.validate(rewritten),
    );
    return rewritten;
  } catch (error) {
    assert.ok(error instanceof WasmError, error instanceof Error ? error.stack : String(error));
    return error;
  }
}

function check(bytes: Uint8Array<ArrayBuffer>): void {
  const rewritten = rewrite(bytes);
  const valid = WebAssembly.validate(bytes);
  if (rewritten instanceof WasmError)
    assert.ok(!valid || rewritten.feature !== undefined, `refused, but V8 takes it: ${rewritten.message}`);
  else assert.equal(WebAssembly.validate(rewritten), valid);
}

describe('damaged modules', () => {
  const change = fc.tuple(
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.oneof(fc.nat(255), fc.constantFrom(...TELLING)),
  );

  it('I1: with bytes changed', () => {
    fc.assert(
      fc.property(fc.nat(sources.length - 1), fc.array(change, { minLength: 1, maxLength: 3 }), (source, changes) => {
        const bytes = sources[source]!.slice();
        for (const [where, value] of changes) bytes[8 + Math.floor(where * (bytes.length - 9))] = value;
        check(bytes);
      }),
      { numRuns: 6000 },
    );
  });

  it('I1: cut short', () => {
    const bytes = sources[1]!;
    for (let length = 0; length < bytes.length; length++) check(bytes.slice(0, length));
  });

  it('nested ten thousand times over, or far more operands than wasmi takes', () => {
    const body = (...code: number[][]) => {
      const bytes = [0, ...code.flat(), 0x0b];
      const size = [0x80 | (bytes.length & 0x7f), 0x80 | ((bytes.length >> 7) & 0x7f), (bytes.length >> 14) & 0x7f];
      const section = bytes.length + 4;
      return Uint8Array.from([
        ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0],
        ...[10, 0x80 | (section & 0x7f), 0x80 | ((section >> 7) & 0x7f), (section >> 14) & 0x7f, 1, ...size, ...bytes],
      ]);
    };
    check(body(...Array.from({ length: 10_000 }, () => [0x02, 0x40]), ...Array.from({ length: 10_000 }, () => [0x0b])));
    const deep = rewrite(body(...Array.from({ length: 70_000 }, () => [0x41, 0]), [0x00]));
    assert.ok(deep instanceof WasmError && /more than 65535 operands/.test(deep.message));
  });
});
