// What the driving side is told of a stop: where the guest stands, and what of the run another worker would need besides the recording to go on
// from there. Contracts S4, S6.
import type { Standing } from './messages.ts';
import type { Stop } from './options.ts';
import type { RunParts } from './run-parts.ts';

/** The stop, whose frames are those that are asked about from now on. `stack` is V8's trace. */
export function describeStop(
  {
    guest,
    inspection,
    sink,
    meter,
    clock,
    end,
  }: Pick<RunParts, 'guest' | 'inspection' | 'sink' | 'meter' | 'clock' | 'end'>,
  why: Pick<Stop, 'reason' | 'rules' | 'diagnosis'>,
  stack: string,
): Stop {
  const { code } = guest;
  const frames = inspection.standAt(stack);
  code?.stopped();
  return {
    ...why,
    seq: sink.last,
    frames,
    fuel: meter.state(),
    time: clock.elapsed(),
    moment: end.trapMoment ?? code?.moment ?? 0,
    inCode: code?.inCode ?? false,
    handed: code?.handed ?? false,
    over: end.over,
    ...(end.trap === undefined ? {} : { trap: end.trap }),
    steppable: code?.steppable(frames) ?? false,
  };
}

/** What of the run no recording has; `around`: the functions at the last charge before a moment that is run to. */
export function standingOf(
  run: Pick<RunParts, 'platform' | 'clock' | 'meter' | 'verdicts' | 'bounds' | 'rules' | 'guest' | 'host'>,
  around: readonly number[],
): Standing {
  return {
    now: run.clock.now(),
    elapsed: run.clock.elapsed(),
    fuel: run.meter.consumed,
    faults: [...run.verdicts.faults],
    bounds: run.bounds.state(run.platform.monotonic()),
    ruleHits: run.rules.hits,
    codeHits: run.guest.code?.hits ?? [],
    step: run.guest.code?.stepped,
    around,
    handReplies: run.host.handReplies,
    answering: run.host.answering,
    localsShown: run.guest.code?.guest.shown ?? false,
  };
}
