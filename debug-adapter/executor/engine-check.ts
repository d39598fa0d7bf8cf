// Whether this process's JavaScript engine has what the debugger is built on. Not a version check: each thing is tried, because forks
// of VS Code number themselves as they please.
import { Worker } from 'node:worker_threads';

export interface EngineFeatures {
  /** Every Wasm module with two memories is refused without it. */
  readonly multiMemory: boolean;
  /** The control block between a plugin's worker and the extension host. */
  readonly sharedArrayBuffer: boolean;
  readonly workerThreads: boolean;
  /** `new Error().stack` inside a Wasm import lists `wasm-function[N]:0xOFFSET` for each frame. */
  readonly wasmStackFrames: boolean;
  /** `JSON.rawJSON`: numbers go through unrounded (P2). */
  readonly rawJson: boolean;
}

const NAMES: Record<keyof EngineFeatures, string> = {
  multiMemory: 'WebAssembly multi-memory',
  sharedArrayBuffer: 'SharedArrayBuffer',
  workerThreads: 'worker threads',
  wasmStackFrames: "WebAssembly frames in V8's stack traces",
  rawJson: 'JSON.rawJSON',
};

// (module (memory 0) (memory 0))
const TWO_MEMORIES = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 5, 5, 2, 0, 0, 0, 0]);

// (module (import "a" "b" (func)) (func (export "c") call 0)); the call stands at offset 0x27.
const CALLS_IMPORT = new Uint8Array([
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[1, 4, 1, 0x60, 0, 0],
  ...[2, 7, 1, 1, 0x61, 1, 0x62, 0, 0],
  ...[3, 2, 1, 0],
  ...[7, 5, 1, 1, 0x63, 0, 1],
  ...[10, 6, 1, 4, 0, 0x10, 0, 0x0b],
]);
const CALL_OFFSET = 0x27;

function wasmFramesAreListed(): boolean {
  let stack = '';
  const limit = Error.stackTraceLimit;
  try {
    Error.stackTraceLimit = Number.POSITIVE_INFINITY;
    const note = () => {
      stack = new Error().stack ?? '';
    };
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(CALLS_IMPORT), { a: { b: note } });
    const call = exports['c'];
    if (typeof call === 'function') call();
  } catch {
    return false;
  } finally {
    Error.stackTraceLimit = limit;
  }
  const frame = /wasm-function\[(\d+)\]:0x([0-9a-f]+)/.exec(stack);
  return frame !== null && Number(frame[1]) === 1 && Number.parseInt(frame[2] ?? '', 16) === CALL_OFFSET;
}

/** Tries each thing in this very process. Never throws; takes well under a millisecond. */
export function probeEngine(): EngineFeatures {
  const wasm = typeof WebAssembly === 'object';
  return {
    multiMemory: wasm && WebAssembly.validate(TWO_MEMORIES),
    sharedArrayBuffer: typeof SharedArrayBuffer === 'function' && typeof Atomics === 'object',
    workerThreads: typeof Worker === 'function',
    wasmStackFrames: wasm && wasmFramesAreListed(),
    rawJson: 'rawJSON' in JSON,
  };
}

/** Where the engine runs, and what is new enough. */
const HOSTS = {
  vscode: ['this VS Code', 'VS Code 1.101 or later'],
  node: ['this Node.js', 'Node.js 22 or later'],
} as const;

/** One sentence that says what is lacking; undefined when nothing is. `v8` is the engine's version, for the sentence. */
export function lackingSentence(features: EngineFeatures, v8: string, host: keyof typeof HOSTS): string | undefined {
  const lacking = (Object.keys(NAMES) as (keyof EngineFeatures)[]).filter((name) => !features[name]);
  if (lacking.length === 0) return undefined;
  const names = lacking.map((name) => NAMES[name]);
  const last = names.pop();
  const list = names.length > 0 ? `${names.join(', ')} and ${last}` : last;
  const [engine, update] = HOSTS[host];
  return `Wasmi Plugin Debugger can't run here: the JavaScript engine of ${engine} (V8 ${v8}) lacks ${list}; update to ${update}.`;
}
