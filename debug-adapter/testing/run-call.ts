// Whole calls for tests: a plugin by name, a live run of one call with short bounds, its recording as text, and the replay of such a text.
// Only tests import it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildWat } from '../../test-plugins/wat/build.ts';
import type { HostProcess } from '../executor/host-process.ts';
import { nodePlatform } from '../executor/node-platform.ts';
import { DEFAULT_SLICE, type Outcome, type RunOptions, type StopRule } from '../executor/options.ts';
import { replayOptions } from '../executor/replay-options.ts';
import { Run } from '../executor/run.ts';
import {
  DEFAULT_LIMITS,
  type EventKind,
  type RecordingHeader,
  type RunEvent,
  type RunLimits,
} from '../recording/event.ts';
import { parseRecording } from '../recording/reader.ts';
import { recordingText } from '../recording/writer.ts';
import { METHOD_NOT_FOUND } from '../rpc/errors.ts';
import { bundledWorker } from './bundled-worker.ts';
import { stopRule } from './stop-rule.ts';

export const platform = nodePlatform(bundledWorker);

const PLUGINS = new URL('../../test-plugins/', import.meta.url);
const wat = new Map((await buildWat()).map(({ name, wasm }) => [name, wasm]));

/** Names of all plugins of test-plugins/wat. */
export const watNames: readonly string[] = [...wat.keys()];

/** The file of plugin `name`: `hello` (prebuilt), one of test-plugins/wat, one that is built into out/, such as `rust-pdk.release`, or one in git by its folder, `rust-calls/level0`. */
export function pluginFile(name: string): string {
  const built = name.includes('/') ? `${name}.wasm` : `out/${name}.wasm`;
  return wat.get(name) ?? fileURLToPath(new URL(name === 'hello' ? 'hello/hello.wasm' : built, PLUGINS));
}

/** A copy of the plugin's bytes, which a run may take over. */
export const pluginBytes = (name: string): Uint8Array<ArrayBuffer> => new Uint8Array(fs.readFileSync(pluginFile(name)));

/** Test options that skip, with a sentence, where a plugin could not be built; where CI is set nothing is skipped, and the test fails. */
export function needs(...names: readonly string[]): { skip?: string } {
  const absent = names.find((name) => !fs.existsSync(pluginFile(name)));
  if (absent === undefined || process.env['CI']) return {};
  return {
    skip: `test-plugins/out/${absent}.wasm is not built: node test-plugins/build.ts builds it where the compilers are.`,
  };
}

/** A plugin by its name, or a module's own bytes. */
export type Plugin = string | Uint8Array;

export interface CallOptions extends Partial<Omit<RunOptions, 'plugin' | 'method' | 'params' | 'limits' | 'mocks'>> {
  readonly limits?: Partial<RunLimits>;
  /** JSON text of a mock file. */
  readonly mocks?: string;
  /** Answers what the mocks do not. */
  readonly host?: HostProcess;
}

/** No test waits longer for a guest. */
const WALL_MS = 20_000;
/** 2024-02-03T04:05:06Z. */
export const VIRTUAL = { kind: 'virtual', startMs: Date.UTC(2024, 1, 3, 4, 5, 6) } as const;

export function optionsOf(plugin: Plugin, method: string, params: string, options: CallOptions = {}): RunOptions {
  const { host, mocks, limits, ...rest } = options;
  const named = typeof plugin === 'string';
  return {
    plugin: {
      path: named ? `${plugin}.wasm` : 'test.wasm',
      bytes: named ? pluginBytes(plugin) : Uint8Array.from(plugin),
    },
    method,
    params,
    args: [],
    env: [],
    clock: { kind: 'real' },
    seed: undefined,
    slice: DEFAULT_SLICE,
    limits: { ...DEFAULT_LIMITS, wallMs: WALL_MS, ...limits },
    missingImports: 'fail',
    features: [],
    mocks: mocks === undefined ? undefined : { name: 'test.mocks.json', text: mocks },
    hasHost: host !== undefined,
    stopOnEntry: false,
    debug: false,
    rules: [],
    ...rest,
  };
}

/** Starts a live call; `params` is JSON text. */
export function startCall(plugin: Plugin, method: string, params = 'null', options: CallOptions = {}): Run {
  return Run.start(platform, optionsOf(plugin, method, params, options), options.host);
}

export interface EndedCall {
  readonly outcome: Outcome;
  readonly run: Run;
  events(): RunEvent[];
  /** The call's recording, as a file would hold it. */
  readonly recordingText: string;
}

export function endedCall(run: Run, outcome: Outcome): EndedCall {
  return {
    outcome,
    run,
    events: () => [...run.store.range()],
    get recordingText() {
      return recordingOf(run);
    },
  };
}

/** Runs a call to its end. */
export async function runCall(
  plugin: Plugin,
  method: string,
  params = 'null',
  options: CallOptions = {},
): Promise<EndedCall> {
  const run = startCall(plugin, method, params, options);
  return endedCall(run, await run.ended);
}

/** The recording of a run that has ended. */
export function recordingOf(run: Run): string {
  if (run.header === undefined) throw new Error('the run has not loaded its module, and so has no recording');
  return textOf(run.header, run.store.range());
}

function textOf(header: RecordingHeader, events: Iterable<RunEvent>): string {
  return recordingText(header, events);
}

export interface Replayed extends EndedCall {
  /** The first event that differs; undefined for an exact replay. */
  readonly divergence: { readonly seq: number; readonly message: string } | undefined;
  readonly cutShort: string | undefined;
}

/** Replays a recording's text with the module `plugin`, as the terminal does. */
export async function replayText(text: string, plugin: Plugin, options: Partial<RunOptions> = {}): Promise<Replayed> {
  const recording = parseRecording(text, 'test.jsonl');
  const bytes = typeof plugin === 'string' ? pluginBytes(plugin) : Uint8Array.from(plugin);
  const path = typeof plugin === 'string' ? `${plugin}.wasm` : 'test.wasm';
  const run = Run.replay(platform, recording, { ...replayOptions(recording.header, path, bytes), ...options });
  const outcome = await run.ended;
  return { ...endedCall(run, outcome), divergence: run.divergence, cutShort: recording.cutShort };
}

/** Events of one kind. */
export function ofKind<K extends EventKind>(events: Iterable<RunEvent>, kind: K): Extract<RunEvent, { kind: K }>[] {
  return [...events].filter((event): event is Extract<RunEvent, { kind: K }> => event.kind === kind);
}

/** The messages of a call: `> line` to the plugin, `< line` from it. */
export const messages = (events: Iterable<RunEvent>): string[] =>
  ofKind(events, 'rpc').map(({ dir, line }) => `${dir === 'in' ? '>' : '<'} ${line}`);

export interface HostChoices {
  /** ms that each answer takes. */
  readonly delay?: number;
  /** Methods that are never answered. */
  readonly never?: readonly string[];
  /** JSON text of results. */
  readonly results?: Readonly<Record<string, string>>;
}

/** A host in this process that knows `echo`, which gives its params back. */
export function echoHost({
  delay = 0,
  never = [],
  results = {},
}: HostChoices = {}): HostProcess & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    async ask(method, params) {
      asked.push(`${method} ${params}`);
      if (never.includes(method)) return new Promise(() => {});
      if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
      const result = results[method] ?? (method === 'echo' ? params : undefined);
      return result === undefined ? { error: METHOD_NOT_FOUND } : { result };
    },
    close() {},
  };
}

/** A recording without what differs between a run and its replay: when it was made, where the module lies, and the run's real time. */
export const timeless = (text: string): string[] =>
  text.split('\n').map((line) =>
    line
      .replace(/,"t":[\d.e+-]+/, '')
      .replace(/"path":"[^"]*"/, '')
      .replace(/,"created":"[^"]*"/, ''),
  );

/** R3: replays a call that has ended; the replay must be exact, and give the same events, fuel and outcome. */
export async function replaysExactly(call: EndedCall, plugin: Plugin): Promise<Replayed> {
  const text = call.recordingText;
  const replay = await replayText(text, plugin);
  assert.equal(replay.divergence?.message, undefined);
  assert.deepEqual(timeless(replay.recordingText), timeless(text));
  const { wallMs: _, ...outcome } = call.outcome;
  const { wallMs: __, ...again } = replay.outcome;
  assert.deepEqual(again, outcome);
  return replay;
}

/** A call that asks its host twice, and takes the same course each time. */
export const GREET: CallOptions = {
  mocks: '{"get_user":{"display_name":"Ada","utc_offset_hours":1},"log":null}',
  clock: VIRTUAL,
  seed: '1',
};

/** Stops at every event of a class. */
export const stopAtEvery = (kind: StopRule['class']): StopRule => stopRule(kind);
