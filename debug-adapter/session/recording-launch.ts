// A launch that names a recording: what is read for it, and the call that its header describes, as a plan like any other. The arguments are
// checked by launch.ts; nothing is started here. Contracts R2, R4.
import path from 'node:path';
import { type RunOptions, settingsOf } from '../executor/options.ts';
import { replayOptions } from '../executor/replay-options.ts';
import type { RecordingHeader } from '../recording/event.ts';
import { grouped } from '../transcript/transcript-line.ts';
import { quoted } from '../wasm/quoted.ts';
import type { LaunchPlan, RecordingPlan } from './launch.ts';
import type { ReadRecording, SessionEngine } from './session-run.ts';

/** A session on a recording, ready to be started. */
export interface RecordingLaunch {
  readonly plan: LaunchPlan;
  readonly recording: ReadRecording;
  /** The module's, for the run to take over. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Reads the recording and its module. @throws Error with a sentence for what is not there, can't be read, or has no such event */
export async function readRecordingLaunch(
  engine: Pick<SessionEngine, 'readFile' | 'readRecording'>,
  asked: RecordingPlan,
): Promise<RecordingLaunch> {
  const { recording: name, stopAt } = asked;
  const recording = await engine.readRecording(name);
  const { events, header } = recording;
  if (stopAt !== undefined && stopAt >= events)
    throw new Error(
      `"stopAt" is ${stopAt}, and the recording ${quoted(name)} has ${events === 0 ? 'no events' : `${grouped(events)} events, from 0 to ${events - 1}`}.`,
    );
  const { plugin, bytes } = await readModule(engine, asked, recording);
  return { plan: planOf(asked, header, plugin), recording, bytes };
}

async function readModule(
  engine: Pick<SessionEngine, 'readFile'>,
  { plugin, recording: name }: RecordingPlan,
  { header, module }: ReadRecording,
): Promise<{ plugin: string; bytes: Uint8Array<ArrayBuffer> }> {
  if (plugin !== undefined) return { plugin, bytes: await engine.readFile(plugin, 'The plugin') };
  const named = header.module.path;
  if (module !== undefined) return { plugin: named ?? name, bytes: module.slice() };
  if (named === undefined)
    throw new Error(`The recording ${quoted(name)} does not say where its module is: name it in "plugin".`);
  const folder = path.dirname(name);
  // a recording and its module are moved together, and Windows' paths are none elsewhere
  const beside = path.join(folder, named.replace(/^.*[\\/]/, ''));
  for (const place of new Set([path.resolve(folder, named), named, beside])) {
    const bytes = await engine.readFile(place, 'The plugin').catch(() => undefined);
    if (bytes !== undefined) return { plugin: place, bytes };
  }
  throw new Error(
    `The module ${quoted(named)} of the recording ${quoted(name)} is not there any more: name it in "plugin".`,
  );
}

/** The call that was recorded, as it is shown: its run goes by the recording alone (R2). */
function planOf(asked: RecordingPlan, header: RecordingHeader, plugin: string): LaunchPlan {
  const replayed = replayOptions(header, plugin, new Uint8Array());
  const { method, params, args, env } = replayed;
  const { recording, stopAt, stopOnEntry, noDebug, source, trace } = asked;
  return {
    plugin,
    method,
    params,
    args,
    env,
    mocks: undefined,
    hostCommand: undefined,
    cwd: undefined,
    ...settingsOf(replayed),
    record: undefined,
    recording,
    stopAt,
    stopOnEntry,
    noDebug,
    source,
    trace,
  };
}

/** The plan as the executor takes it, with the session's breakpoints. */
export function recordingOptions(
  { plan, recording, bytes }: RecordingLaunch,
  { rules, code }: { readonly rules: RunOptions['rules']; readonly code: NonNullable<RunOptions['breakpoints']> },
): RunOptions {
  const { plugin, noDebug, stopOnEntry, stopAt } = plan;
  const options = replayOptions(recording.header, plugin, bytes);
  if (noDebug) return { ...options, keepModule: true };
  return {
    ...options,
    keepModule: true,
    debug: true,
    stopOnEntry,
    rules,
    breakpoints: code,
    source: plan.source,
    ...(stopAt === undefined ? {} : { runToEvent: stopAt }),
  };
}
