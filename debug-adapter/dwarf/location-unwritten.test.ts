// Places of a frame that nothing can have written yet: stores, addresses, branches, loops, what is not asked, garbage. Contract S6.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { wat } from '../testing/wat.ts';
import { codeStart } from '../wasm/disassembly-index.ts';
import { InstructionReader } from '../wasm/instructions.ts';
import { parseModule } from '../wasm/module.ts';
import { opcodeNamed } from '../wasm/opcodes.ts';
import { frameBaseLocal, frameSlot } from './location-expression-frame.ts';
import { UnwrittenSlots } from './location-unwritten.ts';

const PROLOGUE = 'global.get 0 i32.const 64 i32.sub local.set 0';
const STORE = 'local.get 0 i32.const 7 i32.store offset=12';
/** Where the places are that a test asks about. */
const HERE = 'nop';
const NOP = opcodeNamed(HERE);

/** Of each `nop` of a function whose frame base is local 0: whether the four bytes at 12 can't have been written there. */
function unwritten(code: string, slot = { base: 0, from: 12, size: 4 }, prologue = PROLOGUE): boolean[] {
  const module = parseModule(
    wat(`(module (memory 1) (global (mut i32) (i32.const 0)) (func $f (param i32))
      (func (local i32 i32) ${prologue} ${code}))`),
  );
  const [start, end] = [module.bodyStart[1] ?? 0, module.bodyEnd[1] ?? 0];
  const slots = new UnwrittenSlots(module.bytes);
  const places: boolean[] = [];
  const reader = new InstructionReader(module.bytes);
  reader.reset(codeStart(module, 1), end);
  while (reader.next()) if (reader.opcode === NOP) places.push(slots.at(reader.offset, slot, { start, end }));
  return places;
}

describe('places of a frame that were not written', () => {
  it('S6: are those before the first store; stores beside them, loads, and addresses of others do not matter', () => {
    assert.deepEqual(unwritten(`${HERE} ${STORE} ${HERE}`), [true, false]);
    assert.deepEqual(unwritten(`local.get 0 i32.const 7 i32.store offset=8 ${HERE}`), [true]);
    assert.deepEqual(unwritten(`local.get 0 i32.load offset=12 drop ${HERE}`), [true]);
    assert.deepEqual(unwritten(`local.get 0 i32.const 8 i32.add call $f ${HERE}`), [true]);
    // wide ones, narrow ones, and those that only begin before it
    assert.deepEqual(unwritten(`local.get 0 i64.const 0 i64.store offset=8 ${HERE}`), [false]);
    assert.deepEqual(unwritten(`local.get 0 i64.const 0 i64.store offset=4 ${HERE}`), [true]);
    assert.deepEqual(unwritten(`local.get 0 i32.const 0 i32.store8 offset=15 ${HERE}`), [false]);
    assert.deepEqual(unwritten(`local.get 0 i32.const 0 i32.store8 offset=16 ${HERE}`), [true]);
    assert.deepEqual(unwritten(`local.get 0 v128.const i64x2 0 0 v128.store offset=0 ${HERE}`), [false]);
  });

  it('S6: who has its address may write it at any time behind that', () => {
    assert.deepEqual(unwritten(`local.get 0 i32.const 12 i32.add ${HERE} call $f ${HERE}`), [false, false]);
    assert.deepEqual(unwritten(`local.get 0 i32.const 14 i32.add call $f ${HERE}`), [false]);
  });

  it('S6: one way that writes is enough for doubt; a loop brings it round to its start', () => {
    assert.deepEqual(unwritten(`local.get 0 if ${STORE} ${HERE} else ${HERE} end ${HERE}`), [false, true, false]);
    assert.deepEqual(unwritten(`local.get 0 if ${STORE} return end ${HERE}`), [true]);
    assert.deepEqual(unwritten(`loop ${HERE} ${STORE} local.get 0 br_if 0 end ${HERE}`), [false, false]);
    assert.deepEqual(unwritten(`loop ${HERE} local.get 0 br_if 0 end ${STORE} ${HERE}`), [true, false]);
    assert.deepEqual(unwritten(`block local.get 0 br_if 0 ${STORE} br 0 end ${HERE}`), [false]);
    // what is not reached is not spoken of
    assert.deepEqual(unwritten(`return ${HERE}`), [false]);
  });

  it('S6: nothing is said of the base itself, of one that is set twice or never, of what has no size', () => {
    assert.deepEqual(unwritten(HERE, { base: 0, from: 0, size: 4 }), [false]);
    assert.deepEqual(unwritten(HERE, { base: 0, from: 12, size: 0 }), [false]);
    assert.deepEqual(unwritten(HERE, { base: 2, from: 12, size: 4 }), [false]);
    assert.deepEqual(unwritten(`${PROLOGUE} ${HERE}`), [false]);
  });

  it('S6: no way through a function that writes the place is missed', () => {
    interface Part {
      readonly text: string;
      /** Walks it: what may have been written, before and behind. */
      readonly walk: (before: readonly boolean[], here: (states: readonly boolean[]) => void) => readonly boolean[];
    }
    const both = (left: readonly boolean[], right: readonly boolean[]) => [...new Set([...left, ...right])];
    const { part } = fc.letrec<{ part: Part }>((tie) => ({
      part: fc.oneof(
        { maxDepth: 4, depthSize: 'medium' },
        fc.constant<Part>({
          text: HERE,
          walk: (before, here) => {
            here(before);
            return before;
          },
        }),
        fc.constant<Part>({ text: STORE, walk: (before) => before.map(() => true) }),
        fc.tuple(tie('part'), tie('part')).map(
          ([one, two]): Part => ({
            text: `${one.text} ${two.text}`,
            walk: (before, here) => two.walk(one.walk(before, here), here),
          }),
        ),
        fc.tuple(tie('part'), tie('part')).map(
          ([one, two]): Part => ({
            text: `local.get 0 if ${one.text} else ${two.text} end`,
            walk: (before, here) => both(one.walk(before, here), two.walk(before, here)),
          }),
        ),
        tie('part').map(
          (one): Part => ({
            text: `block local.get 0 br_if 0 ${one.text} end`,
            walk: (before, here) => both(before, one.walk(before, here)),
          }),
        ),
        tie('part').map(
          (one): Part => ({
            text: `loop ${one.text} local.get 0 br_if 0 end`,
            // a second round brings all that the first can
            walk: (before, here) =>
              one.walk(
                both(
                  before,
                  one.walk(before, () => {}),
                ),
                here,
              ),
          }),
        ),
      ),
    }));
    fc.assert(
      fc.property(part, ({ text, walk }) => {
        const expected: boolean[] = [];
        walk([false], (states) => expected.push(!states.includes(true)));
        assert.deepEqual(unwritten(text), expected);
      }),
      { numRuns: 40 },
    );
  });

  it('S6: where a variable is said to be in the frame, and what the frame counts from', () => {
    assert.deepEqual(frameSlot(Uint8Array.of(0x91, 12)), { offset: 12, isPointer: false });
    assert.deepEqual(frameSlot(Uint8Array.of(0x91, 0x90, 1, 0x06, 0x23, 4)), { offset: 144, isPointer: true });
    // a part of an object, pieces, cut short, another operator
    for (const bytes of [[0x91, 12, 0x23, 4], [0x91, 12, 0x93, 4], [0x91, 0x80], [0x91], [0xed, 0, 1], []])
      assert.equal(frameSlot(Uint8Array.from(bytes)), undefined);
    assert.equal(frameBaseLocal(Uint8Array.of(0xed, 0, 5, 0x9f)), 5);
    assert.equal(frameBaseLocal(Uint8Array.of(0xed, 0, 5)), 5);
    for (const bytes of [[0xed, 3, 0, 0, 0, 0, 0x9f], [0xed, 0, 5, 0x23, 4], [0xed, 0], [0xed], [0x91, 4]])
      assert.equal(frameBaseLocal(Uint8Array.from(bytes)), undefined);
  });

  it('S6: garbage is no reason to doubt, and does not hang', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.nat(70), (bytes, place) => {
        const slots = new UnwrittenSlots(bytes);
        const body = { start: 0, end: bytes.length };
        assert.equal(typeof slots.at(place, { base: 0, from: 12, size: 4 }, body), 'boolean');
      }),
    );
  });
});
