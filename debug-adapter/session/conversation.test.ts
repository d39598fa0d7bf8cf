// Whole DAP conversations over stdio with the terminal's `dap` command, against the real engine and the prebuilt plugin, compared with
// golden files. Contracts S1, S5, S6, P2, P3.
import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { buildWat } from '../../test-plugins/wat/build.ts';
import { assertConversation, Conversation, GREET, type Stopped } from './conversation-driver.ts';

const wat = new Map((await buildWat()).map(({ name, wasm }) => [name, wasm]));
const odd = (name: string) => ({
  plugin: wat.get(name),
  method: 'run',
  clock: 'virtual',
  seed: '1',
  slice: 1_000_000_000,
});

const converse = (name: string, talk: (dap: Conversation) => Promise<void>): Promise<void> =>
  assertConversation(name, new Conversation(), talk);

describe('DAP over stdio', { timeout: 300_000 }, () => {
  it('S1, S5, S6: a call with stops on messages and syscalls, to its result', () =>
    converse('greet', async (dap) => {
      dap.showCapabilities = true;
      let stopped = dap.next<Stopped>('stopped');
      await dap.launch(GREET, async () => {
        await dap.ask('setExceptionBreakpoints', { filters: ['trap', 'protocol'] });
        await dap.ask('setFunctionBreakpoints', {
          breakpoints: [
            { name: 'rpc:get_user' },
            { name: 'rpc:log log: the plugin logs {params.level}' },
            { name: 'syscall:fd_seek' },
            { name: 'echo' },
          ],
        });
        await dap.ask('setBreakpoints', { source: { path: 'src/main.rs' }, breakpoints: [{ line: 3 }] });
      });
      assert.equal((await stopped).reason, 'function breakpoint');
      dap.note('stopped on the call of a host method');
      await dap.ask('threads');
      const { stackFrames, totalFrames }: DebugProtocol.StackTraceResponse['body'] = await dap.ask('stackTrace', {
        threadId: 1,
        startFrame: 0,
        levels: 1,
      });
      const top = stackFrames[0];
      assert.ok(top?.source?.sourceReference !== undefined);
      assert.ok((totalFrames ?? 0) > 3, 'the guest has frames of its own');
      const { content }: DebugProtocol.SourceResponse['body'] = await dap.ask('source', {
        sourceReference: top.source.sourceReference,
      });
      assert.match(content.split('\n')[top.line - 1] ?? '', /← #0 get_user \{"name":"Ada"\}$/);
      const { scopes }: DebugProtocol.ScopesResponse['body'] = await dap.ask('scopes', { frameId: top.id });
      for (const scope of scopes) await dap.ask('variables', { variablesReference: scope.variablesReference });
      await dap.ask('evaluate', { expression: 'params.name', context: 'watch' });
      await dap.ask('evaluate', { expression: 'params', context: 'repl' });
      await dap.ask('evaluate', { expression: 'nothing', context: 'watch' });

      dap.note('to the next syscall, the next event, the next message');
      for (const step of ['stepIn', 'next', 'stepOut', 'plugin/nextSyscall', 'plugin/nextMessage']) {
        stopped = dap.next<Stopped>('stopped');
        await dap.ask(step, { threadId: 1 });
        assert.equal((await stopped).reason, 'step');
        await dap.ask('stackTrace', { threadId: 1, startFrame: 0, levels: 1 });
      }
      await dap.ask('exceptionInfo', { threadId: 1 });

      dap.note('to the end');
      await dap.untilEnd(() => dap.ask('continue', { threadId: 1 }));
      await dap.ask('continue', { threadId: 1 });
      await dap.ask('scopes', { frameId: top.id });
      await dap.ask('source', { sourceReference: top.source.sourceReference });
    }));

  it('S5, P1: a trap stops with an explanation, and ends the call as a fault', () =>
    converse('trap', async (dap) => {
      const stopped = dap.next<Stopped>('stopped');
      await dap.launch(odd('end-trap'), () => dap.ask('setExceptionBreakpoints', { filters: ['trap', 'protocol'] }));
      assert.equal((await stopped).reason, 'exception');
      await dap.ask('exceptionInfo', { threadId: 1 });
      await dap.ask('stackTrace', { threadId: 1 });
      await dap.untilEnd(() => dap.ask('continue', { threadId: 1 }));
    }));

  it('P1: stray text stops as a protocol fault; a filter with a condition that does not hold does not stop', () =>
    converse('stray-text', async (dap) => {
      let stopped = dap.next<Stopped>('stopped');
      await dap.launch(odd('rpc-stray-text'), () =>
        dap.ask('setExceptionBreakpoints', {
          filters: ['protocol'],
          filterOptions: [
            { filterId: 'syscall', condition: 'errno == 99' },
            { filterId: 'rpc', condition: 'id ==' },
            { filterId: 'nil' },
          ],
        }),
      );
      assert.equal((await stopped).reason, 'exception');
      await dap.ask('exceptionInfo', { threadId: 1 });
      stopped = dap.next<Stopped>('stopped');
      await dap.ask('continue', { threadId: 1 });
      assert.equal((await stopped).reason, 'exception', 'the response that nobody reads');
      await dap.untilEnd(() => dap.ask('continue', { threadId: 1 }));
    }));

  it('E6: a call that hangs stops and says so; continue goes on waiting', () =>
    converse('hang', async (dap) => {
      const stopped = dap.next<Stopped>('stopped');
      await dap.launch(odd('endless-poll'));
      assert.equal((await stopped).reason, 'exception');
      await dap.ask('exceptionInfo', { threadId: 1 });
      await dap.go('continue');
      await dap.untilEnd(() => dap.ask('terminate'));
    }));

  it('E9: a limit stops with what it is and how to raise it', () =>
    converse('limit', async (dap) => {
      await dap.untilStop(() => dap.launch({ ...odd('endless-grow'), limits: { memory: 1024 * 1024 } }));
      await dap.ask('exceptionInfo', { threadId: 1 });
      await dap.untilEnd(() => dap.ask('terminate'));
    }));

  it('E3: what production refuses ends the session with the reason', () =>
    converse('refused', async (dap) => {
      await dap.untilEnd(() => dap.launch(odd('link-missing-import')));
    }));

  it('P2: numbers that no double can hold keep their digits: in the console, in variables, in conditions, in params', () =>
    converse('digits', async (dap) => {
      await dap.untilStop(() =>
        dap.launch({ ...odd('rpc-call-echo'), paramsText: '{"id": 18446744073709551615,\n "x": 1.0}' }, () =>
          dap.ask('setFunctionBreakpoints', {
            breakpoints: [{ name: 'rpc:echo', condition: 'params[0] == 18446744073709551615' }],
          }),
        ),
      );
      await dap.ask('evaluate', { expression: 'params[0]', context: 'repl' });
      await dap.ask('evaluate', { expression: 'params[0] - 1', context: 'repl' });
      await dap.ask('evaluate', { expression: 'params', context: 'watch' });
      const { scopes }: DebugProtocol.ScopesResponse['body'] = await dap.ask('scopes', { frameId: 1 });
      const { variables }: DebugProtocol.VariablesResponse['body'] = await dap.ask('variables', {
        variablesReference: scopes[0]?.variablesReference,
      });
      const params = variables.find(({ name }) => name === 'params');
      await dap.ask('variables', { variablesReference: params?.variablesReference });
      await dap.ask('plugin/events', { from: 0, to: 1 });
      await dap.untilEnd(() => dap.ask('continue', { threadId: 1 }));
    }));

  it('every wrong field of a launch is named, and a launch can be tried again', () =>
    converse('launch-refused', async (dap) => {
      const initialized = dap.next('initialized');
      await dap.ask('initialize', { adapterID: 'wasmi-plugin' });
      await initialized;
      await dap.ask('launch', {
        plugin: 7,
        clock: 'sundial',
        slice: 0,
        limits: { depth: 1, fuel: -1 },
        env: ['A=1'],
        trace: ['all'],
        seed: 0.5,
      });
      await dap.ask('launch', { plugin: 'there-is-none.wasm', method: 'm' });
      await dap.ask('launch', { plugin: 'test-plugins/hello/hello.wasm', method: 'm', mocks: 'package.json5' });
      await dap.ask('launch', { plugin: 'test-plugins/hello/hello.wasm', method: 'm', mocks: 'LICENSE' });
      await dap.ask('launch', { plugin: 'test-plugins/hello/hello.wasm', method: 'm', params: { id: 2 ** 53 } });
      await dap.ask('continue', { threadId: 1 });
      await dap.ask('nonsense');
      const stopped = dap.next<Stopped>('stopped');
      await dap.ask('launch', { ...GREET, stopOnEntry: true });
      await dap.ask('configurationDone');
      assert.equal((await stopped).reason, 'entry');
      await dap.ask('stackTrace', { threadId: 1 });
    }));

  it('E2: pause and terminate work in loop {}', async () => {
    const dap = new Conversation();
    try {
      await dap.launch(odd('endless-loop'));
      assert.equal((await dap.untilStop(() => dap.ask('pause', { threadId: 1 }))).reason, 'pause');
      const terminated = dap.next('terminated');
      await dap.ask('continue', { threadId: 1 });
      await dap.ask('terminate');
      await terminated;
      assert.match(dap.text, /run was ended by the debugger/);
      assert.match(dap.text, /⚡ exited \{"exitCode":4\}/);
      assert.equal(await dap.disconnect(), 0);
    } finally {
      dap.kill();
    }
  });

  it('restart runs the same call again in the same session, whether it is stopped or running', async () => {
    const dap = new Conversation();
    try {
      let stopped = dap.next<Stopped>('stopped');
      await dap.launch(GREET, () => dap.ask('setFunctionBreakpoints', { breakpoints: [{ name: 'rpc:get_user' }] }));
      await stopped;
      for (let i = 0; i < 2; i++) {
        stopped = dap.next<Stopped>('stopped');
        await dap.ask('restart');
        assert.deepEqual((await stopped).hitBreakpointIds, [1]);
      }
      stopped = dap.next<Stopped>('stopped');
      await dap.ask('restart', { arguments: { ...odd('endless-loop'), stopOnEntry: true } });
      assert.equal((await stopped).reason, 'entry');
      await dap.ask('continue', { threadId: 1 });
      await dap.untilEnd(() => dap.ask('restart', { arguments: { ...GREET, noDebug: true } }));
      assert.equal(
        dap.events.filter(({ event }) => event === 'terminated').length,
        1,
        'only the last call ends the session',
      );
      assert.match(dap.text, /✓ greet returned/);
      assert.equal(await dap.disconnect(), 0);
    } finally {
      dap.kill();
    }
  });

  it('P3: custom events carry ranges that follow one another; bodies are asked for', async () => {
    const dap = new Conversation();
    try {
      await dap.untilEnd(() => dap.launch(GREET));
      const ranges = dap.events
        .filter(({ event }) => event === 'plugin/eventsAppended')
        .map(({ body }) => body as { from: number; to: number });
      let end = 0;
      for (const { from, to } of ranges) {
        assert.equal(from, end);
        assert.ok(to > from);
        end = to;
      }
      const all: {
        events: { seq: number; kind: string; answeredBy?: { file: string } }[];
        to: number;
        length: number;
      } = await dap.ask('plugin/events');
      assert.equal(all.length, end);
      assert.equal(all.to, end);
      assert.deepEqual(
        all.events.map(({ seq }) => seq),
        Array.from({ length: end }, (_, seq) => seq),
      );
      assert.equal(all.events.at(-1)?.kind, 'exit');
      const answered = all.events.filter((event) => 'answeredBy' in event);
      assert.deepEqual(
        answered.map(({ answeredBy }) => ({ ...answeredBy, file: path.basename(answeredBy?.file ?? '') })),
        [
          { by: 'mock', file: 'hello.mocks.json', method: 'get_user', line: 2 },
          { by: 'mock', file: 'hello.mocks.json', method: 'log', line: 3 },
        ],
      );
      const some: typeof all = await dap.ask('plugin/events', { from: 3, to: 5 });
      assert.deepEqual(
        some.events.map(({ seq }) => seq),
        [3, 4],
      );
      const fuel: { consumed: number } = await dap.ask('plugin/fuel');
      const told = dap.events.findLast(({ event }) => event === 'plugin/fuel')?.body as { consumed: number };
      assert.ok(fuel.consumed > 0);
      assert.equal(told.consumed, fuel.consumed);
    } finally {
      dap.kill();
    }
  });

  it('a client that goes away without a word ends the call and the process', async () => {
    const dap = new Conversation();
    await dap.launch(odd('endless-loop'));
    dap.client.child.stdin.end();
    assert.equal(await dap.client.exited, 0);
  });
});
