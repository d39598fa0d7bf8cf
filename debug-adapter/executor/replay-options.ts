// What a replay runs with: all that the recording's header says, and nothing from outside. Pure. Contract R2.
import type { RecordingHeader } from '../recording/event.ts';
import type { ClockChoice, RunOptions } from './options.ts';

const VIRTUAL = 'virtual:';

/** Options for `Run.replay`; `plugin` is the module's path for messages, its `bytes` are taken over by the run. */
export function replayOptions(header: RecordingHeader, plugin: string, bytes: Uint8Array<ArrayBuffer>): RunOptions {
  const clock: ClockChoice = header.clock.startsWith(VIRTUAL)
    ? { kind: 'virtual', startMs: Date.parse(header.clock.slice(VIRTUAL.length)) || 0 }
    : { kind: 'real' };
  return {
    plugin: { path: plugin, bytes },
    method: header.call.method,
    params: header.call.params,
    args: header.args ?? [],
    env: header.env ?? [],
    clock,
    seed: header.seed,
    slice: header.slice,
    limits: header.limits,
    missingImports: header.missingImports,
    features: header.features,
    mocks: undefined,
    hasHost: false,
    stopOnEntry: false,
    debug: false,
    rules: [],
  };
}
