// What is made of each syscall of the guest: logged, compared, judged, and what it sent put on its way. The syscalls themselves are wasi/'s,
// live or answered by a recording. Contracts E3, R1, R3, P1.

import { syscallScope, withCommon } from '../expressions/event-scope.ts';
import { CALL } from '../recording/log-format.ts';
import { type Arguments, type FinishedSyscall, journalOf, liveCalls } from './guest-imports.ts';
import type { Stop } from './options.ts';
import type { RunParts } from './run-parts.ts';

/** A plugin may make the same mistake without end. */
const HOST_PANICS_TOLD = 10;

type GuestCallsContext = Pick<
  RunParts,
  | 'rules'
  | 'meter'
  | 'clock'
  | 'sink'
  | 'pauses'
  | 'verdicts'
  | 'context'
  | 'guest'
  | 'inspection'
  | 'host'
  | 'traffic'
  | 'hostCheck'
  | 'sent'
  | 'replayer'
  | 'catchUp'
  | 'checkpoints'
>;

export class GuestCalls {
  readonly #run: GuestCallsContext;
  /** The moment that is run to may have been passed since the last hook. */
  readonly #checkPassed: () => void;
  readonly #journal: ReturnType<typeof journalOf>;
  #hostPanics = 0;

  constructor(run: GuestCallsContext, checkPassed: () => void) {
    this.#run = run;
    this.#checkPassed = checkPassed;
    this.#journal = journalOf(run.guest.memory);
  }

  /** What the guest's imports call: the recording answers as long as the run goes by one. */
  imports(): (name: string, args: Arguments) => number {
    const run = this.#run;
    const observer = {
      before: () => {
        run.sent.begin();
        run.checkpoints.endOfReplay('before');
        this.#checkPassed();
      },
      after: (call: FinishedSyscall) => this.#after(call),
    };
    const live = liveCalls(run.context, run.guest.memory, observer);
    const replayed = run.replayer === undefined ? undefined : run.catchUp.calls(run.replayer, observer);
    return (name, args) =>
      run.replayer === undefined || replayed === undefined ? live(name, args) : replayed(name, args);
  }

  #after(call: FinishedSyscall): void {
    const run = this.#run;
    const { fd, bytes, crc, kept } = run.sent;
    if (call.flags & CALL.sent) run.replayer?.sent(bytes, crc);
    run.hostCheck?.guestRead(call, run.guest.memory, run.replayer?.begun ?? run.sink.log.count);
    run.sink.syscall(call.index, call.args, call.errno, call.flags, this.#journal, call.sleepMs, bytes, crc);
    run.pauses.terminatesLater = true;
    if (call.flags & CALL.fuelToZero) run.meter.zero();
    if (call.name !== 'clock_time_get' && !(call.flags & CALL.emptyPoll)) run.host.active();
    run.guest.lastCall = call;
    const fault = call.flags & CALL.hostWouldPanic ? this.#hostPanic(call) : undefined;
    if (fault !== undefined || run.rules.cares('syscall')) {
      const errno = call.errno === 0xffff ? undefined : call.errno;
      const scope = withCommon(syscallScope(call.name, call.args, errno), run.meter.consumed, run.clock.elapsed());
      run.verdicts.decide([{ classes: ['syscall'], name: call.name, scope }], fault);
    }
    run.catchUp.arrive('event');
    if (bytes > 0) run.traffic.output(fd, kept, bytes - kept.length);
    if (call.name === 'fd_close' && call.args[0] === 1) run.host.endpoint.endOfOutput();
    run.pauses.terminatesLater = false;
    if (bytes > 0) run.traffic.checkBounds();
    run.checkpoints.afterEvent();
  }

  /** UPSTREAM.md: where upstream's host would panic on a bad guest pointer, we answer EFAULT and say that production would die. */
  #hostPanic(call: FinishedSyscall): Stop['diagnosis'] {
    if (++this.#hostPanics > HOST_PANICS_TOLD) return undefined;
    const where = this.#run.inspection.ownFunction(new Error('where').stack) ?? 'the plugin';
    const message = `${call.name}(${call.args.join(', ')}), called by ${where}, has a pointer or length outside the plugin's memory: production's host panics on it; here it answers EFAULT.`;
    return this.#run.verdicts.diagnose([{ kind: 'host-panic', message, severity: 'error' }]);
  }
}
