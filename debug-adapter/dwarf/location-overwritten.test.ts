// Locals that may hold something else than DWARF says: branches, loops, where the claim begins, and garbage. Contract S6.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { OverwrittenLocals } from './location-overwritten.ts';

const BLOCK = [0x02, 0x40];
const LOOP = [0x03, 0x40];
const IF = [0x04, 0x40];
const ELSE = [0x05];
const END = [0x0b];
const NOP = [0x01];
const GET = [0x20, 0];
/** i32.const 1, local.set 0 */
const SET = [0x41, 1, 0x21, 0];
const SET_OTHER = [0x41, 1, 0x21, 1];
const BRANCH_IF = [0x20, 1, 0x0d, 0];
const BRANCH = [0x0c, 0];
const RETURN = [0x0f];

/** Where the local may hold something else: of each instruction given, by its number. `from`: the instruction where the claim begins. */
function dirty(code: readonly (readonly number[])[], from = 0, until = code.length): number[] {
  const bytes = Uint8Array.from([0, 0, 0, ...code.flat(), ...END]);
  const starts: number[] = [];
  let at = 3;
  for (const one of code) {
    starts.push(at);
    at += one.length;
  }
  const overwritten = new OverwrittenLocals(bytes);
  const claim = { local: 0, low: starts[from] ?? 0, high: starts[until] ?? bytes.length };
  return starts.flatMap((start, n) => (overwritten.at(start, claim, { start: 2, end: bytes.length }) ? [n] : []));
}

describe('locals that were overwritten', () => {
  it('S6: behind a write, and not before it; other locals do not matter', () => {
    assert.deepEqual(dirty([GET, SET, NOP, NOP]), [2, 3]);
    assert.deepEqual(dirty([GET, SET_OTHER, NOP]), []);
    // where the claim begins, the variable is there; behind its end nothing is said
    assert.deepEqual(dirty([SET, NOP, NOP], 1), []);
    assert.deepEqual(dirty([NOP, SET, NOP, NOP], 0, 3), [2]);
  });

  it('S6: what is written on one way is not on the other, and may be where they meet', () => {
    assert.deepEqual(dirty([GET, IF, SET, NOP, ELSE, NOP, END, NOP]), [3, 4, 7]);
    assert.deepEqual(dirty([GET, IF, SET, END, NOP]), [3, 4]);
    assert.deepEqual(dirty([GET, IF, SET, RETURN, END, NOP]), [3]);
    assert.deepEqual(dirty([BLOCK, BRANCH_IF, SET, BRANCH, END, NOP]), [3, 5]);
  });

  it('S6: a loop brings a write round to its start, and a claim that begins in the loop begins again', () => {
    assert.deepEqual(dirty([NOP, LOOP, NOP, SET, BRANCH_IF, END, NOP]), [2, 3, 4, 5, 6]);
    assert.deepEqual(dirty([NOP, LOOP, NOP, SET, BRANCH_IF, END, NOP], 2), [4, 5, 6]);
  });

  it('S6: garbage is no reason to doubt, and does not hang', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.nat(70), (bytes, place) => {
        const overwritten = new OverwrittenLocals(bytes);
        assert.equal(
          typeof overwritten.at(place, { local: 0, low: 0, high: 64 }, { start: 0, end: bytes.length }),
          'boolean',
        );
      }),
    );
  });
});
