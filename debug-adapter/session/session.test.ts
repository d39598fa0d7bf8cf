// The session inline, as VS Code uses it, over runs that are steered by hand: what the client is told and when, and that nothing holds up
// the thread it runs on. Contracts S1, S5, S6, E2, P3.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DebugProtocol } from '@vscode/debugprotocol';
import fc from 'fast-check';
import { watchTimers } from '../testing/lateness.ts';
import { delay } from '../transcript/turns.ts';
import { Inline } from './inline-client.ts';

describe('session, inline', () => {
  it('S1: what each step asks of the run', async () => {
    const dap = new Inline();
    await dap.launch();
    const steps = [
      'continue',
      'next',
      'stepIn',
      'stepOut',
      'plugin/nextMessage',
      'plugin/nextSyscall',
      'plugin/nextYield',
    ];
    for (const step of steps) {
      await dap.halt();
      await dap.ask(step, { threadId: 1 });
      await assert.rejects(dap.ask(step, { threadId: 1 }), /^Error: The call is running: pause it first\.$/);
    }
    assert.deepEqual(
      dap.engine.run.resumed.map(({ until }) => until),
      [undefined, 'event', 'syscall', 'rpc', 'rpc', 'syscall', 'yield'],
    );
    assert.equal(dap.of('continued').length, 3, 'only for requests that no client knows');
    await dap.ask('pause', { threadId: 1 });
    assert.equal(dap.engine.run.pauses, 1);
  });

  it('what was printed before a stop comes before it, log messages included', async () => {
    const dap = new Inline();
    await dap.launch();
    const { run } = dap.engine;
    run.filler.request('in', 0, 'run').stderr('hello');
    run.log('a log point');
    await dap.halt();
    const order = dap.events.map(({ event }) => event).filter((event) => event === 'output' || event === 'stopped');
    assert.deepEqual(order, ['output', 'output', 'output', 'stopped']);
    assert.deepEqual(dap.output().slice(1), ['hello', 'a log point']);
  });

  it('a message in the console opens as JSON, digits intact, without being looked into before (P2, E2)', async () => {
    const dap = new Inline();
    await dap.launch();
    dap.engine.run.filler.request('in', 0, 'run', '{"id":18446744073709551615}');
    await dap.halt();
    const [entry] = dap.of<DebugProtocol.OutputEvent['body']>('output');
    const list = async (reference: number | undefined) => {
      const body: DebugProtocol.VariablesResponse['body'] = await dap.ask('variables', {
        variablesReference: reference,
      });
      return body.variables;
    };
    const [row, ...others] = await list(entry?.variablesReference);
    assert.deepEqual(others, [], 'one row, which editors show in place of the text');
    const members = await list(row?.variablesReference);
    const params = members.find(({ name }) => name === 'params');
    await dap.ask('continue', { threadId: 1 });
    assert.equal(
      (await list(params?.variablesReference))[0]?.value,
      '18446744073709551615',
      'also when the call runs on',
    );
  });

  it('S6: the arrow follows the events, through the parts of a long transcript', async () => {
    const dap = new Inline();
    await dap.launch();
    await dap.halt({ seq: -1, reason: 'entry' });
    assert.equal((await dap.top()).stackFrames[0]?.line, 2);
    const { filler } = dap.engine.run;
    for (let i = 0; i < 5000; i++) filler.stderr(`line ${i}`);
    await dap.halt();
    const frame = (await dap.top()).stackFrames[0];
    assert.equal(frame?.source?.name, 'run — calls 3.transcript');
    const { content }: DebugProtocol.SourceResponse['body'] = await dap.ask('source', {
      sourceReference: frame?.source?.sourceReference,
    });
    assert.match(content.split('\n')[(frame?.line ?? 0) - 1] ?? '', /stderr \| line 4999$/);
    const { sources }: DebugProtocol.LoadedSourcesResponse['body'] = await dap.ask('loadedSources');
    assert.deepEqual(
      sources.map(({ sourceReference }) => sourceReference),
      [1000, 1001, 1002],
    );
    await assert.rejects(dap.ask('source', { sourceReference: 1003 }), /no transcript with the number 1003/);
  });

  it('S6: a client that shows the transcript loads the new lines before it is told of the stop', async () => {
    const dap = new Inline();
    await dap.launch();
    const { filler } = dap.engine.run;
    filler.stderr('one');
    await dap.halt();
    await dap.ask('source', { sourceReference: 1000 });
    await dap.ask('continue', { threadId: 1 });
    filler.stderr('two');
    const changed = dap.next<DebugProtocol.LoadedSourceEvent['body']>('loadedSource');
    const stopped = dap.next('stopped').then(() => 'stopped');
    dap.engine.run.halt();
    assert.equal((await changed).reason, 'changed');
    assert.equal(await Promise.race([stopped, delay(30).then(() => 'waiting')]), 'waiting');
    const { content }: DebugProtocol.SourceResponse['body'] = await dap.ask('source', { sourceReference: 1000 });
    assert.match(content, /two\n$/);
    await stopped;
    // one that does not follow is waited for twice, and never again
    const waits: number[] = [];
    for (let i = 0; i < 10; i++) {
      await dap.ask('continue', { threadId: 1 });
      filler.stderr('more');
      const before = performance.now();
      await dap.halt();
      waits.push(performance.now() - before);
    }
    assert.ok(Math.min(...waits.slice(0, 2)) > 100 && Math.min(...waits.slice(2)) < 100, `${waits}`);
  });

  it('frames: the transcript, then the guest’s, in pages', async () => {
    const dap = new Inline();
    await dap.launch();
    const frames = ['app::main', 'core::ops::function::FnOnce::call_once', '<tokio::runtime::Runtime>::run'].map(
      (name, func) => ({ func, offset: 0x100 + func, name }),
    );
    await dap.halt({ frames });
    const page: DebugProtocol.StackTraceResponse['body'] = await dap.ask('stackTrace', {
      threadId: 1,
      startFrame: 1,
      levels: 2,
    });
    assert.equal(page.totalFrames, 4);
    assert.deepEqual(
      page.stackFrames.map(({ id, name, instructionPointerReference, presentationHint }) => [
        id,
        name,
        instructionPointerReference,
        presentationHint,
      ]),
      [
        [2, 'app::main', '0x100', undefined],
        [3, 'core::ops::function::FnOnce::call_once', '0x101', 'subtle'],
      ],
    );
    const { scopes }: DebugProtocol.ScopesResponse['body'] = await dap.ask('scopes', { frameId: 2 });
    assert.deepEqual(
      scopes.map(({ name }) => name),
      ['Wasm locals', 'Operand stack', 'Wasm globals', 'Frame'],
    );
    await assert.rejects(dap.ask('scopes', { frameId: 99 }), /no stack frame 99/);
  });

  it('the Fuel scope counts from the stop before', async () => {
    const dap = new Inline();
    await dap.launch();
    const fuelRows = async () => {
      const { scopes }: DebugProtocol.ScopesResponse['body'] = await dap.ask('scopes', { frameId: 1 });
      const fuel = scopes.find(({ name }) => name === 'Fuel');
      const { variables }: DebugProtocol.VariablesResponse['body'] = await dap.ask('variables', {
        variablesReference: fuel?.variablesReference,
      });
      return Object.fromEntries(variables.map(({ name, value }) => [name, value]));
    };
    const fuel = (consumed: number) => ({ fuel: { consumed, slice: 100_000, left: 7, yields: 2, exact: false } });
    await dap.halt(fuel(1000));
    assert.equal((await fuelRows())['since the last stop'], 'this is the first stop');
    await dap.ask('next', { threadId: 1 });
    await dap.halt(fuel(4500));
    assert.deepEqual(await fuelRows(), {
      consumed: '≈4 500',
      'left in the slice': '≈7 of 100 000',
      yields: '2',
      'since the last stop': '≈3 500',
      'instructions passed': '0',
    });
  });

  it('memory and globals', async () => {
    const dap = new Inline();
    await dap.launch();
    const { run } = dap.engine;
    run.memory.set(new TextEncoder().encode('Hello, memory'), 64);
    run.globalValues = [
      { index: 0, name: '__stack_pointer', type: 'i32', mutable: true, value: '64' },
      { index: 1, name: '', type: 'i64', mutable: false, value: '18446744073709551615' },
    ];
    await dap.halt();
    const evaluate = async (expression: string, context = 'repl') => {
      const body: DebugProtocol.EvaluateResponse['body'] = await dap.ask('evaluate', { expression, context });
      return body;
    };
    assert.equal((await evaluate('memory[64, 13]')).result, '"Hello, memory"');
    assert.equal((await evaluate('memory[$__stack_pointer + 7, 6]')).memoryReference, '0x47');
    assert.equal((await evaluate('global[1]')).result, '18446744073709551615');
    assert.equal((await evaluate('$__stack_pointer', 'hover')).result, '64');
    await assert.rejects(evaluate('memory[70000, 4]'), /lies past the end of memory, which has 65 536 bytes/);
    await assert.rejects(evaluate('memory["a"]'), /The address in .* must be a whole number/);
    await assert.rejects(evaluate('memory[0'), /Error/);
    await assert.rejects(evaluate('1 +'), /a value is expected at column 4/);
    const read: NonNullable<DebugProtocol.ReadMemoryResponse['body']> = await dap.ask('readMemory', {
      memoryReference: '0x40',
      offset: 7,
      count: 6,
    });
    assert.equal(Buffer.from(read.data ?? '', 'base64').toString(), 'memory');
    const end: NonNullable<DebugProtocol.ReadMemoryResponse['body']> = await dap.ask('readMemory', {
      memoryReference: '65530',
      count: 100,
    });
    assert.deepEqual([end.unreadableBytes, end.address], [94, '0xfffa']);
    await assert.rejects(dap.ask('readMemory', { memoryReference: 'x', count: 1 }), /'x' is no address/);
  });

  it('rules go to the run as they change; a breakpoint that stays keeps its number', async () => {
    const dap = new Inline();
    await dap.launch();
    const set = async (...names: string[]) => {
      const body: DebugProtocol.SetFunctionBreakpointsResponse['body'] = await dap.ask('setFunctionBreakpoints', {
        breakpoints: names.map((name) => ({ name })),
      });
      return body.breakpoints.map(({ id }) => id);
    };
    await dap.ask('setExceptionBreakpoints', {
      filters: ['rpc'],
      filterOptions: [{ filterId: 'syscall', condition: 'errno != 0' }],
    });
    assert.deepEqual(await set('rpc:a', 'rpc:b'), [1, 2]);
    assert.deepEqual(await set('rpc:b', 'rpc:c', 'rpc:b'), [2, 3, 4]);
    assert.deepEqual(
      dap.engine.run.rules.map(({ id }) => id),
      ['filter:rpc', 'filter:syscall', 'function:2', 'function:3', 'function:4'],
    );
    assert.deepEqual((await dap.halt({ rules: ['filter:rpc', 'function:3'] })).hitBreakpointIds, [3]);
    await dap.ask('continue');
    assert.equal((await dap.halt({ rules: ['filter:rpc'] })).reason, 'breakpoint');
  });

  it('progress is told to clients that show it, of loads that take long', async () => {
    const quick = new Inline();
    await quick.launch({}, { supportsProgressReporting: true });
    quick.engine.run.progress('Compiling', 0.5);
    await quick.halt();
    const slow = new Inline();
    const started = slow.next<DebugProtocol.ProgressStartEvent['body']>('progressStart');
    await slow.launch({}, { supportsProgressReporting: true });
    slow.engine.run.progress('Compiling', 0.5);
    const { progressId, title, percentage } = await started;
    assert.deepEqual([title, percentage], ['Loading p.wasm', 50]);
    slow.engine.run.progress('Starting', 0.9);
    await slow.halt();
    assert.deepEqual(slow.of('progressUpdate'), [{ progressId, message: 'Starting', percentage: 90 }]);
    assert.deepEqual(slow.of('progressEnd'), [{ progressId }]);
    assert.equal(quick.of('progressStart').length, 0);
  });

  it('S5: the result is printed before the session ends; a recording that failed is told', async () => {
    const dap = new Inline();
    dap.engine.recorded = Promise.resolve("The recording r.jsonl can't be written: the disk is full.");
    await dap.launch({ record: 'r.jsonl' });
    const terminated = dap.next('terminated');
    dap.engine.run.finish({ result: '18446744073709551615' });
    await terminated;
    const order = dap.events.map(({ event }) => event).filter((event) => /output|exited|terminated/.test(event));
    assert.deepEqual(order, ['output', 'output', 'output', 'exited', 'terminated']);
    assert.deepEqual(dap.output().slice(-3), [
      '✓ run returned 18446744073709551615',
      '≈0 fuel, 0 yields, 0 messages, 0 syscalls, 1 ms',
      "The recording r.jsonl can't be written: the disk is full.",
    ]);
  });

  it('P3: views read the run of the session; dispose ends the call', async () => {
    const dap = new Inline();
    assert.equal(dap.session.run, undefined);
    await dap.launch();
    assert.equal(dap.session.view?.store, dap.engine.run.store);
    dap.session.dispose();
    await dap.engine.run.ended;
    await delay(0);
    assert.equal(dap.of('terminated').length, 0, 'nobody is there to be told');
  });

  it('restart reads the plugin anew and starts another run; nothing of the first is told any more', async () => {
    const dap = new Inline();
    await dap.launch();
    const first = dap.engine.run;
    await dap.ask('restart');
    assert.equal(dap.engine.runs.length, 2);
    first.filler.stderr('late').flush();
    await dap.halt();
    assert.deepEqual(dap.of('terminated'), []);
    assert.deepEqual(dap.output(), []);
    await assert.rejects(
      dap.ask('restart', { arguments: { plugin: 'gone.wasm', method: 'run' } }),
      /can't be read: there is no such file/,
    );
    assert.equal(dap.session.run, dap.engine.run, 'the call that there is goes on');
  });

  it('E2: a flood of events and a message of 10 MB never hold up the thread', { timeout: 300_000 }, async () => {
    const dap = new Inline();
    await dap.launch();
    const { filler } = dap.engine.run;
    let worst = 0;
    const watching = async (work: () => Promise<void>): Promise<void> => {
      const watch = watchTimers();
      await work();
      worst = Math.max(worst, watch.stop().worstOwn);
    };
    for (let i = 0; i < 20; i++) {
      for (let j = 0; j < 5000; j++) filler.request('out', j, 'echo', '{"message":"hello"}');
      filler.flush();
      // filling is the test's own work, and not watched
      await watching(() => delay(1));
    }
    filler.request('out', 1, 'big', JSON.stringify('x'.repeat(10_000_000))).flush();
    await watching(async () => {
      await dap.halt();
      const { source, line } = (await dap.top()).stackFrames[0] ?? {};
      assert.equal(source?.name, 'run — calls 51.transcript');
      assert.equal(line, 3);
      await dap.ask('source', { sourceReference: source?.sourceReference });
      const { scopes }: DebugProtocol.ScopesResponse['body'] = await dap.ask('scopes', { frameId: 1 });
      await dap.ask('variables', { variablesReference: scopes[0]?.variablesReference });
    });
    assert.ok(dap.of('output').length < 2000, 'the console shows a bounded number of lines');
    // A check of shape, not of speed: reading 100 000 events in a row takes several times as long.
    assert.ok(worst < 400, `${worst} ms`);
  });

  it('E4: any arguments to any request get one answer, and a refusal is a sentence', async () => {
    const muted = console.error;
    console.error = () => {};
    try {
      const dap = new Inline();
      await dap.launch();
      dap.engine.run.filler.request('in', 0, 'run', '[1]').syscall('random_get', [0, 4]);
      await dap.halt();
      const commands = [
        ...[
          'launch',
          'configurationDone',
          'setBreakpoints',
          'setFunctionBreakpoints',
          'setExceptionBreakpoints',
          'threads',
        ],
        ...['stackTrace', 'scopes', 'variables', 'evaluate', 'source', 'loadedSources', 'readMemory', 'exceptionInfo'],
        ...['plugin/events', 'plugin/fuel', 'setVariable', 'attach', 'constructor', '__proto__'],
      ];
      const fields = fc.constantFrom(
        ...[
          'breakpoints',
          'filters',
          'filterOptions',
          'frameId',
          'variablesReference',
          'start',
          'count',
          'filter',
          'expression',
        ],
        ...[
          'context',
          'source',
          'sourceReference',
          'memoryReference',
          'offset',
          'startFrame',
          'levels',
          'from',
          'to',
          'plugin',
        ],
      );
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...commands), fc.dictionary(fields, fc.anything()), async (command, args) => {
          await dap.ask(command, args).catch((error: Error) => assert.match(error.message, /[.)]$/));
        }),
        { numRuns: 1000 },
      );
    } finally {
      console.error = muted;
    }
  });
});
