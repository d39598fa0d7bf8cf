// Launch configurations that are made from a call: the same call with other params, and the call as it was recorded up to an event. Pure.
// Contract P2 (params as text).
import type { KeptCall } from './calls.ts';

export const DEBUG_TYPE = 'wasmi-plugin';

/** A field of ours: where the plugin of a recording is, so that its functions have the documents that they always have. */
export const PLUGIN = '__plugin';

/** VS Code's own: the Debug Console does not come in front of the panel from which this was asked for. */
const IN_PANEL = { internalConsoleOptions: 'neverOpen' } as const;

export interface AgainConfiguration {
  readonly type: string;
  readonly request: 'launch';
  readonly name: string;
  readonly [field: string]: unknown;
}

/** How launches name a call that the panel keeps, instead of the file of a recording. */
const recordingOf = (call: Pick<KeptCall, 'id'>): string => `call:${call.id}`;
/** The number of the call that a launch replays. */
export function callOfRecording(recording: unknown): number | undefined {
  const digits = typeof recording === 'string' ? /^call:(\d{1,9})$/.exec(recording)?.[1] : undefined;
  return digits === undefined ? undefined : Number(digits);
}

/**
 * The launch that makes this call again with `params` (JSON text): what the session was started with, or what the recording's header says.
 * @throws Error with a sentence where the plugin is not known
 */
export function sendAgainConfiguration(call: KeptCall, params: string): AgainConfiguration {
  const { origin, header } = call;
  const own = {
    type: DEBUG_TYPE,
    request: 'launch',
    method: call.method,
    paramsText: params,
    ...IN_PANEL,
  } as const;
  if (origin.kind === 'session' && origin.configuration['recording'] === undefined) {
    const given = Object.entries(origin.configuration).filter(
      ([field]) => !field.startsWith('__') && !['params', 'paramsText', 'noDebug'].includes(field),
    );
    const { plugin, ...launch } = Object.fromEntries(given);
    // a crate is built again; the module that it gave last time is not named beside it
    const module = launch['cargo'] === undefined ? { plugin } : {};
    return { ...launch, ...module, ...own, name: String(launch['name'] ?? `Call ${call.method}`) };
  }
  if (header === undefined || call.pluginPath === undefined)
    throw new Error('The recording does not say where its plugin is, so the call can’t be sent again.');
  const { clock, seed, slice, limits, args, env, missingImports, features } = header;
  return {
    ...own,
    name: `Call ${call.method}`,
    plugin: call.pluginPath,
    clock,
    slice,
    limits,
    missingImports,
    features,
    ...(seed === undefined ? {} : { seed }),
    ...(args === undefined ? {} : { args }),
    ...(env === undefined ? {} : { env: variables(env) }),
  };
}

function variables(env: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    env.map((entry) => {
      const at = entry.indexOf('=');
      return [entry.slice(0, at), entry.slice(at + 1)];
    }),
  );
}

/** The launch that does this call again exactly as it was, and stops at an event. */
export function runToConfiguration(call: KeptCall, event: number): AgainConfiguration {
  return { ...replayOf(call, `${call.method}, to event ${event}`), stopAt: event };
}

/** The launch that does this call again exactly as it was, from before its first instruction on. */
export function replayConfiguration(call: KeptCall): AgainConfiguration {
  return { ...replayOf(call, `Replay ${call.method}`), stopOnEntry: true };
}

function replayOf(call: KeptCall, name: string): AgainConfiguration {
  const { module, pluginPath } = call;
  return {
    type: DEBUG_TYPE,
    request: 'launch',
    name,
    ...IN_PANEL,
    recording: recordingOf(call),
    ...(pluginPath === undefined ? {} : { [PLUGIN]: pluginPath }),
    // where its bytes are held, the file may have been built anew since
    ...(module !== undefined || pluginPath === undefined ? {} : { plugin: pluginPath }),
  };
}
