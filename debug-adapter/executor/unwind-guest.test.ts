// Frames of a rewritten guest, unwound from V8's trace, the offset map and the instance, at the entry of each function. (DESIGN: frame bases)
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { rewrittenOffset } from '../instrument/offset-map.ts';
import { SITES_AT } from '../instrument/plan.ts';
import { NO_PLAN, RewrittenGuest } from '../instrument/testing.ts';
import { oddFrames } from '../testing/frame-bases-odd.ts';
import { parseModule } from '../wasm/module.ts';
import { FrameLayouts } from '../wasm/prologue.ts';
import type { GuestFrame } from './options.ts';
import { wasmFrames } from './traps.ts';
import type { UnwoundFrame } from './unwind.ts';
import { frameBaseOf, unwindGuest } from './unwind-guest.ts';

interface Seen {
  readonly unwound: readonly UnwoundFrame[];
  /** True stack pointers at entry, the innermost first. */
  readonly truth: readonly number[];
}

/** Stops at the entry of every function: the stack pointers at entry are known there, frame by frame. */
function run(address: 'i32' | 'i64', slots: number, stored: boolean): Seen[] {
  const bytes = oddFrames(address);
  const layouts = new FrameLayouts(parseModule(bytes));
  const guest = new RewrittenGuest(bytes, (module) => ({
    ...NO_PLAN,
    frameSlots: new Uint32Array(module.bodyStart.length).fill(slots),
    sites: {
      entries: true,
      functions: new Uint8Array(module.bodyStart.length),
      offsets: new Uint32Array(0),
      bare: new Uint32Array(0),
    },
    storedPointers: stored ? { global: layouts.stackPointer, functions: layouts.unusual() } : null,
  }));
  const { instance, instrumented } = guest;
  const { exports, map, firstHelper } = instrumented;
  const sites = instance.exports[exports.sites ?? ''];
  assert.ok(sites instanceof WebAssembly.Memory);
  new Uint8Array(sites.buffer, SITES_AT).fill(1);
  const pointer = instance.exports['__stack_pointer'] as WebAssembly.Global;
  const entries: number[] = [];
  const seen: Seen[] = [];
  guest.onProbe = () => {
    const frames: GuestFrame[] = [];
    const flat = wasmFrames(new Error().stack ?? '');
    for (let at = 0; at < flat.length; at += 2)
      if (flat[at]! < firstHelper)
        frames.push({ func: flat[at]!, offset: map.toOriginal(rewrittenOffset(flat[at + 1]!)) ?? 0, name: 'f' });
    entries.length = frames.length - 1;
    entries.push(Number(pointer.value));
    seen.push({ unwound: unwindGuest({ layouts, instance, exports }, frames), truth: entries.toReversed() });
  };
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = Number.POSITIVE_INFINITY;
  try {
    (instance.exports['_start'] as () => void)();
  } finally {
    Error.stackTraceLimit = limit;
  }
  return seen;
}

describe('a guest that stands still', () => {
  for (const address of ['i32', 'i64'] as const)
    for (const [count, slots] of [
      ['frames alone', 10],
      ['frames and slots', 5000],
    ] as const)
      it(`is unwound: addresses of ${address}, ${count} counted`, () => {
        let known = 0;
        let all = 0;
        for (const { unwound, truth } of run(address, slots, false))
          for (const [index, { entry, reason }] of unwound.entries()) {
            all++;
            if (entry === undefined) assert.match(reason ?? '', /can't be unwound past f, because it/);
            else {
              known++;
              assert.equal(entry, truth[index]);
            }
          }
        assert.ok(all > 500 && known > 100, `${known} of ${all}`);
        // With what is stored, every frame is found.
        for (const { unwound, truth } of run(address, slots, true))
          assert.deepEqual(
            unwound.map(({ entry }) => entry),
            truth,
          );
      });

  it('has nothing woven in where no function is odd', () => {
    const plan = { ...NO_PLAN, frameSlots: new Uint32Array(8).fill(10) };
    const rewritten = (functions: readonly number[]) =>
      new RewrittenGuest(oddFrames('i32'), () => ({ ...plan, storedPointers: { global: 0, functions } })).instrumented;
    assert.deepEqual(rewritten([]).bytes, new RewrittenGuest(oddFrames('i32'), () => plan).instrumented.bytes);
    assert.equal(rewritten([]).exports.stored, null);
    assert.ok(rewritten([2]).bytes.length > rewritten([]).bytes.length);
  });

  it('has frame bases with addresses or reasons', () => {
    const bases = run('i32', 10, false).flatMap(({ unwound }) => unwound.map(frameBaseOf));
    assert.ok(bases.some((base) => 'address' in base && base.address > 0));
    assert.ok(bases.some((base) => 'reason' in base && base.reason.length > 20));
  });

  it('has none without a stack pointer', () => {
    const bytes = oddFrames('i32');
    const guest = new RewrittenGuest(bytes, () => NO_PLAN);
    const layouts = new FrameLayouts(parseModule(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)));
    const frames = [{ func: 7, offset: 0, name: '_start' }];
    const [frame] = unwindGuest({ layouts, instance: guest.instance, exports: guest.instrumented.exports }, frames);
    assert.match(frame?.reason ?? '', /keeps no stack pointer/);
  });
});
