// clock_time_get, random_get, sched_yield, poll_oneoff, proc_raise, proc_exit. Contracts E3, E4, E7.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GuestExit, takeSleep } from './context.ts';
import { fixture, SIZE } from './guest-fixture.ts';

const SUCCESS = 0;
const EFAULT = 21;
const EINVAL = 28;
const NOW = 1_700_000_000_000_000_000n;
const MAX = (1n << 64n) - 1n;

describe('clock_time_get', () => {
  it('E3: clocks 0 and 1 both give realtime; the precision is not looked at', () => {
    const { calls, view, journal } = fixture();
    for (const clock of [0, 1]) {
      view.setBigUint64(32, 0n, true);
      assert.equal(calls.clock_time_get(clock, -1n, 32), SUCCESS);
      assert.equal(view.getBigUint64(32, true), NOW);
      assert.deepEqual(journal(), [[32, 8]]);
    }
  });
  it('E3: other clocks are EINVAL, before the pointer is looked at', () => {
    const { calls } = fixture();
    for (const clock of [2, 3, -1]) assert.equal(calls.clock_time_get(clock, 0n, SIZE), EINVAL);
  });
  it('E3: a bad pointer is EFAULT', () => {
    const { calls, context } = fixture();
    for (const pointer of [SIZE - 7, SIZE, -8]) assert.equal(calls.clock_time_get(0, 0n, pointer), EFAULT);
    assert.equal(context.outcome.hostWouldPanic, false);
    assert.equal(calls.clock_time_get(0, 0n, SIZE - 8), SUCCESS);
  });
  it('E7: before 1970 it is EINVAL; past 2^64 ns it wraps, as `as u64` does', () => {
    assert.equal(fixture({ now: () => -1n }).calls.clock_time_get(0, 0n, 0), EINVAL);
    const late = fixture({ now: () => MAX + 6n });
    assert.equal(late.calls.clock_time_get(0, 0n, 0), SUCCESS);
    assert.equal(late.view.getBigUint64(0, true), 5n);
  });
});

describe('random_get', () => {
  it('E3: fills exactly the bytes asked for', () => {
    const { calls, bytes, journal } = fixture();
    assert.equal(calls.random_get(100, 5), SUCCESS);
    assert.deepEqual([...bytes.subarray(99, 106)], [0, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0]);
    assert.deepEqual(journal(), [[100, 5]]);
  });
  it('E3: out of bounds is EFAULT, with nothing written and no randomness used', () => {
    let asked = 0;
    const { calls, context } = fixture({ random: () => asked++ });
    for (const [buffer, length] of [
      [SIZE - 4, 5],
      [SIZE, 1],
      [SIZE + 1, 0],
      [-1, 0],
      [0, 0x7fffffff],
    ] as const)
      assert.equal(calls.random_get(buffer, length), EFAULT);
    assert.equal(context.outcome.hostWouldPanic, false);
    assert.equal(asked, 0);
    assert.equal(calls.random_get(SIZE, 0), SUCCESS);
  });
  it('E3: a negative length panics in production (capacity overflow)', () => {
    const { calls, context } = fixture();
    for (const length of [-1, -2147483648]) {
      assert.equal(calls.random_get(0, length), EFAULT);
      assert.equal(context.outcome.hostWouldPanic, true);
    }
  });
});

describe('sched_yield', () => {
  it('E3: fuel to 0, nothing else', () => {
    const { calls, context, journal } = fixture();
    assert.equal(calls.sched_yield(), SUCCESS);
    assert.deepEqual(context.outcome, {
      fuelToZero: true,
      hostWouldPanic: false,
      exit: undefined,
      awaitingStdin: false,
      sleepUntil: undefined,
    });
    assert.deepEqual(journal(), []);
  });
});

describe('poll_oneoff', () => {
  interface Subscription {
    userdata?: bigint;
    tag?: number;
    clock?: number;
    timeout?: bigint;
    flags?: number;
  }
  const OUT = 4096;
  const NEVENTS = 4200;
  function poller(now = NOW, ...subscriptions: Subscription[]) {
    const guest = fixture({ now: () => now });
    guest.bytes.fill(0xee, OUT, OUT + 33);
    for (const [i, { userdata = 0n, tag = 0, clock = 0, timeout = 0n, flags = 0 }] of subscriptions.entries()) {
      guest.view.setBigUint64(48 * i, userdata, true);
      guest.view.setUint8(48 * i + 8, tag);
      guest.view.setUint32(48 * i + 16, clock, true);
      guest.view.setBigUint64(48 * i + 24, timeout, true);
      guest.view.setUint16(48 * i + 40, flags, true);
    }
    const poll = (count = subscriptions.length) => guest.calls.poll_oneoff(0, OUT, count, NEVENTS);
    return { ...guest, poll };
  }
  it('E3: a relative timeout: one event at once, fuel to 0, and the deadline for the host', () => {
    const { poll, view, bytes, context, journal } = poller(NOW, { userdata: MAX, clock: 1, timeout: 5_000_000n });
    assert.equal(poll(), SUCCESS);
    assert.equal(context.outcome.fuelToZero, true);
    assert.equal(context.outcome.sleepUntil, NOW + 5_000_000n);
    assert.equal(view.getBigUint64(OUT, true), MAX);
    assert.deepEqual([...bytes.subarray(OUT + 8, OUT + 32)], new Array(24).fill(0));
    assert.equal(bytes[OUT + 32], 0xee);
    assert.equal(view.getUint32(NEVENTS, true), 1);
    assert.deepEqual(journal(), [
      [OUT, 32],
      [NEVENTS, 4],
    ]);
    assert.equal(takeSleep(context), NOW + 5_000_000n);
    assert.equal(takeSleep(context), undefined);
  });
  it('E3: a deadline that has passed, or is now, waits for nothing', () => {
    for (const subscription of [{ timeout: 0n }, { timeout: NOW, flags: 1 }, { timeout: 1n, flags: 1 }]) {
      const { poll, context } = poller(NOW, subscription);
      assert.equal(poll(), SUCCESS);
      assert.equal(context.outcome.fuelToZero, false);
      assert.equal(context.outcome.sleepUntil, undefined);
    }
  });
  it('E3: reports the earliest deadline only; of equals the first', () => {
    const { poll, view, context } = poller(
      NOW,
      { userdata: 1n, timeout: 300n },
      { userdata: 2n, timeout: NOW + 100n, flags: 1 },
      { userdata: 3n, timeout: 100n },
      { userdata: 4n, timeout: 200n },
    );
    assert.equal(poll(), SUCCESS);
    assert.equal(view.getBigUint64(OUT, true), 2n);
    assert.equal(view.getUint32(NEVENTS, true), 1);
    assert.equal(context.outcome.sleepUntil, NOW + 100n);
  });
  it('E3: only bit 0 of the flags means absolute', () => {
    const { poll, context } = poller(NOW, { timeout: 7n, flags: 0xfffe });
    poll();
    assert.equal(context.outcome.sleepUntil, NOW + 7n);
  });
  it('E3: fds and other clocks are skipped; none left is EINVAL', () => {
    const skipped = [{ tag: 1 }, { tag: 2 }, { tag: 255 }, { clock: 2 }, { clock: 0xffffffff }];
    const none = poller(NOW, ...skipped);
    assert.equal(none.poll(), EINVAL);
    assert.deepEqual(none.journal(), []);
    const one = poller(NOW, ...skipped, { userdata: 9n, timeout: 5n });
    assert.equal(one.poll(), SUCCESS);
    assert.equal(one.view.getBigUint64(OUT, true), 9n);
  });
  it('E3: no subscriptions, or a negative count: EINVAL, whatever the pointers', () => {
    const { calls, context } = fixture();
    for (const count of [0, -1, -2147483648]) assert.equal(calls.poll_oneoff(-1, -1, count, -1), EINVAL);
    assert.equal(context.outcome.hostWouldPanic, false);
  });
  it('E3: a relative timeout saturates at 2^64 - 1', () => {
    const { poll, context } = poller(NOW, { timeout: MAX });
    assert.equal(poll(), SUCCESS);
    assert.equal(context.outcome.sleepUntil, MAX);
  });
  it('E3: before 1970 it is EINVAL', () => {
    assert.equal(poller(-1n, { timeout: 5n }).poll(), EINVAL);
  });
  it('E3: where production panics: EFAULT, and marked', () => {
    const { calls, context, view } = poller(NOW, { userdata: 7n, timeout: 5n });
    for (const args of [
      [SIZE, OUT, 1, NEVENTS],
      [SIZE - 47, OUT, 1, NEVENTS],
      [-48, OUT, 1, NEVENTS],
      [0, OUT, 0x7fffffff, NEVENTS],
      [0, SIZE - 31, 1, NEVENTS],
      [0, -32, 1, NEVENTS],
      [0, OUT, 1, SIZE - 3],
      [0, OUT, 1, -4],
    ] as const) {
      assert.equal(calls.poll_oneoff(...args), EFAULT);
      assert.equal(context.outcome.hostWouldPanic, true);
    }
    assert.equal(view.getBigUint64(OUT, true), 7n, 'the event is written before nevents is looked at');
  });
});

describe('proc_raise', () => {
  it('E3: none, PIPE, CHLD, CONT, URG and WINCH are ignored', () => {
    const { calls, context } = fixture();
    for (const signal of [0, 13, 16, 17, 22, 27]) assert.equal(calls.proc_raise(signal), SUCCESS);
    assert.equal(context.outcome.exit, undefined);
  });
  it('E3: every other signal ends the guest with 128 + signal', () => {
    for (let signal = -1; signal < 40; signal++) {
      if ([0, 13, 16, 17, 22, 27].includes(signal)) continue;
      const { calls, context } = fixture();
      assert.throws(
        () => calls.proc_raise(signal),
        (error) => error instanceof GuestExit && error.code === 128 + signal,
      );
      assert.deepEqual(context.outcome.exit, { code: 128 + signal });
    }
  });
  it('E3: the sum wraps as in a release build of the host', () => {
    assert.throws(() => fixture().calls.proc_raise(0x7fffffff), { code: -2147483521 });
  });
});

describe('proc_exit', () => {
  it('E3: ends the guest with the code, signed', () => {
    for (const code of [0, 3, 255, -1, -2147483648]) {
      const { calls, context } = fixture();
      assert.throws(
        () => calls.proc_exit(code),
        (error) => error instanceof GuestExit && error.code === code,
      );
      assert.deepEqual(context.outcome.exit, { code });
    }
  });
});
