// The bounds of guest memory, its growth, and the journal of writes. Contracts E3, E4, R1.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { PAGE, wasmMemory } from './guest-fixture.ts';
import { GuestMemory } from './memory.ts';

function onePage(): GuestMemory {
  const buffer = new ArrayBuffer(PAGE);
  return new GuestMemory(() => ({ buffer }));
}

describe('GuestMemory', () => {
  it('E3: bounds are those of wasmi: no bytes at the end are in, no bytes behind it are out', () => {
    const memory = onePage();
    for (const [address, length, inside] of [
      [0, 0, true],
      [0, PAGE, true],
      [0, PAGE + 1, false],
      [PAGE, 0, true],
      [PAGE + 1, 0, false],
      [PAGE - 1, 1, true],
      [PAGE - 1, 2, false],
      [-1, 0, false],
      [-1, 1, false],
      [-2147483648, 2147483647, false],
      [0, -1, false],
      [0xffffffff, 0xffffffff, false],
    ] as const)
      assert.equal(memory.contains(address, length), inside, `${address}, ${length}`);
  });
  it('E3: reads and writes little-endian, and refuses what does not fit whole', () => {
    const memory = onePage();
    assert.equal(memory.writeU32(8, 0xfedcba98), true);
    assert.equal(memory.writeU64(16, 0xfedcba9876543210n), true);
    assert.equal(memory.readU8(8), 0x98);
    assert.equal(memory.readU32(8), 0xfedcba98);
    assert.equal(memory.readU64(16), 0xfedcba9876543210n);
    assert.equal(memory.writeBytes(PAGE - 2, Uint8Array.of(1, 2)), true);
    assert.equal(memory.writeBytes(PAGE - 2, Uint8Array.of(1, 2, 3)), false);
    assert.equal(memory.writeU32(PAGE - 3, 0), false);
    assert.equal(memory.writeU64(PAGE - 7, 0n), false);
    assert.deepEqual(
      [memory.readU8(PAGE), memory.readU32(PAGE - 3), memory.readU64(-8)],
      [undefined, undefined, undefined],
    );
    assert.deepEqual([...(memory.readBytes(PAGE - 3, 3) ?? [])], [0, 1, 2]);
  });
  for (const descriptor of [
    { initial: 1, maximum: 3 },
    { initial: 1n, maximum: 3n, address: 'i64' },
  ] as const) {
    it(`E3: follows growth, which replaces the buffer (${'address' in descriptor ? 'memory64' : '32-bit'})`, () => {
      const wasm = wasmMemory(descriptor);
      const memory = new GuestMemory(() => wasm);
      assert.equal(memory.size, PAGE);
      assert.equal(memory.writeU32(PAGE, 7), false);
      wasm.grow(typeof descriptor.initial === 'bigint' ? 1n : 1);
      assert.equal(memory.size, 2 * PAGE);
      assert.equal(memory.writeU32(PAGE, 7), true);
      assert.equal(new Uint8Array(wasm.buffer)[PAGE], 7);
      wasm.grow(typeof descriptor.initial === 'bigint' ? 1n : 1);
      assert.equal(memory.readU32(PAGE), 7);
    });
  }
  it('E3: looks the memory up at each call', () => {
    let current: { buffer: ArrayBuffer } | undefined;
    const memory = new GuestMemory(() => current);
    assert.equal(memory.beginCall(), false);
    assert.equal(memory.size, 0);
    current = { buffer: new ArrayBuffer(PAGE) };
    assert.equal(memory.beginCall(), true);
    assert.equal(memory.size, PAGE);
  });
  it('R1: writing the journal back in order restores what the call wrote', () => {
    const write = fc.record({
      address: fc.integer({ min: 0, max: 40 }),
      bytes: fc.uint8Array({ minLength: 0, maxLength: 12 }),
    });
    fc.assert(
      fc.property(fc.array(write, { maxLength: 20 }), (writes) => {
        const buffer = new ArrayBuffer(64);
        const memory = new GuestMemory(() => ({ buffer }));
        memory.beginCall();
        for (const { address, bytes } of writes) assert.equal(memory.writeBytes(address, bytes), true);
        const restored = new Uint8Array(64);
        for (let i = 0; i < memory.journal.length; i += 2) {
          const address = memory.journal[i] ?? 0;
          const length = memory.journal[i + 1] ?? 0;
          assert.ok(length > 0);
          restored.set(new Uint8Array(buffer, address, length), address);
        }
        assert.deepEqual(restored, new Uint8Array(buffer));
      }),
    );
  });
  it('R1: a write that fails, or of nothing, is not in the journal; the next call empties it', () => {
    const memory = onePage();
    memory.beginCall();
    memory.writeU32(PAGE - 1, 1);
    memory.writeBytes(3, new Uint8Array(0));
    assert.deepEqual(memory.journal, []);
    memory.writeU32(0, 1);
    memory.writeU32(4, 1);
    memory.writeU32(12, 1);
    assert.deepEqual(memory.journal, [0, 8, 12, 4]);
    memory.beginCall();
    assert.deepEqual(memory.journal, []);
  });
});
