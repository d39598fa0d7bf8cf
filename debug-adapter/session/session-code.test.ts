// The session inline, where the call stands in the plugin's code, over runs that are steered by hand: the order of frames, what steps ask of
// the run, what can be set, and what a client is told of it. Contracts S1, S6.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { Inline } from './inline-client.ts';

const LIBRARY = { func: 0, offset: 0x20, name: 'core::fmt::write' };
const OWN = { func: 1, offset: 0x80, name: 'app::main' };
const IN_CODE = { reason: 'breakpoint', rules: ['function:1'], inCode: true, frames: [LIBRARY, OWN], moment: 1234 };

const local = (index: number, name: string, type: string, value: string) => ({
  index,
  name,
  type,
  value,
  available: true,
});

async function stopped(capabilities: object = {}): Promise<Inline> {
  const dap = new Inline();
  await dap.launch({}, capabilities);
  const { run } = dap.engine;
  run.filler.stderr('before');
  run.values = {
    locals: [
      local(0, 'p', 'i32', '2048'),
      local(1, '', 'i32', '-1'),
      local(2, 'p', 'i64', '7'),
      { index: 3, name: '', type: 'v128', value: 'too many locals', available: false },
    ],
    operands: [local(0, '', 'f64', '0.5')],
    frameBase: { address: 4096 },
  };
  run.code = [
    {
      ...{ offset: 0x20, length: 1, bytes: '01', text: 'nop', depth: 0 },
      definedFunction: 0,
      symbol: 'func',
      valid: true,
    },
  ];
  await dap.halt(IN_CODE);
  return dap;
}

type Variables = DebugProtocol.VariablesResponse['body'];

async function scopesOf(dap: Inline, frameId: number): Promise<Map<string, number>> {
  const { scopes }: DebugProtocol.ScopesResponse['body'] = await dap.ask('scopes', { frameId });
  return new Map(scopes.map(({ name, variablesReference }) => [name, variablesReference]));
}

describe('session, in the code', () => {
  it('S6: the guest’s frame is on top and never subtle, with its function’s text; the transcript is the last', async () => {
    const dap = await stopped();
    const { stackFrames }: DebugProtocol.StackTraceResponse['body'] = await dap.ask('stackTrace', { threadId: 1 });
    assert.deepEqual(
      stackFrames.map(({ id, name, line, presentationHint }) => [id, name, line, presentationHint]),
      [
        [2, 'core::fmt::write', 3, undefined],
        [3, 'app::main', 3, undefined],
        [1, 'stderr | before', 3, undefined],
      ],
    );
    assert.equal(stackFrames[0]?.source?.origin, 'code of the plugin');
    const page: DebugProtocol.StackTraceResponse['body'] = await dap.ask('stackTrace', {
      threadId: 1,
      startFrame: 2,
      levels: 5,
    });
    assert.deepEqual([page.stackFrames.map(({ id }) => id), page.totalFrames], [[1], 3]);
    // at an event the other way round, and library frames in the background
    await dap.halt({ ...IN_CODE, inCode: false, reason: 'event' });
    const event: DebugProtocol.StackTraceResponse['body'] = await dap.ask('stackTrace', { threadId: 1 });
    assert.deepEqual(
      event.stackFrames.map(({ id, presentationHint }) => [id, presentationHint]),
      [
        [1, undefined],
        [2, 'subtle'],
        [3, undefined],
      ],
    );
  });

  it('S1: steps go by instruction in the code, and from an event where the Disassembly view asks', async () => {
    const dap = await stopped();
    const { run } = dap.engine;
    const again = (stop: object): Promise<object> => dap.halt({ ...IN_CODE, ...stop });
    for (const [request, args, stop] of [
      ['next', {}, {}],
      ['stepIn', { granularity: 'statement' }, {}],
      ['stepOut', { granularity: 'instruction' }, {}],
      ['continue', {}, {}],
      ['plugin/nextMessage', {}, {}],
      ['next', { granularity: 'instruction' }, { inCode: false }],
      ['next', { granularity: 'line' }, { inCode: false }],
      ['plugin/runToMoment', { moment: 5000 }, {}],
    ] as const) {
      await again(stop);
      await dap.ask(request, { threadId: 1, ...args });
    }
    assert.deepEqual(run.resumed, [
      { until: undefined, step: 'over' },
      { until: undefined, step: 'into' },
      { until: undefined, step: 'out' },
      { until: undefined },
      { until: 'rpc' },
      { until: undefined, step: 'over' },
      { until: 'event' },
      { until: undefined, moment: 5000 },
    ]);
    assert.equal(dap.of('continued').length, 2);
    await again({});
    await assert.rejects(dap.ask('plugin/runToMoment', { moment: 1234 }), /has passed 1 234 instructions already/);
    await assert.rejects(dap.ask('plugin/runToMoment', {}), /must be a number of instructions/);
  });

  it('what the stops are called', async () => {
    const dap = await stopped();
    const told: (string | number[] | undefined)[] = [];
    for (const stop of [
      { rules: ['instruction:3'] },
      { rules: ['line:4', 'instruction:3'] },
      { rules: ['filter:rpc', 'function:9', 'line:4'] },
      { reason: 'data', rules: ['data:5'] },
      { reason: 'moment', rules: [] },
      { reason: 'step', rules: [] },
    ]) {
      const body = await dap.halt({ ...IN_CODE, ...stop });
      told.push(body.reason, body.hitBreakpointIds);
    }
    assert.deepEqual(told, [
      ...['instruction breakpoint', [3], 'breakpoint', [4, 3], 'function breakpoint', [9, 4]],
      ...['data breakpoint', [5], 'goto', undefined, 'step', undefined],
    ]);
    const fuel = dap.of<{ moment?: number }>('plugin/fuel').at(-1);
    assert.equal(fuel?.moment, 1234);
  });

  it('locals by names that expressions know, in hex where asked; only what can be set looks so', async () => {
    const dap = await stopped();
    const scopes = await scopesOf(dap, 2);
    assert.deepEqual([...scopes.keys()], ['Wasm locals', 'Operand stack', 'Wasm globals', 'Frame', 'Message', 'Fuel']);
    const list = async (name: string, format = {}) => {
      const { variables }: Variables = await dap.ask('variables', { variablesReference: scopes.get(name), format });
      return variables;
    };
    assert.deepEqual(
      (await list('Wasm locals')).map(({ name, value, evaluateName, memoryReference, presentationHint }) => [
        name,
        value,
        evaluateName,
        memoryReference,
        presentationHint?.attributes,
      ]),
      [
        ['$p', '2048', '$p', '0x800', undefined],
        ['$1', '-1', '$1', undefined, undefined],
        ['$2 p', '7', '$2', undefined, undefined],
        ['$3', 'not available: too many locals', '$3', undefined, ['readOnly']],
      ],
    );
    assert.deepEqual((await list('Wasm locals', { hex: true })).map(({ value }) => value).slice(0, 3), [
      '0x00000800',
      '0xffffffff',
      '0x0000000000000007',
    ]);
    assert.deepEqual(
      (await list('Operand stack')).map(({ name, value }) => [name, value]),
      [['stack[0]', '0.5']],
    );
    assert.equal((await list('Frame')).find(({ name }) => name === 'frame base')?.memoryReference, '0x1000');
    const below = await scopesOf(dap, 3);
    const { variables }: Variables = await dap.ask('variables', { variablesReference: below.get('Wasm locals') });
    assert.deepEqual(
      variables.map(({ name, value }) => [name, value]),
      [['not available', 'locals are not seen here']],
    );
  });

  it('what is set goes to the run with its frame; clients that show memory are told', async () => {
    const dap = await stopped({ supportsMemoryEvent: true });
    const { run } = dap.engine;
    const locals = (await scopesOf(dap, 2)).get('Wasm locals');
    await dap.ask('setVariable', { variablesReference: locals, name: '$2 p', value: '$p + 1' });
    await dap.ask('setExpression', { expression: 'i32[16]', value: '5', frameId: 3 });
    assert.deepEqual(run.assigned, [
      ['$2', '$p + 1', 0],
      ['i32[16]', '5', 1],
    ]);
    await dap.ask('writeMemory', { memoryReference: '0x20', offset: -4, data: 'AQID' });
    assert.deepEqual([...run.memory.subarray(28, 32)], [1, 2, 3, 0]);
    assert.deepEqual(dap.of('memory'), [
      { memoryReference: '0x10', offset: 0, count: 4 },
      { memoryReference: '0x1c', offset: 0, count: 3 },
    ]);
    const refused: [string, object, RegExp][] = [
      ['setVariable', { variablesReference: locals, name: '$9', value: '1' }, /^Error: There is no '\$9' here\.$/],
      ['setVariable', { variablesReference: locals, name: '$3', value: '1' }, /can't be set/],
      ['setExpression', { expression: '$0', value: '1', frameId: 77 }, /no stack frame 77/],
      ['writeMemory', { memoryReference: '0x20', data: '?' }, /no base64/],
      ['writeMemory', { memoryReference: 'here', data: 'AQ==' }, /name no address/],
      ['disassemble', { memoryReference: '', instructionCount: 1 }, /no place in the plugin's code/],
      ['disassemble', { memoryReference: '0x20', instructionCount: -1 }, /must be whole numbers/],
      ['dataBreakpointInfo', { name: 'i32[16]', bytes: 0 }, /at least one/],
    ];
    for (const [request, args, sentence] of refused) await assert.rejects(dap.ask(request, args), sentence, request);
  });

  it('what can be watched', async () => {
    const dap = await stopped();
    const locals = (await scopesOf(dap, 2)).get('Wasm locals');
    const watched = async (args: object): Promise<string | null> =>
      ((await dap.ask('dataBreakpointInfo', args)) as { dataId: string | null }).dataId;
    assert.match((await watched({ variablesReference: locals, name: '$p' })) ?? '', /^local \d of function \d+$/);
    assert.equal(await watched({ variablesReference: locals, name: '$p', bytes: 16 }), '0x800+16');
    assert.match((await watched({ variablesReference: locals, name: '$1' })) ?? '', /^local 1 of function \d+$/);
    assert.equal(await watched({ name: 'global[1]' }), 'global 1');
    assert.equal(await watched({ name: 'i64[8]' }), '0x8+8');
    assert.equal(await watched({ name: 'u16[8, 4]' }), '0x8+8');
    assert.equal(await watched({ name: 'memory[8, 3]' }), '0x8+3');
    assert.equal(await watched({ name: '1 + 1' }), null);
    assert.equal(await watched({ name: '4096', asAddress: true }), '0x1000+4');
    assert.equal(await watched({ name: 'x', asAddress: true }), null);
  });
});
