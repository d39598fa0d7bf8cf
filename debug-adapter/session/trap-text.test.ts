// Traps in words: kinds, places, recursions and aborts, over frames that are made by hand. Contract P1.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { StopTrap } from '../executor/options.ts';
import { TRAP_WORDS } from '../executor/trap-detail.ts';
import type { ShownFrame } from './shown-frames.ts';
import { recursionOf, trapText } from './trap-text.ts';

/** Frames by their names, innermost first: `own` is in the author's file, at line 10 and the number of the frame. */
const framesOf = (...names: string[]): ShownFrame[] =>
  names.map((name, index) => {
    const own = name.startsWith('app::');
    const path = own ? 'C:\\work\\src\\lib.rs' : '/rustc/library/core.rs';
    const place = { path, line: 10 + index, column: 1, own };
    const source = { name, place, from: 1, inlined: false };
    return {
      index,
      level: 0,
      guest: { func: [...new Set(names)].indexOf(name), offset: 0, name },
      source,
    } as ShownFrame;
  });

const trap = (words: string, more: Partial<StopTrap> = {}): StopTrap => ({ words, after: 3, ...more });
const repeated = (names: readonly string[], times: number): string[] =>
  Array.from({ length: times }, () => names).flat();

describe('traps in words', () => {
  it('P1: what is not known is not told', () => {
    const both = `${TRAP_WORDS.null} or ${TRAP_WORDS.signature}`;
    assert.deepEqual(trapText(trap(both), undefined, []), {
      kind: both,
      sentence: 'Uninitialized element or indirect call type mismatch.',
    });
    assert.equal(
      trapText(trap(both), undefined, framesOf('app::inner')).sentence,
      'Uninitialized element or indirect call type mismatch, in app::inner (lib.rs:10).',
    );
  });

  it('P1: the instruction tells which of two it was', () => {
    const found = { words: TRAP_WORDS.null, what: 'a call of index 0 of the table, which is null' };
    assert.deepEqual(trapText(trap('two words'), found, framesOf('core::ops::call', 'app::inner', 'app::outer')), {
      kind: 'uninitialized element',
      sentence:
        'Uninitialized element: a call of index 0 of the table, which is null, in core::ops::call, called from app::inner (lib.rs:11).',
    });
  });

  it('P1: which limit an exhausted stack has, and who calls whom', () => {
    const exhausted = (limit: StopTrap['limit'], ...names: string[]): string =>
      trapText(trap(TRAP_WORDS.exhausted, limit === undefined ? {} : { limit }), {}, framesOf(...names)).sentence;
    assert.equal(
      exhausted('frames', ...repeated(['app::f'], 999), 'app::main'),
      "Call stack exhausted: app::f calls itself, 999 frames deep, and a call would be one more than production's 1 000 frames, in app::f (lib.rs:10).",
    );
    assert.equal(
      exhausted('slots', ...repeated(['app::f'], 333)),
      "Call stack exhausted: app::f calls itself, 333 frames deep, and 333 frames have used up production's 1 000 000 slots of value stack, in app::f (lib.rs:10).",
    );
    // the names as they call each other
    assert.match(
      exhausted('frames', ...repeated(['app::c', 'app::b', 'app::a'], 4)),
      /: app::a calls app::b calls app::c calls app::a, 12 frames/,
    );
    assert.match(
      exhausted('frames', ...repeated(['app::b', 'app::a'], 4)),
      /: app::a and app::b call each other, 8 frames deep/,
    );
    // without a recursion nothing is told of one
    assert.match(exhausted('frames', 'app::c', 'app::b', 'app::a'), /^Call stack exhausted: a call would be/);
  });

  it('P1: a recursion is found below what it calls, and not where there is none', () => {
    assert.deepEqual(recursionOf(framesOf('core::fmt', 'alloc::grow', ...repeated(['app::f'], 5))), {
      names: ['app::f'],
      frames: 5,
    });
    assert.equal(recursionOf(framesOf('app::f', 'app::f', 'app::main')), undefined);
    assert.equal(recursionOf([]), undefined);
  });

  it('P1: the stack in memory is full, or runs into data', () => {
    const found = {
      words: TRAP_WORDS.memory,
      what: 'a store of 4 bytes at address 4294967280 of a memory of 65536 bytes',
    };
    const text = (overflow: { pointer: number; bytes?: number }, ...names: string[]) =>
      trapText(trap(TRAP_WORDS.memory), { ...found, overflow }, framesOf(...names));
    assert.deepEqual(text({ pointer: -16, bytes: 65_536 }, ...repeated(['app::f'], 7)), {
      kind: 'stack overflow',
      sentence:
        'Stack overflow: app::f calls itself, 7 frames deep, and the stack of 65 536 bytes is full, which ends in a store of 4 bytes at address 4294967280 of a memory of 65536 bytes, in app::f (lib.rs:10).',
    });
    assert.match(
      text({ pointer: 2000 }, 'app::f').sentence,
      /^Stack overflow: the stack runs into data, which ends in a store/,
    );
  });

  it('P1: why control came to an `unreachable`', () => {
    const text = (names: string[], lastWords?: string): string =>
      trapText(trap(TRAP_WORDS.unreachable), {}, framesOf(...names), lastWords).sentence;
    assert.equal(text(['app::f']), 'Unreachable: control came to where it must not, in app::f (lib.rs:10).');
    assert.equal(
      text(['abort', 'std::process::abort', 'app::f']),
      'Unreachable: the plugin aborted itself, in abort, called from app::f (lib.rs:12).',
    );
    assert.match(
      text(['abort', 'app::f'], 'having logged `no`'),
      /: the plugin aborted itself, having logged `no`, in abort/,
    );
    assert.match(
      text(['signature_mismatch:read_all', 'app::f']),
      /: the linker found read_all declared with another type than it has, and put a trap in place of the call, in/,
    );
    assert.match(
      text(['undefined_weak:hook', 'app::f']),
      /: hook is nowhere, and the linker put a trap in its place, in/,
    );
  });
});
