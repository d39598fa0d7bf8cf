// Sessions on recordings over runs that are steered by hand: which files are read, what the run is started with, and what requests ask of it.
// Contracts R2, S1.
import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import { DEFAULT_LIMITS, type RecordingHeader } from '../recording/event.ts';
import { ALL_MINE } from '../source/files.ts';
import { Inline } from './inline-client.ts';
import { readRecordingLaunch } from './recording-launch.ts';
import type { ReadRecording } from './session-run.ts';

const header: RecordingHeader = {
  format: 'wasmi-plugin-recording',
  version: 1,
  module: { sha256: '0'.repeat(64), bytes: 3, path: 'out/p.wasm' },
  call: { method: 'run', params: '{"id":18446744073709551615}' },
  fuelModel: 'x',
  slice: 500,
  clock: 'virtual:2024-01-01T00:00:00.000Z',
  seed: '7',
  args: ['-v'],
  env: ['A=1'],
  missingImports: 'enosys',
  features: ['simd'],
  limits: { ...DEFAULT_LIMITS, fuel: 9 },
  nan: 'canonical',
  created: '2024-02-02T00:00:00.000Z',
};

const recording = (more: Partial<ReadRecording> = {}): ReadRecording => ({
  header,
  records: new Uint8Array(),
  events: 10,
  cutShort: undefined,
  ...more,
});

/** Looks for the module of a recording `calls/a.jsonl` where only `there` is. @returns its path, and what was looked for */
async function moduleOf(
  there: string,
  read = recording(),
  plugin?: string,
): Promise<[found: string, looked: string[]]> {
  const looked: string[] = [];
  const engine = {
    readRecording: async () => read,
    readFile: async (file: string) => {
      looked.push(file);
      if (file !== there) throw new Error(`The plugin ${file} can't be read: there is no such file.`);
      return new Uint8Array(3);
    },
  };
  const asked = {
    recording: 'calls/a.jsonl',
    stopAt: undefined,
    stopOnEntry: false,
    noDebug: false,
    source: ALL_MINE,
    trace: [],
    plugin,
  };
  return [(await readRecordingLaunch(engine, asked)).plan.plugin, looked];
}

describe('a session on a recording', () => {
  it('R2: its module is that of the launch, else one that is held with it, else where the recording says', async () => {
    const from = path.resolve('calls/out/p.wasm');
    assert.deepEqual(await moduleOf('q.wasm', recording({ module: new Uint8Array(3) }), 'q.wasm'), [
      'q.wasm',
      ['q.wasm'],
    ]);
    assert.deepEqual(await moduleOf('', recording({ module: new Uint8Array(3) })), ['out/p.wasm', []]);
    const beside = path.join('calls', 'p.wasm');
    for (const [n, place] of [from, 'out/p.wasm', beside].entries())
      assert.deepEqual(await moduleOf(place), [place, [from, 'out/p.wasm', beside].slice(0, n + 1)]);
    await assert.rejects(moduleOf('', recording(), 'q.wasm'), /^Error: The plugin q\.wasm can't be read/);
    await assert.rejects(
      moduleOf(''),
      /^Error: The module out\/p\.wasm of the recording calls\/a\.jsonl is not there any more: name it in "plugin"\.$/,
    );
  });

  it('R2: the run is what the recording says, with the breakpoints of the session', async () => {
    const dap = new Inline();
    dap.engine.recordings.set('call:1', recording({ module: new Uint8Array(3) }));
    await dap.ask('initialize', { adapterID: 'wasmi-plugin' });
    await dap.ask('setFunctionBreakpoints', { breakpoints: [{ name: 'rpc:*' }, { name: 'main' }] });
    await dap.ask('launch', { recording: 'call:1', stopAt: 4, trace: false });
    await dap.ask('configurationDone');
    const [options] = dap.engine.replays;
    assert.deepEqual(
      [options?.method, options?.params, options?.clock, options?.seed, options?.slice, options?.limits.fuel],
      ['run', '{"id":18446744073709551615}', { kind: 'virtual', startMs: Date.UTC(2024, 0, 1) }, '7', 500, 9],
    );
    assert.deepEqual(
      [options?.args, options?.env, options?.features, options?.missingImports],
      [['-v'], ['A=1'], ['simd'], 'enosys'],
    );
    assert.deepEqual(
      [options?.debug, options?.runToEvent, options?.rules.length, options?.breakpoints?.length],
      [true, 4, 1, 1],
    );
    // read anew at a restart, with changed arguments too
    await dap.ask('restart');
    await dap.ask('restart', { arguments: { recording: 'call:1', stopOnEntry: true, noDebug: true } });
    assert.deepEqual(
      dap.engine.replays.map(({ runToEvent, debug, rules }) => [runToEvent, debug, rules.length]),
      [
        [4, true, 1],
        [4, true, 1],
        [undefined, false, 0],
      ],
    );
    await assert.rejects(dap.ask('restart', { arguments: { recording: 'call:2' } }), /call:2 can't be read/);
  });

  it('S1: runs to events that are still to come, and are in the recording', async () => {
    const dap = new Inline();
    dap.engine.recordings.set('call:1', recording({ module: new Uint8Array(3) }));
    await dap.ask('initialize', { adapterID: 'wasmi-plugin' });
    await dap.ask('launch', { recording: 'call:1' });
    await dap.ask('configurationDone');
    const { run } = dap.engine;
    run.filler.stderr('one').stderr('two');
    await assert.rejects(dap.ask('plugin/runToEvent', { event: 5 }), /^Error: The call is running: pause it first\.$/);
    await dap.halt();
    for (const [event, sentence] of [
      [undefined, /^Error: "event" is undefined, and must be the number of an event\.$/],
      [1.5, /^Error: "event" is 1\.5, and must be/],
      [
        1,
        /^Error: Event 1 has happened already, and the call stands at event 1: a session on its recording can stop there\.$/,
      ],
      [10, /^Error: There is no event 10: the recording ends with event 9\.$/],
    ] as const)
      await assert.rejects(dap.ask('plugin/runToEvent', { event }), sentence);
    await dap.ask('plugin/runToEvent', { threadId: 1, event: 9 });
    assert.deepEqual(run.resumed, [{ until: undefined, event: 9 }]);
    assert.equal(dap.of('continued').length, 1);
    assert.equal((await dap.halt({ reason: 'reached' })).reason, 'goto');
  });
});
