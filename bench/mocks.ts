// Host calls that a mock answers, a second: through the whole engine (worker, recording, diagnoses), against raw V8 with the shortest host.
// Both begin with a module that V8 has not optimised yet, as every call does.
import { recordingOf, runCall } from '../debug-adapter/testing/run-call.ts';
import { type Compiled, call, unlike } from './guest.ts';
import { type Sample, sampleOf } from './sample.ts';
import type { Plugin } from './workloads.ts';

export interface RoundTrips {
  readonly plugin: string;
  /** Of the mock file. */
  readonly rules: number;
  readonly calls: number;
  /** ms, by the clock. */
  readonly engine: Sample;
  readonly raw: Sample;
  readonly perSecond: number;
  readonly rawPerSecond: number;
  /** Of what raw V8 does. */
  readonly share: number;
  /** Bytes of the recording as a file for each event in it. */
  readonly bytesPerEvent: number;
}

/** Any result will do: `many_echo` counts those that are what it sent. */
const MOCKS: MockFile = { rules: 1, text: '{"echo":0}' };

export interface MockFile {
  readonly rules: number;
  readonly text: string;
}

/** Of `echo`, whose params are numbers: ninety-nine that look into the params and match none, and one that quotes them. */
export const HUNDRED_RULES: MockFile = {
  rules: 100,
  text: JSON.stringify({
    hostMethods: {
      echo: [
        ...Array.from({ length: 99 }, (_, i) => ({
          when: {
            params: i % 3 === 0 ? { user: { id: i } } : i % 3 === 1 ? { $gt: 1e9 + i } : { $oneOf: [-1, `${i}`] },
          },
          reply: { result: i },
        })),
        { when: { params: { $gte: 0 } }, reply: { result: { $param: '' } } },
      ],
    },
  }),
};

export async function roundTrips(plugin: Plugin, calls: number, rounds: number, mocks = MOCKS): Promise<RoundTrips> {
  const params = `{"n":${calls}}`;
  const engineTimes: number[] = [];
  const rawTimes: number[] = [];
  let bytesPerEvent = Number.NaN;
  for (let round = 0; round < rounds; round++) {
    const raw: Compiled = { module: new WebAssembly.Module(unlike(plugin.bytes)), instrumented: null };
    rawTimes.push(call(raw, 'many_echo', params).wall);
    const { outcome, run } = await runCall(unlike(plugin.bytes), 'many_echo', params, {
      mocks: mocks.text,
    });
    if (outcome.kind !== 'result') throw new Error(`many_echo: ${outcome.fault?.message ?? outcome.kind}`);
    engineTimes.push(outcome.wallMs);
    if (round === 0) bytesPerEvent = recordingOf(run).length / run.store.length;
  }
  const engine = sampleOf(engineTimes);
  const rawSample = sampleOf(rawTimes);
  return {
    plugin: plugin.name,
    rules: mocks.rules,
    calls,
    engine,
    raw: rawSample,
    perSecond: (calls / engine.best) * 1e3,
    rawPerSecond: (calls / rawSample.best) * 1e3,
    share: rawSample.best / engine.best,
    bytesPerEvent,
  };
}
