// The slots of stored stack pointers, as they are read. That they are written where they should be: executor/unwind.test.ts.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { storedBytes, storedPointer } from './frame-bases.ts';

describe('stored stack pointers', () => {
  const memory = new ArrayBuffer(64);
  const view = new DataView(memory);
  // Slot 1 is the outermost frame's: function 7 has stored 4096 there, function 8 an address above 4 GB in slot 2.
  view.setUint32(16, 4096, true);
  view.setUint32(24, 7 + 1, true);
  view.setBigUint64(32, 0x1_0000_0010n, true);
  view.setUint32(40, 8 + 1, true);

  it('are found by how many frames are further out', () => {
    assert.equal(storedPointer(memory, [{ func: 7 }], 0), 4096);
    assert.equal(storedPointer(memory, [{ func: 0 }, { func: 7 }], 1), 4096);
    assert.equal(storedPointer(memory, [{ func: 8 }, { func: 7 }], 0), 0x1_0000_0010);
  });

  it('are none where another function stored, or nobody, or beyond the memory', () => {
    assert.equal(storedPointer(memory, [{ func: 6 }], 0), undefined);
    assert.equal(storedPointer(memory, [{ func: 7 }, { func: 7 }], 0), undefined);
    assert.equal(storedPointer(memory, Array(3).fill({ func: 0 }), 0), undefined);
    assert.equal(storedPointer(memory, Array(9).fill({ func: 7 }), 0), undefined);
    assert.equal(storedPointer(memory, [], 0), undefined);
    assert.equal(storedPointer(memory, [{ func: 7 }], 1), undefined);
  });

  it('have room for every frame that production allows, and a leaf above them', () => {
    const frames = Array.from({ length: 1001 }, () => ({ func: 3 }));
    const whole = new ArrayBuffer(storedBytes(1000));
    new DataView(whole).setUint32(1001 * 16 + 8, 4, true);
    assert.equal(storedPointer(whole, frames, 0), 0);
  });
});
