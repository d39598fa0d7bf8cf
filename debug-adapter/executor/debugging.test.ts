// A run under a debugger: where it stops and what it says there, steps, orders at odd times. Contracts E2, S1, S6.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { drive } from '../testing/drive.ts';
import {
  type CallOptions,
  echoHost,
  endedCall,
  needs,
  ofKind,
  type Plugin,
  pluginBytes,
  replaysExactly,
  startCall,
  VIRTUAL,
} from '../testing/run-call.ts';
import { stopRule } from '../testing/stop-rule.ts';
import { wat } from '../testing/wat.ts';
import { parseModule } from '../wasm/module.ts';
import type { StopRule } from './options.ts';

const MOCKS = '{"get_user":{"display_name":"Ada","utc_offset_hours":1},"log":null}';
const rule = (id: string, kind: StopRule['class'], more: Partial<StopRule> = {}): StopRule =>
  stopRule(kind, { id, ...more });
const debug = (plugin: Plugin, method: string, params = 'null', options: CallOptions = {}) =>
  drive(startCall(plugin, method, params, { debug: true, ...options }));
const greet = (options: CallOptions = {}) =>
  debug('hello', 'greet', '{"name":"Ada"}', { mocks: MOCKS, clock: VIRTUAL, seed: '1', ...options });

/** The event that a stop stands on, in a word or two. */
function at({ run }: ReturnType<typeof drive>, seq: number): string {
  if (seq < 0) return 'start';
  const event = run.store.get(seq);
  if (event.kind === 'rpc') {
    const { method } = JSON.parse(event.line) as { method?: string };
    return `${event.dir} ${method ?? 'reply'}`;
  }
  return event.kind === 'syscall' ? event.name : event.kind === 'diagnosis' ? event.diagnosis : event.kind;
}

describe('where a run stops', { concurrency: 2 }, () => {
  it('S6: before the first instruction, when asked', async () => {
    const driven = greet({ stopOnEntry: true });
    const stop = await driven.stop();
    assert.equal(stop.reason, 'entry');
    assert.equal(stop.seq, -1);
    assert.equal(stop.fuel.consumed, 0);
    assert.equal(driven.run.state, 'stopped');
    assert.equal(driven.run.stop, stop);
    assert.equal(driven.run.store.length, 0);
    driven.run.resume({ until: undefined });
    assert.equal((await driven.run.ended).kind, 'result');
    assert.equal(driven.run.stop, undefined);
  });

  it('S1: without debug nothing stops it, whatever the rules', async () => {
    const driven = greet({ debug: false, stopOnEntry: true, rules: [rule('any', 'rpc')] });
    assert.equal((await driven.run.ended).kind, 'result');
  });

  it('S1: on every message, on those of one method, on replies to one method', async () => {
    const places = async (...rules: StopRule[]): Promise<string[]> => {
      const driven = greet({ rules });
      const found: string[] = [];
      for (;;) {
        const stop = await driven.stop().catch(() => undefined);
        if (stop === undefined) return found;
        assert.equal(stop.reason, 'event');
        assert.deepEqual(
          stop.rules,
          rules.map(({ id }) => id),
        );
        found.push(at(driven, stop.seq));
        driven.run.resume({ until: undefined });
      }
    };
    assert.deepEqual(await places(rule('a', 'rpc')), [
      'in greet',
      'out get_user',
      'in reply',
      'out log',
      'in reply',
      'out reply',
    ]);
    assert.deepEqual(await places(rule('a', 'rpc', { name: 'get_user' })), ['out get_user']);
    assert.deepEqual(await places(rule('a', 'rpc', { name: 'greet' })), ['in greet']);
    assert.deepEqual(await places(rule('a', 'rpc-reply', { name: 'log' })), ['in reply']);
    assert.deepEqual(await places(rule('a', 'rpc-reply')), ['in reply', 'in reply', 'out reply']);
    assert.deepEqual(await places(rule('a', 'stderr', { condition: 'contains(line, "there")' })), ['stderr']);
    assert.deepEqual(await places(rule('a', 'rpc', { condition: 'params.name == "Ada" && dir == "out"' })), [
      'out get_user',
    ]);
    assert.deepEqual(await places(rule('a', 'rpc', { condition: 'result.display_name == "Ada"' })), ['in reply']);
    assert.deepEqual(
      await places(rule('a', 'syscall', { name: 'fd_read', condition: 'errno != 0', hitCondition: '2' })),
      ['fd_read'],
    );
    assert.deepEqual(await places(rule('a', 'syscall', { name: 'random_get', hitCondition: '>= 2' })), ['random_get']);
  });

  it('P2: a condition over a number of 64 bits', needs('rust-pdk.release'), async () => {
    const driven = debug('rust-pdk.release', 'u64_extremes', 'null', {
      host: echoHost(),
      rules: [
        rule('exact', 'rpc', { condition: 'params[0] == 18446744073709551615 && params[2] == 9007199254740993' }),
        rule('rounded', 'rpc', { condition: 'params[0] == 18446744073709551616 || params[2] == 9007199254740992' }),
      ],
    });
    const stop = await driven.stop();
    assert.deepEqual(stop.rules, ['exact']);
    driven.run.resume({ until: undefined });
    assert.equal((await driven.run.ended).kind, 'result');
  });

  it('S1: on a trap, with the frames it had, and on a panic, with its text', needs('rust-pdk.debug'), async () => {
    const trapped = debug('rust-pdk.debug', 'trap', '{"kind":"out_of_bounds"}', { rules: [rule('t', 'trap')] });
    const trap = await trapped.stop();
    assert.equal(trap.reason, 'fault');
    assert.equal(trap.diagnosis?.diagnosis, 'trap');
    assert.ok(
      trap.frames.some(({ name }) => /endings::trap/.test(name)),
      JSON.stringify(trap.frames.slice(0, 5)),
    );
    assert.ok((await trapped.run.memorySize()) > 0, 'memory is there after a trap');
    trapped.run.resume({ until: undefined });
    assert.equal((await trapped.run.ended).fault?.kind, 'trap');

    const panicked = debug('rust-pdk.debug', 'panic', '{"message":"oh no"}', { rules: [rule('t', 'trap')] });
    const panic = await panicked.stop();
    assert.equal(panic.diagnosis?.diagnosis, 'panic');
    assert.match(panic.diagnosis?.message ?? '', /oh no/);
    await panicked.run.terminate();
  });

  it('P1: on a protocol fault, at the line that is wrong', async () => {
    const driven = debug('rpc-stray-text', 'run', 'null', { rules: [rule('p', 'protocol')] });
    const stop = await driven.stop();
    assert.equal(stop.reason, 'fault');
    assert.equal(stop.diagnosis?.diagnosis, 'stray-text');
    assert.ok(stop.frames.some(({ name }) => name === 'print'));
    const next = await driven.on();
    assert.equal(next.diagnosis?.diagnosis, 'unread-message');
    driven.run.resume({ until: undefined });
    assert.equal((await driven.run.ended).fault?.kind, 'stray-text');
  });

  it('S1: a plugin that cannot run stops too, and has nothing to show but why', async () => {
    const driven = debug('link-missing-import', 'run', 'null', { rules: [rule('p', 'protocol')] });
    const stop = await driven.stop();
    assert.equal(stop.diagnosis?.diagnosis, 'missing-import');
    assert.deepEqual(stop.frames, []);
    assert.deepEqual(await driven.run.globals(), []);
    assert.equal(await driven.run.memorySize(), 0);
    await assert.rejects(driven.run.readMemory(0, 4), /no memory/);
    await assert.rejects(driven.run.describeSyscall(0), /No syscall/);
    driven.run.resume({ until: undefined });
    assert.equal((await driven.run.ended).fault?.kind, 'missing-import');
  });

  it('S1: log messages come with their event, and do not stop', async () => {
    const driven = greet({
      rules: [
        rule('l', 'rpc', { condition: 'dir == "out"', logMessage: '{method} {params.name}' }),
        rule('s', 'syscall', { name: 'random_get', logMessage: 'random {len(name)} {errno}' }),
      ],
    });
    assert.equal((await driven.run.ended).kind, 'result');
    const texts = driven.logs.map(([text, seq]) => `${at(driven, seq)}: ${text}`);
    assert.equal(texts.filter((text) => text.startsWith('random_get: random 10 0')).length, 2, texts.join('\n'));
    assert.deepEqual(
      texts.filter((text) => text.startsWith('out')),
      ['out get_user: get_user Ada', 'out log: log not available here', 'out reply: greet not available here'],
    );
  });
});

describe('steps', { concurrency: 2 }, () => {
  const path = async (until: 'event' | 'rpc' | 'syscall' | 'yield'): Promise<string[]> => {
    const driven = greet({ stopOnEntry: true });
    const found: string[] = [];
    await driven.stop();
    for (;;) {
      const stop = await driven.on(until).catch(() => undefined);
      if (stop === undefined) break;
      assert.equal(stop.reason, 'step');
      found.push(at(driven, stop.seq));
    }
    const kinds = [...driven.run.store.range()].map((event) => at(driven, event.seq));
    // every event of the class was stopped at, once, in order
    const wanted = [...driven.run.store.range()].filter(({ kind }) =>
      until === 'event' ? ['rpc', 'syscall', 'yield', 'stderr'].includes(kind) : kind === until,
    );
    assert.deepEqual(
      found,
      wanted.map(({ seq }) => kinds[seq]),
    );
    return found;
  };

  it('S1: to the next message', async () => {
    assert.deepEqual(await path('rpc'), ['in greet', 'out get_user', 'in reply', 'out log', 'in reply', 'out reply']);
  });
  it('S1: to the next syscall', async () => {
    assert.ok((await path('syscall')).includes('random_get'));
  });
  it('S1: to the next yield', async () => {
    assert.ok((await path('yield')).length > 2);
  });
  it('S1: to the next event, whatever it is', async () => {
    const events = await path('event');
    for (const kind of ['in greet', 'fd_read', 'yield', 'stderr', 'out reply']) assert.ok(events.includes(kind), kind);
  });

  it('S1: a rule stops a step on its way, and the step is over then', async () => {
    const driven = greet({ stopOnEntry: true, rules: [rule('r', 'syscall', { name: 'random_get' })] });
    await driven.stop();
    const reasons: string[] = [];
    for (let stop = await driven.on('rpc'); ; stop = await driven.on('rpc')) {
      reasons.push(stop.reason);
      if (stop.reason === 'event') {
        assert.deepEqual(stop.rules, ['r']);
        break;
      }
    }
    assert.deepEqual(reasons, ['step', 'event']);
    // the rule's second hit, with no step under way
    assert.equal((await driven.on()).reason, 'event');
    driven.run.resume({ until: undefined });
    assert.equal((await driven.run.ended).kind, 'result');
  });

  it('S1: seq, fuel and time never go back', async () => {
    const driven = greet({ stopOnEntry: true });
    let before = await driven.stop();
    for (;;) {
      const stop = await driven.on('event').catch(() => undefined);
      if (stop === undefined) break;
      assert.ok(stop.seq > before.seq && stop.fuel.consumed >= before.fuel.consumed && stop.time >= before.time);
      assert.ok(driven.run.store.length === stop.seq + 1, 'the store has all up to the stop');
      before = stop;
    }
  });
});

describe('what can be asked while it is stopped', { concurrency: 2 }, () => {
  const atEcho = async () => {
    const driven = debug('rpc-call-abandoned', 'run', '["x"]', {
      host: echoHost({ never: ['echo'] }),
      rules: [rule('e', 'rpc', { name: 'echo' })],
    });
    await driven.stop();
    return driven;
  };

  it('S6: memory, as far as it goes', async () => {
    const { run } = await atEcho();
    const size = await run.memorySize();
    assert.equal(size % 65536, 0);
    const text = new TextDecoder().decode(await run.readMemory(1024, 38));
    assert.equal(text, '{"jsonrpc":"2.0","id":0,"method":"echo');
    assert.equal((await run.readMemory(size - 3, 100)).length, 3);
    assert.equal((await run.readMemory(size + 5, 100)).length, 0);
    assert.equal((await run.readMemory(0, 0)).length, 0);
    assert.equal((await run.readMemory(-5, 3)).length, 0);
    await run.terminate();
  });

  it('P1: requests that nobody has answered, on both sides', async () => {
    const { run } = await atEcho();
    assert.deepEqual(await run.openRequests(), [
      { dir: 'in', id: '0', method: 'run', seq: 0 },
      { dir: 'out', id: '0', method: 'echo', seq: run.stop?.seq },
    ]);
    await run.terminate();
  });

  it('S6: the present syscall, decoded', async () => {
    const driven = debug('rpc-call-echo', 'run', '["x"]', { rules: [rule('w', 'syscall', { name: 'fd_write' })] });
    const stop = await driven.stop();
    const rows = await driven.run.describeSyscall(stop.seq);
    const flat = JSON.stringify(rows);
    assert.match(flat, /stdout/);
    assert.match(flat, /echo/);
    assert.match(flat, /SUCCESS/);
    await driven.run.terminate();
  });

  it('S6: globals with name, type and value', async () => {
    const plugin = wat(
      `(module
        (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
        (memory (export "memory") 1)
        (global $counter (mut i64) (i64.const -1))
        (global $ratio f32 (f32.const 1.5))
        (global (export "shown") (mut i32) (i32.const 7))
        (global $ref (mut funcref) (ref.null func))
        (func (export "_start") (global.set $counter (i64.const 0x7fffffffffffffff)) (drop (call $yield))))`,
      { names: true },
    );
    const driven = debug(plugin, 'run', 'null', { rules: [rule('y', 'syscall')] });
    await driven.stop();
    const globals = await driven.run.globals();
    assert.deepEqual(
      globals.map(({ name, type, mutable, value }) => [name, type, mutable, value]),
      [
        ['counter', 'i64', true, '9223372036854775807'],
        ['ratio', 'f32', false, '1.5'],
        ['shown', 'i32', true, '7'],
        ['ref', 'funcref', true, 'null'],
      ],
    );
    driven.run.resume({ until: undefined });
    await driven.run.ended;
  });

  it(
    'S6: I1: frames are the guest’s, demangled, at offsets of the original file',
    needs('rust-pdk.debug'),
    async () => {
      const driven = debug('rust-pdk.debug', 'echo', '{"message":1}', {
        host: echoHost(),
        rules: [rule('e', 'rpc', { name: 'echo', condition: 'dir == "out"' })],
      });
      const { frames } = await driven.stop();
      const names = frames.map(({ name }) => name);
      assert.ok(
        names.some((name) => /^rust_pdk::basics::echo::\{\{closure\}\}|rust_pdk::basics::echo/.test(name)),
        names.join('\n'),
      );
      assert.ok(
        names.some((name) => /^<.* as .*>::/.test(name)),
        'demangled',
      );
      assert.ok(!names.some((name) => /_ZN|fuel slow|charge/.test(name)));
      assert.equal(names.at(-1), '_start');
      const module = parseModule(pluginBytes('rust-pdk.debug'));
      for (const { func, offset } of frames) {
        const body = func - module.importedFunctions;
        assert.ok(
          offset >= (module.bodyStart[body] ?? 0) && offset < (module.bodyEnd[body] ?? 0),
          `function ${func} at ${offset}`,
        );
        // a frame stands at the call it is in
        assert.match(module.bytes[offset]?.toString(16) ?? '', /^(10|11|12|13)$/, `a call at ${offset}`);
      }
      await driven.run.terminate();
    },
  );

  it('E2: nothing while it runs, in a sentence; and nothing once it has ended', async () => {
    const { run } = debug('endless-loop', 'run');
    await new Promise<void>((resolve) => run.on({ loaded: () => resolve() }));
    for (const ask of [
      run.readMemory(0, 1),
      run.memorySize(),
      run.globals(),
      run.openRequests(),
      run.describeSyscall(0),
    ])
      await assert.rejects(ask, /^Error: The call is running: pause it to look into it\.$/);
    await run.terminate();
    await assert.rejects(run.globals(), /^Error: The call/);
  });

  it('E2: a question that is open when the run ends is refused', async () => {
    const { run } = await atEcho();
    const question = run.globals();
    const end = run.terminate();
    await Promise.race([question.catch(() => {}), delay(2000)]);
    await end;
    await question.then(
      () => {},
      (error: Error) => assert.match(error.message, /has ended/),
    );
  });
});

describe('orders at odd times', () => {
  it('E2: pause while it loads stops it at its first charge', async () => {
    const driven = debug('endless-loop', 'run');
    assert.equal(driven.run.state, 'loading');
    driven.run.pause();
    const stop = await driven.stop();
    assert.equal(stop.reason, 'pause');
    assert.ok(stop.fuel.consumed < 100_000);
    await driven.run.terminate();
  });

  it('E2: pausing what is paused, and resuming what runs, does nothing', async () => {
    const driven = debug('endless-loop', 'run', 'null', { stopOnEntry: true });
    await driven.stop();
    driven.run.pause();
    driven.run.pause();
    await delay(50);
    driven.run.resume({ until: undefined });
    driven.run.resume({ until: undefined });
    driven.run.resume({ until: undefined });
    await delay(100);
    assert.equal(driven.run.state, 'running');
    driven.run.pause();
    assert.equal((await driven.stop()).reason, 'pause');
    await delay(50);
    assert.equal(driven.run.state, 'stopped', 'an order to go on that came before the stop is not kept');
    await driven.run.terminate();
  });

  it('S1: rules that are set while it runs hold at once', async () => {
    const driven = debug('endless-poll', 'run', 'null', { limits: { wallMs: 60_000 } });
    await new Promise<void>((resolve) => driven.run.on({ loaded: () => resolve() }));
    await delay(30);
    driven.run.setRules([rule('s', 'syscall', { name: 'fd_read', condition: 'errno == 6' })]);
    const stop = await driven.stop();
    assert.deepEqual(stop.rules, ['s']);
    driven.run.setRules([]);
    driven.run.resume({ until: undefined });
    await delay(60);
    assert.equal(driven.run.state, 'running');
    await driven.run.terminate();
  });

  it('S1: rules that are set while it is stopped hold when it goes on', async () => {
    const driven = greet({ stopOnEntry: true });
    await driven.stop();
    driven.run.setRules([rule('log', 'rpc', { name: 'log' })]);
    assert.equal(at(driven, (await driven.on()).seq), 'out log');
    driven.run.setRules([]);
    driven.run.resume({ until: undefined });
    assert.equal((await driven.run.ended).kind, 'result');
  });

  it('E2: everything after the end does nothing', async () => {
    const { run } = greet();
    await run.ended;
    run.pause();
    run.resume({ until: 'rpc' });
    run.setRules([rule('a', 'rpc')]);
    await run.terminate();
    assert.equal(run.state, 'ended');
  });

  it('R3: what is ended at any stop is replayed to just there', async () => {
    for (const [until, count] of [
      ['rpc', 1],
      ['rpc', 2],
      ['syscall', 3],
      ['yield', 2],
      ['event', 9],
      ['event', 14],
    ] as const) {
      const driven = greet({ stopOnEntry: true });
      await driven.stop();
      for (let n = 0; n < count; n++) await driven.on(until);
      await driven.run.terminate();
      const call = endedCall(driven.run, await driven.run.ended);
      assert.equal(call.outcome.kind, 'terminated');
      await replaysExactly(call, 'hello');
    }
  });

  it('R3: what is ended at its first instruction, at a limit, at a pause, and when it has trapped', async () => {
    const ends: [string, CallOptions][] = [
      ['endless-loop', { stopOnEntry: true }],
      ['endless-grow', { limits: { memory: 1 << 20 } }],
      ['endless-lines', { limits: { output: 1 << 16 } }],
      ['end-trap', { rules: [rule('t', 'trap')] }],
      ['rpc-stray-text', { rules: [rule('p', 'protocol')] }],
      ['end-without-response', { rules: [rule('p', 'protocol')] }],
    ];
    for (const [plugin, options] of ends) {
      const driven = debug(plugin, 'run', 'null', options);
      await driven.stop();
      await driven.run.terminate();
      await replaysExactly(endedCall(driven.run, await driven.run.ended), plugin);
    }
  });

  it('R3: two lines in one write, ended at the first of them', async () => {
    const plugin = wat(`(module
      (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
      (memory (export "memory") 1)
      (data (i32.const 0) "\\40\\00\\00\\00\\4a\\00\\00\\00")
      (data (i32.const 64) "{\\"jsonrpc\\":\\"2.0\\",\\"id\\":7,\\"result\\":1}\\n{\\"jsonrpc\\":\\"2.0\\",\\"id\\":8,\\"result\\":2}\\n")
      (func (export "_start") (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 32)))))`);
    const driven = debug(plugin, 'run', 'null', { rules: [rule('r', 'rpc', { condition: 'dir == "out"' })] });
    const stop = await driven.stop();
    await driven.run.terminate();
    const call = endedCall(driven.run, await driven.run.ended);
    assert.equal(call.outcome.kind, 'terminated');
    assert.equal(ofKind(call.events(), 'rpc').length, 3, 'what one write holds is taken in to its end');
    assert.equal(at(driven, stop.seq), 'unknown-response');
    await replaysExactly(call, plugin);
  });
});
