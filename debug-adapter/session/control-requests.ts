// The requests that steer a call: running on, steps by event and by instruction, to a moment. Contract S1.
import type { Resume, StepKind } from '../executor/options.ts';
import { grouped } from '../transcript/transcript-line.ts';
import type { Call } from './call.ts';
import { stopOf } from './stack.ts';

/** How a request lets a call run on. */
interface Step {
  /** At an event: to which one. */
  readonly until: Resume['until'];
  /** In the code: by instruction. */
  readonly inCode?: StepKind;
}

/**
 * F10, F11 and Shift+F11 step code where the call stands in it: by statement where the author's own source is on the stack, else by instruction.
 * Where it does not, they go to the next event, syscall and message.
 */
export const STEPS: Readonly<Record<string, Step>> = {
  continue: { until: undefined },
  next: { until: 'event', inCode: 'over' },
  stepIn: { until: 'syscall', inCode: 'into' },
  stepOut: { until: 'rpc', inCode: 'out' },
  'plugin/nextMessage': { until: 'rpc' },
  'plugin/nextSyscall': { until: 'syscall' },
  'plugin/nextYield': { until: 'yield' },
};

/**
 * Lets the call run on. With granularity `instruction`, which editors ask for while the Disassembly view has the focus, an event is
 * left by instruction too. `targetId`: a step in goes into this call of the statement only (step-in-targets.ts). @throws Error with a sentence when it is not stopped.
 */
export function resume(call: Call, { until, inCode }: Step, granularity?: unknown, targetId?: unknown): void {
  const target = inCode === 'into' ? call.stepTargets.of(targetId) : undefined;
  if (target !== undefined) {
    runOn(call, { until: undefined, step: 'into', statement: true, target });
    return;
  }
  const statement = inCode !== undefined && granularity !== 'instruction' && call.hasOwnSource;
  const inCodeAtAll = inCode !== undefined && (statement || call.standsInCode || granularity === 'instruction');
  const how = statement ? { statement } : {};
  runOn(call, inCodeAtAll ? { until: undefined, step: inCode, ...how } : { until });
}

/** Lets the call run until it has passed so many instructions. @throws Error with a sentence */
export function runToMoment(call: Call, moment: unknown): void {
  const stop = stopOf(call);
  if (typeof moment !== 'number' || !Number.isSafeInteger(moment) || moment < 0)
    throw new Error(`"moment" is ${JSON.stringify(moment)}, and must be a number of instructions.`);
  if (moment <= stop.moment)
    throw new Error(
      `The call has passed ${grouped(stop.moment)} instructions already: ${grouped(moment)} lies behind it.`,
    );
  runOn(call, { until: undefined, moment });
}

/** Lets the call run until this event has happened. @throws Error with a sentence */
export function runToEvent(call: Call, event: unknown): void {
  const stop = stopOf(call);
  if (typeof event !== 'number' || !Number.isSafeInteger(event) || event < 0)
    throw new Error(`"event" is ${JSON.stringify(event)}, and must be the number of an event.`);
  if (event <= stop.seq)
    throw new Error(
      `Event ${event} has happened already, and the call stands at event ${stop.seq}: a session on its recording can stop there.`,
    );
  const { events } = call.replays ?? { events: Number.POSITIVE_INFINITY };
  if (event >= events) throw new Error(`There is no event ${event}: the recording ends with event ${events - 1}.`);
  runOn(call, { until: undefined, event });
}

function runOn(call: Call, mode: Resume): void {
  call.resuming(stopOf(call));
  call.run.resume(mode);
}
