// Two ways to the guest's stack at an event: V8's own, taken at every syscall while the call runs, and a replay up to the event when somebody
// asks. What each costs, on the same guest.
import process from 'node:process';
import v8 from 'node:v8';
import vm from 'node:vm';
import { stackAt } from '../debug-adapter/executor/stack-at.ts';
import { wasmFrames } from '../debug-adapter/executor/traps.ts';
import { platform, runCall } from '../debug-adapter/testing/run-call.ts';
import { call, compile, sourcesOf, unlike } from './guest.ts';
import { PLANS } from './plans.ts';
import { type Sample, sampleOf } from './sample.ts';
import type { Plugin } from './workloads.ts';

export interface Stacks {
  readonly plugin: string;
  /** Syscalls of the call, and frames of the guest at them on average. */
  readonly syscalls: number;
  readonly frames: number;
  /** ms of the call: without stacks, with V8's captured and left as they are, and as text. */
  readonly without: Sample;
  readonly captured: Sample;
  readonly formatted: Sample;
  /** Bytes of V8's heap that one captured stack keeps. */
  readonly bytes: number;
  /** A replay to the last event but one of a recorded call: events, ms of the call, ms to the stack at first and again. */
  readonly events: number;
  readonly recorded: number;
  readonly first: number;
  readonly replay: Sample;
}

/** Syscalls of which the stacks are kept, as for a while they would be, and for their size. */
const KEPT = 1000;

/** What nobody holds is gone after it. */
function collectGarbage(): void {
  v8.setFlagsFromString('--expose-gc');
  vm.runInNewContext('gc')();
}

export async function stacks(plugin: Plugin, calls: number, rounds: number): Promise<Stacks> {
  const sources = sourcesOf(plugin.bytes);
  const plan = PLANS.find(({ id }) => id === 'engine')?.plan(sources) ?? null;
  const compiled = compile(sources, plan);
  const params = `{"n":${calls}}`;
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = Number.POSITIVE_INFINITY;
  const times: Record<'without' | 'captured' | 'formatted', number[]> = { without: [], captured: [], formatted: [] };
  let syscalls = 0;
  let frames = 0;
  let bytes = 0;
  try {
    const kept: Error[] = [];
    const ring: (Error | string)[] = [];
    let at = 0;
    const ways = {
      without: () => {},
      captured: () => {
        ring[at++ % KEPT] = new Error('at');
      },
      formatted: () => {
        ring[at++ % KEPT] = new Error('at').stack ?? '';
      },
    };
    call(compiled, 'many_echo', params, () => {
      syscalls++;
      frames += wasmFrames(new Error('at').stack ?? '').length / 2;
    });
    for (let round = 0; round < rounds; round++)
      for (const [way, each] of Object.entries(ways))
        times[way as keyof typeof ways].push(call(compiled, 'many_echo', params, each).wall);
    ring.length = 0;
    collectGarbage();
    const before = process.memoryUsage().heapUsed;
    call(compiled, 'many_echo', params, () => {
      if (kept.length < KEPT) kept.push(new Error('at'));
    });
    collectGarbage();
    bytes = (process.memoryUsage().heapUsed - before) / kept.length;
  } finally {
    Error.stackTraceLimit = limit;
  }
  const own = unlike(plugin.bytes);
  const { outcome, run } = await runCall(own, 'many_echo', params, { mocks: '{"echo":0}' });
  const { header, store } = run;
  if (header === undefined) throw new Error(`many_echo: ${outcome.fault?.message ?? outcome.kind}`);
  const recording = { header, records: store.records() };
  const replays: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const start = performance.now();
    await stackAt(platform, recording, own, store.length - 2);
    replays.push(performance.now() - start);
  }
  const [first = Number.NaN, ...again] = replays;
  return {
    plugin: plugin.name,
    syscalls,
    frames: frames / syscalls,
    without: sampleOf(times.without),
    captured: sampleOf(times.captured),
    formatted: sampleOf(times.formatted),
    bytes,
    events: store.length,
    recorded: outcome.wallMs,
    first,
    replay: sampleOf(again),
  };
}
