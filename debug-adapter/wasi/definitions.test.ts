// Names and types of WASI preview1 as the hdk has them. Contract E3.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  ERRNO_NAMES,
  errnoName,
  isSyscallName,
  SIGNAL_NAMES,
  SYSCALL_NAMES,
  signalName,
  syscallType,
} from './definitions.ts';

describe('definitions', () => {
  it('E3: errnos by number', () => {
    assert.equal(ERRNO_NAMES.length, 77);
    for (const [errno, name] of [
      [0, 'SUCCESS'],
      [1, 'E2BIG'],
      [6, 'EAGAIN'],
      [8, 'EBADF'],
      [21, 'EFAULT'],
      [28, 'EINVAL'],
      [29, 'EIO'],
      [52, 'ENOSYS'],
      [64, 'EPIPE'],
      [76, 'ENOTCAPABLE'],
      [77, 'errno 77'],
      [-1, 'errno -1'],
    ] as const)
      assert.equal(errnoName(errno), name);
  });
  it('E3: signals by number', () => {
    assert.equal(SIGNAL_NAMES.length, 31);
    for (const [signal, name] of [
      [0, 'no signal'],
      [6, 'SIGABRT'],
      [9, 'SIGKILL'],
      [13, 'SIGPIPE'],
      [16, 'SIGCHLD'],
      [17, 'SIGCONT'],
      [22, 'SIGURG'],
      [27, 'SIGWINCH'],
      [30, 'SIGSYS'],
      [31, 'signal 31'],
    ] as const)
      assert.equal(signalName(signal), name);
  });
  it("E3: the 14 imports, typed as the hdk's linker has them", () => {
    assert.deepEqual(Object.fromEntries(SYSCALL_NAMES.map((name) => [name, syscallType(name)])), {
      args_get: '(i32, i32) -> i32',
      args_sizes_get: '(i32, i32) -> i32',
      environ_get: '(i32, i32) -> i32',
      environ_sizes_get: '(i32, i32) -> i32',
      fd_read: '(i32, i32, i32, i32) -> i32',
      fd_write: '(i32, i32, i32, i32) -> i32',
      fd_fdstat_get: '(i32, i32) -> i32',
      fd_close: '(i32) -> i32',
      clock_time_get: '(i32, i64, i32) -> i32',
      random_get: '(i32, i32) -> i32',
      sched_yield: '() -> i32',
      poll_oneoff: '(i32, i32, i32, i32) -> i32',
      proc_raise: '(i32) -> ()',
      proc_exit: '(i32) -> ()',
    });
    assert.equal(isSyscallName('fd_seek'), false);
    assert.equal(isSyscallName('toString'), false);
    assert.equal(isSyscallName('proc_exit'), true);
  });
});
