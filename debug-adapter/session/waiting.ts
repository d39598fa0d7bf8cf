// What a plugin waits for that was paused where none of its author's code runs: parked in its runtime's poll. Contract S6.
import type { Stop } from '../executor/options.ts';
import { cut } from '../transcript/transcript-line.ts';
import type { SessionRun } from './session-run.ts';

/** Syscalls by which a runtime looks whether it may go on. */
const POLLS = /^(?:fd_read|poll_oneoff|sched_yield|clock_time_get)$/;
const EAGAIN = 6;

/** Methods that are named; there may be thousands. */
const MOST_NAMED = 3;

/** Whether the innermost frame stands at a call of an import: a syscall. */
export async function standsAtImport(run: Pick<SessionRun, 'disassemble'>, stop: Stop): Promise<boolean> {
  const [top] = stop.frames;
  if (top === undefined) return false;
  const [row] = await run.disassemble(top.offset, 0, 1);
  const called = /^call (?:.*\(;(\d+);\)|(\d+))$/.exec(row?.text ?? '');
  // imported functions come first, those that the module defines after them
  const imported = top.func - (row?.definedFunction ?? top.func);
  return called !== null && Number(called[1] ?? called[2]) < imported;
}

/**
 * What it waits for, as a clause; undefined: it computes, or stopped for another reason than a pause.
 * @param ownCode the author's own source is on the stack
 */
export async function waitsFor(
  run: Pick<SessionRun, 'disassemble' | 'openRequests' | 'store'>,
  stop: Stop,
  ownCode: boolean,
): Promise<string | undefined> {
  if (stop.reason !== 'pause' || stop.inCode || stop.seq < 0) return undefined;
  try {
    // between two polls the runtime's own code runs
    if (ownCode && !(await standsAtImport(run, stop))) return undefined;
    const event = run.store.get(stop.seq);
    const call = event.kind === 'syscall' ? event : undefined;
    const found = call?.name === 'fd_read' && call.errno !== EAGAIN;
    const looks = call === undefined ? event.kind === 'folded' || event.kind === 'yield' : POLLS.test(call.name);
    if (!looks || found) return undefined;
    const methods = (await run.openRequests()).filter(({ dir }) => dir === 'out').map(({ method }) => method);
    if (methods.length > 0) return `waits for the host's answer to ${listed(methods)}`;
    // who only looks at the clock may be about to do anything
    if (call?.name === 'clock_time_get') return undefined;
    if (event.kind === 'syscall' && event.name === 'poll_oneoff') return 'waits for a timer';
    return 'waits, and the host owes it no answer';
  } catch {
    return undefined; // it has run on meanwhile
  }
}

function listed(methods: readonly string[]): string {
  const names = [...new Set(methods)];
  const shown = names.slice(0, MOST_NAMED).map((name) => `'${cut(name, name.length, 40)}'`);
  const more = names.length - shown.length;
  const last = more > 0 ? `${more} more` : shown.pop();
  return shown.length === 0 ? (last ?? '') : `${shown.join(', ')} and ${last}`;
}
