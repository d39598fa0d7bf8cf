// Finished calls as people read them. Contract E3.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { SYSCALL_NAMES, SYSCALLS, type Syscall } from './definitions.ts';
import { type DescribedField, describeCall, type FinishedCall, readerOfWrites, summarizeCall } from './describe.ts';
import { excerpt, formatSpan } from './excerpt.ts';
import { fixture, SIZE, text } from './guest-fixture.ts';

/** Makes the call for real, then describes it. */
function made(
  name: FinishedCall['name'] & keyof typeof SYSCALLS,
  args: (number | bigint)[],
  guest = fixture(),
): { summary: string; rows: DescribedField[] } {
  const errno = guest.calls[name](...args);
  const call = { name, args, errno, hostWouldPanic: guest.context.outcome.hostWouldPanic };
  const read = (address: number, length: number) => guest.memory.readBytes(address, length);
  return { summary: summarizeCall(call, read), rows: describeCall(call, read) };
}

function flat(rows: readonly DescribedField[], depth = 0): string[] {
  return rows.flatMap(({ name, value, children }) => [
    `${'  '.repeat(depth)}${name}: ${value}`,
    ...flat(children, depth + 1),
  ]);
}

describe('summarizeCall and describeCall', () => {
  it('fd_write: iovecs as text or hex', () => {
    const guest = fixture();
    guest.bytes.set(text('{"jsonrpc":"2.0"}\n'), 100);
    guest.bytes.set([0xff, 0, 1], 200);
    guest.iovecs(0, 100, 18, 200, 3);
    const { summary, rows } = made('fd_write', [1, 0, 2, 64], guest);
    assert.equal(summary, 'fd_write(1, 2 iovecs, 21 bytes) = SUCCESS');
    assert.deepEqual(flat(rows), [
      'fd: 1 (stdout)',
      'iovs: 0x00000000, 2 iovecs',
      '  [0]: 0x00000064, 18 bytes: "{\\"jsonrpc\\":\\"2.0\\"}\\n"',
      '  [1]: 0x000000c8, 3 bytes: ff 00 01',
      'iovs_len: 2',
      'nwritten: 0x00000040 → 21',
      'errno: SUCCESS (0)',
    ]);
    assert.deepEqual(rows[1]?.children[1]?.memory, { address: 200, length: 3 });
  });
  it('fd_read: how much room, what came, EAGAIN', () => {
    const guest = fixture();
    guest.iovecs(0, 1000, 8192);
    assert.equal(made('fd_read', [0, 0, 1, 64], guest).summary, 'fd_read(0, 8192) = EAGAIN');
    guest.context.stdin.append(text('héllo'));
    const { summary, rows } = made('fd_read', [0, 0, 1, 64], guest);
    assert.equal(summary, 'fd_read(0, 8192) = SUCCESS, 6 bytes');
    assert.deepEqual(flat(rows).slice(1, 3), [
      'iovs: 0x00000000, 1 iovec',
      '  [0]: 0x000003e8, 6 of 8192 bytes: "héllo"',
    ]);
    assert.equal(made('fd_read', [3, 0, 1, 64], guest).summary, 'fd_read(3, 8192) = EBADF');
  });
  it('a bad pointer that production dies of says so', () => {
    const { summary, rows } = made('fd_read', [0, -8, 1, 64]);
    assert.equal(summary, "fd_read(0, 1 iovec) = EFAULT (production's host would panic here)");
    assert.deepEqual(flat(rows).slice(1, 2), ['iovs: 0xfffffff8, not readable']);
    assert.equal(rows.at(-1)?.name, 'in production');
  });
  it('each of the others in one line', () => {
    const guest = fixture({ args: ['a', 'bc'], env: ['K=v'] });
    guest.view.setUint32(1000 + 16, 1, true);
    guest.view.setBigUint64(1000 + 24, 12_500_000n, true);
    for (const [name, args, summary] of [
      ['args_sizes_get', [8, 12], 'args_sizes_get() = SUCCESS, 2 arguments, 5 bytes'],
      ['args_get', [16, 32], 'args_get() = SUCCESS'],
      ['environ_sizes_get', [8, 12], 'environ_sizes_get() = SUCCESS, 1 variable, 4 bytes'],
      ['environ_get', [16, SIZE], 'environ_get() = EFAULT'],
      ['fd_fdstat_get', [0, 64], 'fd_fdstat_get(0) = SUCCESS, character device, to read'],
      ['fd_fdstat_get', [2, 64], 'fd_fdstat_get(2) = SUCCESS, character device, to write'],
      ['fd_close', [2], 'fd_close(2) = SUCCESS'],
      ['fd_write', [1, 0, -1, 64], 'fd_write(1, -1 iovecs, 0 bytes) = SUCCESS'],
      ['clock_time_get', [0, 0n, 64], 'clock_time_get(realtime) = SUCCESS, 2023-11-14T22:13:20.000000000Z'],
      ['clock_time_get', [1, 0n, 64], 'clock_time_get(monotonic) = SUCCESS, 2023-11-14T22:13:20.000000000Z'],
      ['clock_time_get', [7, 0n, 64], 'clock_time_get(clock 7) = EINVAL'],
      ['random_get', [64, 16], 'random_get(16 bytes) = SUCCESS'],
      ['sched_yield', [], 'sched_yield() = SUCCESS'],
      ['poll_oneoff', [1000, 2000, 1, 64], 'poll_oneoff(sleep 12.5 ms) = SUCCESS'],
      ['poll_oneoff', [1000, 2000, 2, 64], 'poll_oneoff(2 subscriptions) = SUCCESS'],
      ['poll_oneoff', [1000, 2000, 0, 64], 'poll_oneoff(0 subscriptions) = EINVAL'],
      ['proc_raise', [13], 'proc_raise(SIGPIPE) is ignored'],
    ] as const)
      assert.equal(made(name, [...args], guest).summary, summary);
    const none = () => undefined;
    assert.equal(
      summarizeCall({ name: 'proc_raise', args: [6], errno: undefined }, none),
      'proc_raise(SIGABRT) ends the plugin with 134',
    );
    assert.equal(
      summarizeCall({ name: 'proc_exit', args: [3], errno: undefined }, none),
      'proc_exit(3) ends the plugin',
    );
    assert.equal(
      summarizeCall({ name: 'fd_seek', args: [1, 0n, 2], errno: 52 }, none),
      'fd_seek(1, 0, 2) = ENOSYS (production lacks this import)',
    );
  });
  it('poll_oneoff: each subscription, and why production skips it', () => {
    const guest = fixture();
    guest.view.setBigUint64(24, 1_500n, true);
    guest.view.setBigUint64(0, 77n, true);
    guest.view.setUint8(48 + 8, 1);
    guest.view.setUint32(96 + 16, 3, true);
    guest.view.setUint16(144 + 40, 1, true);
    const { rows } = made('poll_oneoff', [0, 4000, 4, 64], guest);
    assert.deepEqual(flat(rows.slice(0, 1)), [
      'in: 0x00000000, 4 subscriptions',
      '  [0]: sleep 1.5 µs, userdata 77',
      '  [1]: fd_read (skipped: only clocks are supported), userdata 0',
      '  [2]: thread CPU time (skipped: only realtime and monotonic are supported), userdata 0',
      '  [3]: until 1970-01-01T00:00:00.000000000Z, userdata 0',
    ]);
  });
  it('clock and random: what was written', () => {
    assert.ok(
      flat(made('clock_time_get', [0, 5n, 64]).rows).includes('time: 0x00000040 → 2023-11-14T22:13:20.000000000Z'),
    );
    assert.ok(flat(made('clock_time_get', [0, 5n, 64]).rows).includes('precision: 5 ns'));
    assert.ok(flat(made('random_get', [64, 3]).rows).includes('buf: 0x00000040 → aa aa aa'));
  });
  it('a recorded call, of which only the writes are left', () => {
    const read = readerOfWrites([
      { address: 1000, bytes: text('hello') },
      { address: 64, bytes: Uint8Array.of(5, 0, 0, 0) },
    ]);
    assert.equal(
      summarizeCall({ name: 'fd_read', args: [0, 0, 1, 64], errno: 0 }, read),
      'fd_read(0, 1 iovec) = SUCCESS, 5 bytes',
    );
    assert.equal(
      summarizeCall({ name: 'fd_write', args: [1, 0, 1, 64], errno: 0, sentBytes: 57 }, readerOfWrites([])),
      'fd_write(1, 1 iovec, 57 bytes) = SUCCESS',
    );
    assert.deepEqual(
      readerOfWrites([
        { address: 1, bytes: Uint8Array.of(1) },
        { address: 1, bytes: Uint8Array.of(2) },
      ])(1, 1),
      Uint8Array.of(2),
    );
  });
  it('E4: never throws and stays small, whatever the arguments', () => {
    const guest = fixture();
    for (let at = 0; at < SIZE; at += 8) guest.iovecs(at, 0, SIZE);
    const read = (address: number, length: number) => guest.memory.readBytes(address, length);
    const number = fc.oneof(
      fc.integer({ min: -2147483648, max: 2147483647 }),
      fc.nat(SIZE),
      fc.constantFrom(0, 1, 2, 3),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...SYSCALL_NAMES, 'fd_seek'),
        fc.array(number, { minLength: 0, maxLength: 5 }),
        fc.option(fc.constantFrom(0, 6, 8, 21, 28, 99), { nil: undefined }),
        (name, args, errno) => {
          const call = { name, args, errno };
          for (const reader of [read, () => undefined]) {
            const summary = summarizeCall(call, reader);
            assert.ok(summary.startsWith(`${name}(`) && summary.length < 200, summary);
            assert.ok(flat(describeCall(call, reader)).join('\n').length < 64 * 1000);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
  it('has a row for every argument', () => {
    for (const name of SYSCALL_NAMES) {
      const { params }: Syscall = SYSCALLS[name];
      const rows = describeCall({ name, args: params.map(() => 0), errno: undefined }, () => undefined);
      assert.deepEqual(
        rows.map((row) => row.name),
        params.map((parameter) => parameter.name),
      );
    }
  });
});

describe('excerpt', () => {
  it('text where it is UTF-8, also when cut inside a character; hex where not', () => {
    assert.equal(excerpt(text('a"b\n')), '"a\\"b\\n"');
    assert.equal(excerpt(text('é').subarray(0, 1)), 'c3');
    assert.equal(excerpt(text('aé').subarray(0, 2)), '"a"');
    assert.equal(excerpt(Uint8Array.of(0x41, 0)), '41 00');
    assert.equal(excerpt(new Uint8Array(0)), '""');
    assert.equal(excerpt(text('x'.repeat(300))), `"${'x'.repeat(256)}"…`);
    assert.equal(excerpt(new Uint8Array(300)), `${'00 '.repeat(32)}…`);
  });
});

describe('formatSpan', () => {
  it('the largest unit', () => {
    for (const [ns, shown] of [
      [0n, '0 ns'],
      [999n, '999 ns'],
      [1_000n, '1 µs'],
      [12_500_000n, '12.5 ms'],
      [60_000_000_000n, '60 s'],
      [1_234_567_890n, '1.234 s'],
    ] as const)
      assert.equal(formatSpan(ns), shown);
  });
});
