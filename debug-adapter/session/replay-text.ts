// How a session on a recording ended, in the Debug Console's words: that it was a replay, and whether it came to what was recorded. Pure.
// Contracts R3, R4, R5.
import type { Outcome } from '../executor/options.ts';
import { FUEL_MODEL } from '../fuel/model.ts';
import type { ExitReason } from '../recording/event.ts';
import { EventStore } from '../recording/event-store.ts';
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
  { events, cutShort, header, records }: Pick<ReadRecording, 'events' | 'cutShort' | 'header' | 'records'>,
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
  const end = endOf(store);
  const told = store.length - (end === undefined ? 0 : 1);
  const recorded = new EventStore();
  recorded.append(records);
  const recordedEnd = endOf(recorded);
  if (told < events - (recordedEnd === undefined ? 0 : 1) || (recordedEnd !== undefined && end !== recordedEnd))
    return {
      text: `This was a replay of ${of}, ended after ${grouped(told)} of its ${grouped(events)} events.`,
      failed: false,
      ended: true,
    };
  const fuel =
    header.fuelModel === FUEL_MODEL
      ? ''
      : ` Fuel was not compared: it was recorded under model ${visible(header.fuelModel)}, and this is ${FUEL_MODEL}.`;
  const cut = cutShort === undefined ? '' : ` ${visible(cutShort)}`;
  return {
    text: `This was a replay of ${of}, and exact: ${grouped(events)} events.${cut}${fuel}`,
    failed: false,
    ended: cutShort === undefined,
  };
}

/** How a call ended; undefined where that is not among its events. */
function endOf(store: EventStore): ExitReason | undefined {
  const last = store.length === 0 ? undefined : store.get(store.length - 1);
  return last?.kind === 'exit' ? last.reason : undefined;
}
