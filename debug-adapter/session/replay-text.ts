// How a session on a recording ended, in the Debug Console's words: that it was a replay, and whether it came to what was recorded. Pure.
// Contracts R3, R4, R5.
import type { Outcome } from '../executor/options.ts';
import { FUEL_MODEL } from '../fuel/model.ts';
import { grouped, visible } from '../transcript/transcript-line.ts';
import type { ReadRecording, SessionRun } from './session-run.ts';

export interface ReplayText {
  readonly text: string;
  /** It could not be run again, or not as it was. */
  readonly failed: boolean;
  /** How the call ended is how its recording ends. */
  readonly ended: boolean;
}

/** `name` is the recording's. */
export function replayText(
  name: string,
  { events, cutShort, header }: Pick<ReadRecording, 'events' | 'cutShort' | 'header'>,
  { divergence, store }: Pick<SessionRun, 'divergence' | 'store'>,
  outcome: Outcome,
): ReplayText {
  const of = visible(name);
  const { fault } = outcome;
  if (fault?.kind === 'other-module' || (fault?.kind === 'debugger' && divergence === undefined))
    return { text: `✗ ${of} can't be run again: ${visible(fault.message)}`, failed: true, ended: false };
  if (divergence !== undefined)
    return {
      text: `✗ This was a replay of ${of}, and did not come to its end: ${visible(divergence.message)}`,
      failed: true,
      ended: false,
    };
  if (store.length < events)
    return {
      text: `This was a replay of ${of}, ended after ${grouped(store.length)} of its ${grouped(events)} events.`,
      failed: false,
      ended: true,
    };
  const fuel =
    header.fuelModel === FUEL_MODEL
      ? ''
      : ` Fuel was not compared: it was recorded under model ${visible(header.fuelModel)}, and this is ${FUEL_MODEL}.`;
  const end = cutShort === undefined ? '' : ` ${visible(cutShort)}`;
  return {
    text: `This was a replay of ${of}, and exact: ${grouped(events)} events.${end}${fuel}`,
    failed: false,
    ended: cutShort === undefined,
  };
}
