// Calls that are kept: while they run, when they are over, and which of them go.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Outcome, Stop } from '../../debug-adapter/executor/options.ts';
import type { RecordingHeader } from '../../debug-adapter/recording/event.ts';
import { checkLaunch } from '../../debug-adapter/session/launch.ts';
import { Filler } from '../../debug-adapter/session/store-fixture.ts';
import { RowTable } from '../../debug-adapter/transcript/row-table.ts';
import { header } from './callFixture.ts';
import { Calls, type LiveRun, type Origin, type StartedCall } from './calls.ts';

type Listener = Parameters<LiveRun['on']>[0];

/** A run that a test drives. */
class DrivenRun implements LiveRun {
  readonly filler = new Filler();
  state: LiveRun['state'] = 'loading';
  stop: Stop | undefined;
  header: RecordingHeader | undefined;
  module: Uint8Array<ArrayBuffer> | undefined;
  readonly listeners = new Set<Listener>();

  get store() {
    return this.filler.store;
  }
  on(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
  tell(what: (listener: Listener) => void): void {
    for (const listener of [...this.listeners]) what(listener);
  }
  loaded(): this {
    this.header = header;
    this.state = 'running';
    this.tell((listener) => listener.loaded?.(header));
    return this;
  }
  stopAt(seq: number): this {
    this.state = 'stopped';
    this.stop = { seq } as Stop;
    this.tell((listener) => listener.stopped?.(this.stop as Stop));
    return this;
  }
  resume(): this {
    this.state = 'running';
    this.stop = undefined;
    this.tell((listener) => listener.resumed?.());
    return this;
  }
  end(kind: Outcome['kind']): this {
    this.state = 'ended';
    this.stop = undefined;
    this.tell((listener) => listener.ended?.({ kind } as Outcome));
    return this;
  }
}

const origin: Origin = { kind: 'session', session: 's', configuration: {}, folder: undefined };

function started(run: DrivenRun, method = 'greet', params = '{"n":1}'): StartedCall {
  const { plan } = checkLaunch({ plugin: '/plugins/hello.wasm', method, paramsText: params });
  assert.ok(plan);
  return { run, plan, rows: new RowTable(run.store, () => 0), module: () => run.module };
}

describe('calls that are kept', () => {
  it('a call is there from its start, and when its run is over', () => {
    const calls = new Calls(() => 42);
    const run = new DrivenRun();
    const call = calls.started(started(run), origin);
    const states: string[] = [];
    call.onDidChange(() => states.push(`${call.state} ${call.present ?? '-'}`));
    assert.equal(call.title, 'greet {"n":1}');
    assert.equal(call.plugin, 'hello.wasm');
    assert.equal(call.started, 42);
    assert.equal(call.state, 'loading');
    run.filler.request('in', 0, 'greet', '{"n":1}').stderr('x').flush();
    run.loaded().stopAt(1).resume().end('result');
    assert.deepEqual(states, ['running -', 'stopped 1', 'running -', 'ended -']);
    assert.equal(call.outcome, 'result');
    assert.equal(call.header, header);
    assert.equal(call.isLive, false);
    assert.equal(run.listeners.size, 0, 'nothing holds on to the run');
    assert.equal(calls.calls[0], call);
  });

  it('titles are one line, cut, and show what can’t be seen', () => {
    const calls = new Calls(() => 0);
    const title = (method: string, params: string) =>
      calls.started(started(new DrivenRun(), method, params), origin).title;
    assert.equal(title('m', 'null'), 'm');
    assert.ok(title('m', `"${'x'.repeat(500)}"`).length < 100);
    assert.equal(title('a\u202eb', 'null'), 'a\\u202eb');
  });

  it('the oldest go first, but neither what runs nor what is shown', () => {
    const calls = new Calls(() => 0, { calls: 3, bytes: 1e9 });
    const runs = Array.from({ length: 6 }, () => new DrivenRun());
    const kept = runs.slice(0, 3).map((run) => calls.started(started(run), origin));
    calls.isShown = (call) => call === kept[1];
    runs[1]?.end('result');
    runs[2]?.end('result');
    let longest = 0;
    calls.onDidChange(() => {
      longest = Math.max(longest, calls.calls.length);
    });
    for (const run of runs.slice(3)) {
      calls.started(started(run), origin);
      run.end('error');
    }
    assert.deepEqual(
      calls.calls.map(({ id }) => id),
      [1, 2, 6],
      'the first one runs, the second is shown',
    );
    assert.ok(longest > 3, 'what is new is told before what is old goes');
    runs[0]?.end('result');
    assert.equal(calls.calls.length, 3);
  });

  it('bytes count too, as they come', () => {
    const calls = new Calls(() => 0, { calls: 20, bytes: 3000 });
    for (let i = 0; i < 5; i++) {
      const run = new DrivenRun();
      calls.started(started(run), origin);
      run.filler.message('in', 'x'.repeat(900)).flush();
      run.end('result');
    }
    assert.deepEqual(
      calls.calls.map(({ id }) => id),
      [3, 4, 5],
    );
  });

  it('the plugin’s bytes stay with the call, and count once for all calls of it', () => {
    const calls = new Calls(() => 0, { calls: 20, bytes: 5000 });
    const module = new Uint8Array(1500);
    const make = (bytes: Uint8Array<ArrayBuffer>) => {
      const run = new DrivenRun();
      const call = calls.started(started(run), origin);
      run.module = bytes;
      run.loaded().end('result');
      run.module = undefined;
      return call;
    };
    const call = make(module);
    make(module);
    make(module);
    assert.equal(call.module, module);
    assert.equal(calls.calls.length, 3);
    make(new Uint8Array(4000));
    assert.deepEqual(
      calls.calls.map(({ id }) => id),
      [4],
    );
  });

  it('a replay shows its place in the call that it does again', () => {
    const calls = new Calls(() => 0);
    const run = new DrivenRun();
    const call = calls.started(started(run), origin);
    run.filler.request('in', 0, 'greet').stderr('a').stderr('b').flush();
    run.loaded().end('result');
    const again = new DrivenRun();
    assert.equal(calls.replayed(call.id, started(again), origin), call);
    assert.equal(calls.calls.length, 1);
    again.filler.request('in', 0, 'greet').stderr('a').flush();
    again.loaded().stopAt(1);
    assert.deepEqual([call.state, call.present, call.isLive], ['stopped', 1, true]);
    again.end('terminated');
    assert.deepEqual([call.state, call.present, call.outcome, call.isLive], ['ended', undefined, 'result', false]);
  });

  it('a replay that goes another way becomes a call of its own', () => {
    const calls = new Calls(() => 0);
    const run = new DrivenRun();
    const call = calls.started(started(run), origin);
    run.filler.request('in', 0, 'greet').stderr('a').flush();
    run.loaded().end('result');
    const again = new DrivenRun();
    calls.replayed(call.id, started(again), origin);
    again.filler.request('in', 0, 'greet').yields().flush();
    again.loaded().stopAt(1);
    assert.equal(calls.calls.length, 2);
    assert.equal(call.present, undefined);
    assert.equal(calls.calls[1]?.present, 1);
  });

  it('a replay beside the call’s own run leaves that one known', () => {
    const calls = new Calls(() => 0);
    const run = new DrivenRun();
    const call = calls.started(started(run), origin);
    run.filler.request('in', 0, 'greet').stderr('a').flush();
    run.loaded().stopAt(1);
    const again = new DrivenRun();
    calls.replayed(call.id, started(again), origin);
    again.filler.request('in', 0, 'greet').flush();
    again.loaded().stopAt(0);
    assert.equal(call.present, 0);
    again.end('terminated');
    assert.equal(call.present, 1);
    run.end('result');
    assert.equal(call.outcome, 'result');
  });

  it('a recording is a call, and takes its own place when it is opened again', () => {
    const calls = new Calls(() => 0);
    const read = () => {
      const { store } = new Filler().request('in', 0, 'greet').flush();
      return { header, store, rows: new RowTable(store, () => 0), note: 'cut short' };
    };
    const call = calls.opened('/r.recording.jsonl', read(), '/plugins/hello.wasm');
    assert.deepEqual(
      [call.state, call.note, call.method, call.plugin, call.started],
      ['recording', 'cut short', 'greet', 'hello.wasm', Date.parse(header.created)],
    );
    calls.opened('/r.recording.jsonl', read(), '/plugins/hello.wasm');
    assert.equal(calls.calls.length, 1);
    const lost = calls.opened('/s.recording.jsonl', read(), undefined);
    assert.ok(!lost.doors.includes('runToHere') && lost.doors.includes('openMessage'));
  });
});
