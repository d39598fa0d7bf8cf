// What the terminal's commands exit with. Pure.
import type { Outcome } from '../executor/options.ts';

/** Exit codes of `call`; `strict` is what `--strict` complains of; `replay`, `inspect` and `mocks` use the first three in the sense that their help says. `ours` is sysexits' EX_SOFTWARE. */
export const EXIT = {
  result: 0,
  error: 1,
  usage: 2,
  fault: 3,
  limit: 4,
  strict: 5,
  ours: 70,
  interrupted: 130,
} as const;

/** The exit code of a call that ended by itself or at a limit. */
export function exitCode({ kind, fault }: Outcome): number {
  switch (kind) {
    case 'result':
      return EXIT.result;
    case 'error':
      return EXIT.error;
    case 'fault':
      return fault?.kind === 'debugger' ? EXIT.ours : EXIT.fault;
    case 'limit':
      return EXIT.limit;
    case 'terminated':
      return EXIT.interrupted;
  }
}
