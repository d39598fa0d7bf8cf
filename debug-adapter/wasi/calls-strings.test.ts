// args_get, args_sizes_get, environ_get, environ_sizes_get. Contract E3.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createSyscalls } from './calls.ts';
import { createContext } from './context.ts';
import { fixture, SIZE, wasmMemory } from './guest-fixture.ts';
import { GuestMemory } from './memory.ts';

const EFAULT = 21;

for (const [name, option] of [
  ['args', 'args'],
  ['environ', 'env'],
] as const) {
  const get = `${name}_get` as const;
  const sizes = `${name}_sizes_get` as const;
  const strings = ['A=é', '', 'last=1'];

  describe(sizes, () => {
    it('E3: none in production: 0 and 0', () => {
      const { calls, bytes, view } = fixture();
      bytes.fill(0xff);
      assert.equal(calls[sizes](8, 12), 0);
      assert.equal(view.getBigUint64(8, true), 0n);
    });
    it('E3: counts UTF-8 bytes and a NUL for each', () => {
      const { calls, view } = fixture({ [option]: strings });
      assert.equal(calls[sizes](8, 12), 0);
      assert.deepEqual([view.getUint32(8, true), view.getUint32(12, true)], [3, 4 + 1 + 1 + 6 + 1]);
    });
    it('E3: bad pointers are EFAULT and no panic; the first is written before the second is looked at', () => {
      const { calls, view, context } = fixture({ [option]: strings });
      assert.equal(calls[sizes](SIZE - 3, 0), EFAULT);
      assert.equal(calls[sizes](16, SIZE - 3), EFAULT);
      assert.equal(view.getUint32(16, true), 3);
      assert.equal(calls[sizes](-1, 0), EFAULT);
      assert.equal(context.outcome.hostWouldPanic, false);
      assert.equal(calls[sizes](SIZE - 4, SIZE - 8), 0);
    });
  });

  describe(get, () => {
    it('E3: with none no pointer is used, however bad', () => {
      const { calls, journal } = fixture();
      assert.equal(calls[get](-1, SIZE), 0);
      assert.deepEqual(journal(), []);
    });
    it('E3: lays out pointers and NUL-terminated strings, one after the other', () => {
      const { calls, bytes, view, journal } = fixture({ [option]: strings });
      bytes.fill(0xff);
      assert.equal(calls[get](100, 200), 0);
      assert.deepEqual(
        [view.getUint32(100, true), view.getUint32(104, true), view.getUint32(108, true), view.getUint32(112, true)],
        [200, 205, 206, 0xffffffff],
      );
      assert.equal(new TextDecoder().decode(bytes.subarray(200, 213)), 'A=é\0\0last=1\0');
      assert.equal(bytes[213], 0xff);
      assert.equal(
        journal().reduce((sum, [, length]) => sum + length, 0),
        12 + 13,
      );
    });
    it('E3: a bad table or buffer is EFAULT; what came before it stays written', () => {
      const { calls, view, context } = fixture({ [option]: strings });
      assert.equal(calls[get](SIZE - 8, 200), EFAULT);
      assert.equal(view.getUint32(SIZE - 4, true), 205);
      assert.equal(calls[get](100, SIZE - 5), EFAULT);
      assert.equal(view.getUint32(100, true), SIZE - 5);
      assert.equal(view.getUint32(104, true), SIZE, 'the pointer is written before the string is tried');
      assert.equal(calls[get](100, SIZE), EFAULT);
      assert.equal(context.outcome.hostWouldPanic, false);
    });
  });
}

describe('pointers above 2 GiB', () => {
  it('E3: args and environ reach them (u32 in production); the others take them for negative: EFAULT', () => {
    const buffer = wasmMemory({ initial: 0x8001, maximum: 0x8001 }).buffer;
    const context = createContext({ write: () => {}, now: () => 5n, random: () => {}, args: ['x'] });
    const calls = createSyscalls(context, new GuestMemory(() => ({ buffer })));
    const high = 0x8000_0000 | 0; // as an i32 parameter comes from V8
    assert.equal(calls.args_sizes_get(high, high + 4), 0);
    assert.equal(calls.args_get(high + 8, high + 16), 0);
    const view = new DataView(buffer, 0x8000_0000);
    assert.deepEqual([view.getUint32(0, true), view.getUint32(4, true)], [1, 2]);
    assert.deepEqual([view.getUint32(8, true), view.getUint8(16)], [0x8000_0010, 120]);
    assert.equal(calls.fd_fdstat_get(1, high), EFAULT);
    assert.equal(calls.clock_time_get(0, 0n, high), EFAULT);
    assert.equal(calls.fd_write(1, 0, 0, high), EFAULT);
    assert.equal(calls.random_get(high, 1), EFAULT);
    // An address inside an iovec is a u32 again.
    new DataView(buffer).setUint32(0, 0x8000_0010, true);
    new DataView(buffer).setUint32(4, 1, true);
    assert.equal(calls.fd_write(1, 0, 1, 64), 0);
  });
});

describe('a guest without memory', () => {
  it('E3: production panics in whatever needs it; the answer is EFAULT', () => {
    const context = createContext({ write: () => {}, now: () => 0n, random: () => {} });
    const calls = createSyscalls(context, new GuestMemory(() => undefined));
    for (const call of [
      () => calls.args_get(0, 0),
      () => calls.args_sizes_get(0, 0),
      () => calls.environ_get(0, 0),
      () => calls.environ_sizes_get(0, 0),
      () => calls.fd_read(0, 0, 0, 0),
      () => calls.fd_write(9, 0, 0, 0),
      () => calls.fd_fdstat_get(1, 0),
      () => calls.clock_time_get(9, 0n, 0),
      () => calls.random_get(0, 0),
      () => calls.poll_oneoff(0, 0, 1, 0),
    ]) {
      assert.equal(call(), EFAULT);
      assert.equal(context.outcome.hostWouldPanic, true, call.toString());
    }
    for (const [call, errno] of [
      [() => calls.fd_read(1, 0, 0, 0), 8],
      [() => calls.fd_fdstat_get(3, 0), 8],
      [() => calls.poll_oneoff(0, 0, 0, 0), 28],
      [() => calls.fd_close(2), 0],
      [() => calls.sched_yield(), 0],
      [() => calls.proc_raise(0), 0],
    ] as const) {
      assert.equal(call(), errno, 'checked before the memory is looked for');
      assert.equal(context.outcome.hostWouldPanic, false);
    }
  });
});

describe('createContext', () => {
  it('refuses a NUL in an argument or environment entry, by name', () => {
    const sinks = { write: () => {}, now: () => 0n, random: () => {} };
    assert.throws(() => createContext({ ...sinks, args: ['a\0b'] }), /the argument "a\\u0000b" holds a NUL/);
    assert.throws(() => createContext({ ...sinks, env: ['K=\0'] }), /the environment entry .* holds a NUL/);
  });
});
