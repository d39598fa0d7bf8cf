// What a recording of a call begins with: the choices that it was started with, and the module's identity. Pure. Contracts R2, R4, R5, E9.
import type { RecordingHeader } from '../recording/event.ts';
import { FUEL_MODEL } from './loading.ts';
import type { RunOptions } from './options.ts';

/** The header of a call; `sha256` and `bytes` are the module's, `unixTime` is when the call is made (ns). */
export function recordingHeader(options: RunOptions, sha256: string, bytes: number, unixTime: bigint): RecordingHeader {
  const { plugin, method, params, clock, seed, slice, args, env, missingImports, features, limits } = options;
  return {
    format: 'wasmi-plugin-recording',
    version: 2,
    module: { sha256, bytes, path: plugin.path },
    call: { method, params },
    fuelModel: FUEL_MODEL,
    slice,
    clock: clock.kind === 'real' ? 'real' : `virtual:${new Date(clock.startMs).toISOString()}`,
    ...(seed === undefined ? {} : { seed }),
    args,
    env,
    missingImports,
    features,
    limits,
    nan: 'canonical',
    created: new Date(Number(unixTime / 1_000_000n)).toISOString(),
  };
}
