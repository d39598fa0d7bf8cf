// fd_read, fd_write, fd_fdstat_get, fd_close. Contracts E3, E4, E5.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { takeStdinWait } from './context.ts';
import { fixture, SIZE, text } from './guest-fixture.ts';

const SUCCESS = 0;
const EAGAIN = 6;
const EBADF = 8;
const EFAULT = 21;

describe('fd_read', () => {
  it('E3: another fd than 0 is EBADF, before any pointer is looked at', () => {
    const { calls, context } = fixture();
    for (const fd of [1, 2, 3, -1, 0x7fffffff]) assert.equal(calls.fd_read(fd, -1, 5, -1), EBADF);
    assert.equal(context.outcome.hostWouldPanic, false);
  });
  it('E3: fills the iovecs one after the other and stops at a short read', () => {
    const guest = fixture();
    guest.context.stdin.append(text('hello world'));
    guest.iovecs(0, 100, 4, 200, 4, 300, 20, 400, 20);
    assert.equal(guest.calls.fd_read(0, 0, 4, 64), SUCCESS);
    assert.equal(guest.view.getUint32(64, true), 11);
    assert.equal(new TextDecoder().decode(guest.bytes.subarray(100, 104)), 'hell');
    assert.equal(new TextDecoder().decode(guest.bytes.subarray(200, 204)), 'o wo');
    assert.equal(new TextDecoder().decode(guest.bytes.subarray(300, 303)), 'rld');
    assert.deepEqual(guest.journal(), [
      [100, 4],
      [200, 4],
      [300, 3],
      [64, 4],
    ]);
  });
  it('E3: nothing to read is EAGAIN: fuel to 0, awaiting stdin, nothing written', () => {
    const guest = fixture();
    guest.iovecs(0, 100, 4);
    assert.equal(guest.calls.fd_read(0, 0, 1, 64), EAGAIN);
    assert.equal(guest.context.outcome.fuelToZero, true);
    assert.equal(guest.context.outcome.awaitingStdin, true);
    assert.deepEqual(guest.journal(), []);
    assert.equal(guest.calls.fd_read(1, 0, 1, 64), EBADF);
    assert.equal(guest.context.outcome.fuelToZero, false, 'the flag is of one call');
    assert.equal(guest.context.outcome.awaitingStdin, true, 'this one stays until a yield');
  });
  it('E3: short reads fall at 8 KiB boundaries', () => {
    const guest = fixture();
    guest.context.stdin.append(new Uint8Array(20_000).fill(1));
    guest.iovecs(0, 1000, 8191);
    const lengths: number[] = [];
    while (guest.calls.fd_read(0, 0, 1, 64) === SUCCESS) lengths.push(guest.view.getUint32(64, true));
    assert.deepEqual(lengths, [8191, 1, 8191, 1, 3616]);
  });
  it('E3: with the buffer empty, room of 8 KiB or more gets all there is', () => {
    const guest = fixture();
    guest.context.stdin.append(new Uint8Array(20_000).fill(1));
    guest.iovecs(0, 1000, 8192, 1000, 30_000);
    assert.equal(guest.calls.fd_read(0, 0, 2, 64), SUCCESS);
    assert.equal(guest.view.getUint32(64, true), 20_000);
  });
  it('E3: when one iovec was filled exactly and nothing is left, EAGAIN, and those bytes are lost', () => {
    const guest = fixture();
    guest.context.stdin.append(text('lost'));
    guest.iovecs(0, 100, 4, 200, 4);
    assert.equal(guest.calls.fd_read(0, 0, 2, 64), EAGAIN);
    assert.equal(new TextDecoder().decode(guest.bytes.subarray(100, 104)), 'lost');
    assert.deepEqual(guest.journal(), [[100, 4]], 'R1: what was written all the same');
    assert.equal(guest.context.stdin.unread, 0);
    assert.equal(guest.calls.fd_read(0, 0, 1, 64), EAGAIN);
  });
  it('E3: an iovec without room gives success with what was read before it, once something is there', () => {
    const guest = fixture();
    guest.iovecs(0, 100, 0, 200, 8);
    assert.equal(guest.calls.fd_read(0, 0, 2, 64), EAGAIN);
    guest.context.stdin.append(text('abc'));
    guest.view.setUint32(64, 99, true);
    assert.equal(guest.calls.fd_read(0, 0, 2, 64), SUCCESS);
    assert.equal(guest.view.getUint32(64, true), 0);
    guest.iovecs(0, 100, 1, -1, 0, 200, 8);
    assert.equal(guest.calls.fd_read(0, 0, 3, 64), SUCCESS);
    assert.equal(guest.view.getUint32(64, true), 1);
  });
  it('E3: no iovecs, or a negative count: success with 0, though stdin is empty or closed', () => {
    const guest = fixture();
    guest.context.closed[0] = true;
    for (const count of [0, -1, -2147483648]) {
      guest.view.setUint32(64, 99, true);
      assert.equal(guest.calls.fd_read(0, -1, count, 64), SUCCESS);
      assert.equal(guest.view.getUint32(64, true), 0);
    }
  });
  it('E3: closed by the guest: EBADF', () => {
    const guest = fixture();
    guest.context.stdin.append(text('abc'));
    guest.calls.fd_close(0);
    guest.iovecs(0, 100, 4);
    assert.equal(guest.calls.fd_read(0, 0, 1, 64), EBADF);
  });
  it('E3: where production panics: EFAULT, and marked', () => {
    const guest = fixture();
    guest.iovecs(0, SIZE - 2, 4);
    const { outcome } = guest.context;
    for (const args of [
      [SIZE, 1, 64],
      [SIZE - 4, 1, 64],
      [-8, 1, 64],
      [-2147483648, 0x7fffffff, 64],
      [0, 0, SIZE - 3],
      [0, 0, -4],
    ] as const) {
      outcome.hostWouldPanic = false;
      assert.equal(guest.calls.fd_read(0, ...args), EFAULT);
      assert.equal(outcome.hostWouldPanic, true);
    }
    guest.context.stdin.append(text('abcd'));
    assert.equal(guest.calls.fd_read(0, 0, 1, 64), EFAULT, 'a buffer half outside');
    assert.equal(outcome.hostWouldPanic, true);
    assert.equal(guest.context.stdin.unread, 0, 'the bytes are gone by then');
    assert.deepEqual(guest.journal(), []);
  });
  it('E3: a buffer too long is good as long as what comes fits', () => {
    const guest = fixture();
    guest.context.stdin.append(text('abcd'));
    guest.iovecs(0, SIZE - 4, 0xffffffff);
    assert.equal(guest.calls.fd_read(0, 0, 1, 64), SUCCESS);
    assert.equal(guest.view.getUint32(64, true), 4);
  });
  it('E5: a yield after EAGAIN looks into stdin, and so decides where the next read ends', () => {
    const guest = fixture();
    guest.iovecs(0, 1000, 16_384);
    assert.equal(guest.calls.fd_read(0, 0, 1, 64), EAGAIN);
    assert.equal(takeStdinWait(guest.context), true, 'still empty');
    assert.equal(guest.context.outcome.awaitingStdin, false);
    assert.equal(guest.calls.fd_read(0, 0, 1, 64), EAGAIN);
    guest.context.stdin.append(text('one'));
    assert.equal(takeStdinWait(guest.context), false);
    assert.equal(guest.context.outcome.awaitingStdin, true, 'not cleared where there is input, as in production');
    guest.context.stdin.append(text('two'));
    assert.equal(guest.calls.fd_read(0, 0, 1, 64), SUCCESS);
    assert.equal(guest.view.getUint32(64, true), 3, 'only what was fetched at the yield');
  });
  it('E3: the end of the file (the host has closed its end) is success with 0', () => {
    const guest = fixture();
    guest.iovecs(0, 1000, 10);
    guest.context.stdin.append(text('ab'));
    guest.context.stdin.end();
    assert.equal(guest.calls.fd_read(0, 0, 1, 64), SUCCESS);
    assert.equal(guest.view.getUint32(64, true), 2);
    assert.equal(guest.calls.fd_read(0, 0, 1, 64), SUCCESS);
    assert.equal(guest.view.getUint32(64, true), 0);
  });
});

describe('fd_write', () => {
  function writer() {
    const guest = fixture();
    guest.bytes.set(text('hello world'), 100);
    return guest;
  }
  it('E3: hands over each iovec and counts the bytes, on 1 and 2', () => {
    const guest = writer();
    guest.iovecs(0, 100, 5, 0, 0, 105, 6);
    assert.equal(guest.calls.fd_write(1, 0, 3, 64), SUCCESS);
    assert.equal(guest.view.getUint32(64, true), 11);
    guest.iovecs(0, 100, 1);
    assert.equal(guest.calls.fd_write(2, 0, 1, 64), SUCCESS);
    assert.deepEqual(guest.output, [
      [1, 'hello'],
      [1, ' world'],
      [2, 'h'],
    ]);
    assert.deepEqual(guest.journal(), [[64, 4]]);
  });
  it('E3: other fds are EBADF, after the pointers of the first iovec; nwritten is not looked at', () => {
    const guest = writer();
    guest.iovecs(0, 100, 5);
    for (const fd of [0, 3, -1]) assert.equal(guest.calls.fd_write(fd, 0, 1, SIZE), EBADF);
    guest.iovecs(0, SIZE - 1, 2);
    assert.equal(guest.calls.fd_write(3, 0, 1, 64), EFAULT);
    assert.equal(guest.context.outcome.hostWouldPanic, false);
    assert.equal(guest.calls.fd_write(3, SIZE, 1, 64), EFAULT);
    assert.equal(guest.context.outcome.hostWouldPanic, true);
    assert.deepEqual(guest.output, []);
  });
  it('E3: without iovecs any fd succeeds, and so with a negative count', () => {
    const guest = writer();
    for (const [fd, count] of [
      [7, 0],
      [-1, -1],
      [0, -2147483648],
    ] as const) {
      guest.view.setUint32(64, 99, true);
      assert.equal(guest.calls.fd_write(fd, -1, count, 64), SUCCESS);
      assert.equal(guest.view.getUint32(64, true), 0);
    }
  });
  it('E3: a bad buffer is EFAULT; what came before it has gone out', () => {
    const guest = writer();
    guest.iovecs(0, 100, 5, SIZE - 2, 3);
    assert.equal(guest.calls.fd_write(1, 0, 2, 64), EFAULT);
    assert.equal(guest.context.outcome.hostWouldPanic, false);
    assert.deepEqual(guest.output, [[1, 'hello']]);
    guest.iovecs(0, 0, 0xffffffff);
    assert.equal(guest.calls.fd_write(1, 0, 1, 64), EFAULT);
    guest.iovecs(0, SIZE, 0);
    assert.equal(guest.calls.fd_write(1, 0, 1, 64), SUCCESS, 'no bytes at the very end');
    guest.iovecs(0, SIZE + 1, 0);
    assert.equal(guest.calls.fd_write(1, 0, 1, 64), EFAULT, 'no bytes behind it');
  });
  it('E3: a bad iovec panics in production; a bad nwritten does not', () => {
    const guest = writer();
    for (const [iovs, count] of [
      [SIZE, 1],
      [SIZE - 7, 1],
      [-8, 1],
      [SIZE - 8, 2],
      [SIZE - 8, 0x7fffffff],
    ] as const) {
      assert.equal(guest.calls.fd_write(1, iovs, count, 64), EFAULT);
      assert.equal(guest.context.outcome.hostWouldPanic, true);
    }
    for (const nwritten of [SIZE - 3, SIZE, -1]) {
      assert.equal(guest.calls.fd_write(1, 0, 0, nwritten), EFAULT);
      assert.equal(guest.context.outcome.hostWouldPanic, false);
    }
  });
  it('E3: closed by the guest: EBADF, each on its own', () => {
    const guest = writer();
    guest.iovecs(0, 100, 5);
    guest.calls.fd_close(1);
    assert.equal(guest.calls.fd_write(1, 0, 1, 64), EBADF);
    assert.equal(guest.calls.fd_write(2, 0, 1, 64), SUCCESS);
  });
  it('E4: 2^31 - 1 iovecs end at the end of memory, and pause can get in between', () => {
    let checkpoints = 0;
    const guest = fixture({ checkpoint: () => checkpoints++ });
    assert.equal(guest.calls.fd_write(1, 0, 0x7fffffff, 64), EFAULT);
    assert.equal(guest.context.outcome.hostWouldPanic, true);
    assert.equal(checkpoints, 1, 'two pages hold 16 384 iovecs');
    for (let at = 0; at < SIZE; at += 8) guest.iovecs(at, 0, SIZE);
    const stop = new Error('enough');
    let bytes = 0;
    const flooded = fixture({
      write: (_fd, written) => {
        bytes += written.length;
      },
      checkpoint: () => {
        throw stop;
      },
    });
    flooded.bytes.set(guest.bytes);
    assert.throws(() => flooded.calls.fd_write(1, 0, 16_384, 64), stop);
    assert.ok(bytes <= 17 * 1024 * 1024, `${bytes} bytes went out before a checkpoint`);
  });
  it('E4: what the sink throws comes through', () => {
    const guest = fixture({
      write: () => {
        throw new RangeError('too much output');
      },
    });
    guest.iovecs(0, 100, 1);
    assert.throws(() => guest.calls.fd_write(1, 0, 1, 64), /too much output/);
  });
});

describe('fd_fdstat_get', () => {
  it('E3: character device, no flags, FD_READ for 0 and FD_WRITE for 1 and 2, nothing inheriting', () => {
    const { calls, bytes, view, journal } = fixture();
    for (const [fd, rights] of [
      [0, 2n],
      [1, 64n],
      [2, 64n],
    ] as const) {
      bytes.fill(0xff);
      assert.equal(calls.fd_fdstat_get(fd, 32), SUCCESS);
      assert.deepEqual([...bytes.subarray(32, 40)], [2, 0, 0, 0, 0, 0, 0, 0]);
      assert.equal(view.getBigUint64(40, true), rights);
      assert.equal(view.getBigUint64(48, true), 0n);
      assert.equal(bytes[56], 0xff);
      assert.deepEqual(journal(), [[32, 24]]);
    }
  });
  it('E3: other fds are EBADF first; then a bad pointer is EFAULT', () => {
    const { calls, context } = fixture();
    assert.equal(calls.fd_fdstat_get(3, SIZE), EBADF);
    assert.equal(calls.fd_fdstat_get(-1, 0), EBADF);
    for (const pointer of [SIZE - 23, SIZE, -24]) assert.equal(calls.fd_fdstat_get(1, pointer), EFAULT);
    assert.equal(context.outcome.hostWouldPanic, false);
    assert.equal(calls.fd_fdstat_get(1, SIZE - 24), SUCCESS);
  });
});

describe('fd_close', () => {
  it('E3: 0, 1 and 2, also twice; a closed fd still has its fdstat', () => {
    const { calls, context } = fixture();
    for (const fd of [0, 1, 2]) {
      assert.equal(calls.fd_close(fd), SUCCESS);
      assert.equal(context.closed[fd], true);
      assert.equal(calls.fd_close(fd), SUCCESS);
      assert.equal(calls.fd_fdstat_get(fd, 0), SUCCESS);
    }
  });
  it('E3: other fds are EBADF', () => {
    const { calls, context } = fixture();
    for (const fd of [3, -1, 0x7fffffff, -2147483648]) assert.equal(calls.fd_close(fd), EBADF);
    assert.deepEqual(context.closed, [false, false, false]);
  });
});
