// Traps over DAP where there is no debug information, in functions that set things up, in recordings that are replayed, and behind edits that
// were done while the call stood. The real engine, inline. Contracts P1, S6, R1, R3.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { HeldWitnesses } from '../testing/held-witness.ts';
import { needs, pluginFile } from '../testing/run-call.ts';
import { lineWith } from '../testing/source-session.ts';
import { ExceptionClient, sentenceOf } from './exception-client.ts';
import { Inline } from './inline-client.ts';
import type { HeldRecording } from './session.ts';

/** Plugins of test-plugins/wat by what follows `trap-`; what `guilty` was given is 8. */
const TRAPS: readonly (readonly [name: string, kind: string, sentence: string, operands: readonly string[]])[] = [
  [
    'memory-load',
    'out of bounds memory access',
    'Out of bounds memory access: a load of 4 bytes at address 65533 (8 and an offset of 65525) of a memory of 65536 bytes, in guilty.',
    ['stack[0] = 8'],
  ],
  [
    'memory-fill',
    'out of bounds memory access',
    'Out of bounds memory access: a fill of 9 bytes from address 65528 on, of a memory of 65536 bytes, in guilty.',
    ['stack[0] = 9', 'stack[1] = 255', 'stack[2] = 65528'],
  ],
  [
    'memory-init',
    'out of bounds memory access',
    'Out of bounds memory access: a copy of 8 bytes from byte 1 on, of data segment 1, which has 8, in guilty.',
    ['stack[0] = 8', 'stack[1] = 1', 'stack[2] = 1024'],
  ],
  [
    'divide-by-zero',
    'integer divide by zero',
    'Integer divide by zero: -7 / 0, in guilty.',
    ['stack[0] = 0', 'stack[1] = -7'],
  ],
  [
    'overflow',
    'integer overflow',
    'Integer overflow: -9223372036854775808 / -1 does not fit an i64, in guilty.',
    ['stack[0] = -1', 'stack[1] = -9223372036854775808'],
  ],
  [
    'conversion-nan',
    'invalid conversion to integer',
    'Invalid conversion to integer: NaN is no i32, in guilty.',
    ['stack[0] = NaN'],
  ],
  [
    'conversion-large',
    'integer overflow',
    'Integer overflow: 8000000000 does not fit an unsigned i32, in guilty.',
    ['stack[0] = 8000000000'],
  ],
  [
    'table-index',
    'out of bounds table access',
    'Out of bounds table access: a call of index 8 of a table of 8 elements, in guilty.',
    ['stack[0] = 8'],
  ],
  [
    'table-null',
    'uninitialized element',
    'Uninitialized element: a call of index 2 of the table, which is null, in guilty.',
    ['stack[0] = 2'],
  ],
  [
    'table-type',
    'indirect call type mismatch',
    'Indirect call type mismatch: index 3 of the table is `other`, a function (i32, i64) -> f32, and is called as (i32) -> i32, in guilty.',
    ['stack[0] = 3', 'stack[1] = 1'],
  ],
  [
    'table-get',
    'out of bounds table access',
    'Out of bounds table access: index 8 of a table of 8 elements, in guilty.',
    ['stack[0] = 8'],
  ],
];

/** The frame of a function. */
async function frameOf(dap: ExceptionClient, name: string): Promise<DebugProtocol.StackFrame> {
  return (await dap.frames()).find((frame) => frame.name === name) ?? assert.fail(`no frame of ${name}`);
}

/** What the call of a client has recorded so far, to be replayed. */
function recordingOf(dap: ExceptionClient): HeldRecording {
  const view = dap.session.view ?? assert.fail('there is no call');
  const header = view.header ?? assert.fail('the call has no header');
  return { header, records: view.store.records(), module: view.module() };
}

/** A replay of what another client's call has recorded, at its first stop. */
async function replayed(
  test: ConstructorParameters<typeof ExceptionClient>[0],
  recording: HeldRecording,
): Promise<ExceptionClient> {
  const again = new ExceptionClient(test, { 'call:1': recording });
  assert.equal(await again.launch({ recording: 'call:1' }), 'exception');
  return again;
}

describe('traps of a module without debug information', { timeout: 300_000 }, () => {
  for (const [name, kind, sentence, operands] of TRAPS)
    it(`P1, S6: ${name}: ${sentence}`, async (test) => {
      const dap = await ExceptionClient.at(test, `trap-${name}`, 'run');
      const info = await dap.info();
      assert.deepEqual([info.exceptionId, sentenceOf(info)], [kind, sentence]);
      assert.equal(info.details?.stackTrace, '    at guilty\n    at _start');
      const guilty = await frameOf(dap, 'guilty');
      assert.equal((await dap.scope(guilty, 'Wasm locals'))[0]?.replace(/^\$\w+( \w+)?/, ''), ' = 8');
      assert.deepEqual(await dap.scope(guilty, 'Operand stack'), operands);
    });

  it('P1: traps in a function that sets things up, before anything has happened', async (test) => {
    const dap = await ExceptionClient.at(test, 'trap-start-up', 'run');
    assert.equal(sentenceOf(await dap.info()), 'Integer divide by zero: 7 % 0, in set_up.');
    assert.deepEqual(await dap.scope(await frameOf(dap, 'set_up'), 'Operand stack'), ['stack[0] = 0', 'stack[1] = 7']);
    // and its replay
    assert.equal(await dap.on(), 'ended');
    const again = await replayed(test, recordingOf(dap));
    assert.equal(sentenceOf(await again.info()), 'Integer divide by zero: 7 % 0, in set_up.');
  });

  it('P1: what came after the response does production no harm, and is told so', async (test) => {
    const dap = new ExceptionClient(test);
    // production does not mind, so this stops only where one asks for all diagnoses
    assert.equal(await dap.launch({ plugin: pluginFile('end-trap-after-response'), method: 'run' }), 'ended');
    const [outcome] = dap
      .of<DebugProtocol.OutputEvent['body']>('output')
      .filter(({ output }) => /trapped/.test(output));
    assert.match(outcome?.output ?? '', /after its response, so that production does not mind/);
  });

  it('S6: nothing can be changed where it has trapped', async (test) => {
    const dap = await ExceptionClient.at(test, 'trap-memory-load', 'run');
    await dap.info();
    const { id: frameId } = await frameOf(dap, 'guilty');
    for (const value of ['1', '2'])
      await assert.rejects(
        dap.ask('setExpression', { expression: '$0', value, frameId }),
        /has trapped and does not run on/,
      );
    const { result }: DebugProtocol.EvaluateResponse['body'] = await dap.ask('evaluate', {
      expression: '$0 + 1',
      frameId,
    });
    assert.equal(result, '9');
  });
});

describe('traps in recordings and behind edits', { timeout: 300_000, ...needs('rust-endings', 'c-start-up') }, () => {
  it('P1, S6: a constructor of C, which comes before main', async (test) => {
    const dap = await ExceptionClient.at(test, 'c-start-up', 'run');
    const line = lineWith('c-endings/start-up.c', '/* trap: ');
    assert.equal(sentenceOf(await dap.info()), `Integer divide by zero: 7 / 0, in set_up (start-up.c:${line}).`);
    assert.equal(await dap.shownLine(), `start-up.c:${line}`);
    assert.deepEqual(await dap.scope(await dap.shown(), 'Locals'), ['whole = 7']);
  });

  it('P1, R3: a replay tells the same, with the same variables', async (test) => {
    const dap = await ExceptionClient.at(test, 'rust-endings', 'past_the_end');
    const told = await dap.info();
    const locals = await dap.scope(await dap.shown(), 'Locals');
    assert.equal(await dap.on(), 'ended');
    const again = await replayed(test, recordingOf(dap));
    assert.deepEqual(await again.info(), told);
    assert.deepEqual(await again.scope(await again.shown(), 'Locals'), locals);
    assert.equal(await again.on(), 'ended');
    assert.deepEqual(again.session.run?.divergence, undefined);
  });

  it('P1, R1: what was changed while it stood is changed again, live and in the replay', async (test) => {
    const dap = new ExceptionClient(test);
    const configure = () => dap.ask('setFunctionBreakpoints', { breakpoints: [{ name: 'guilty' }] });
    const launch = { plugin: pluginFile('trap-memory-load'), method: 'run' };
    assert.equal(await dap.launch(launch, configure), 'function breakpoint');
    const { id: frameId } = await frameOf(dap, 'guilty');
    await dap.ask('setExpression', { expression: '$0', value: '100', frameId });
    assert.equal(await dap.on(), 'exception');
    const told = await dap.info();
    assert.match(sentenceOf(told), /: a load of 4 bytes at address 65625 \(100 and an offset of 65525\) of a memory/);
    assert.deepEqual(await dap.scope(await frameOf(dap, 'guilty'), 'Operand stack'), ['stack[0] = 100']);
    assert.equal(await dap.on(), 'ended');
    const again = await replayed(test, recordingOf(dap));
    assert.deepEqual(await again.info(), told);
    assert.deepEqual(await again.scope(await frameOf(again, 'guilty'), 'Operand stack'), ['stack[0] = 100']);
  });
});

describe('traps whose operands take long to find', { timeout: 120_000 }, () => {
  const LOAD =
    'Out of bounds memory access: a load of 4 bytes at address 65533 (8 and an offset of 65525) of a memory of 65536 bytes, in guilty.';
  type Progress = DebugProtocol.ProgressStartEvent['body'];

  it('P1, S6: what is known is told at once, and that there is more; the console has the rest when it is found', async (test) => {
    const witnesses = new HeldWitnesses();
    const dap = new ExceptionClient(test, {}, witnesses.platform, 0);
    assert.equal(await dap.launch({ plugin: pluginFile('trap-memory-load'), method: 'run' }), 'exception');
    const shown = dap.next<Progress>('progressStart');
    const info = await dap.info();
    assert.equal(info.exceptionId, 'out of bounds memory access');
    assert.equal(
      sentenceOf(info),
      'Out of bounds memory access, in guilty. What it was given is still being looked for: the call is done again up to there.',
    );
    // variables wait, and the client sees why
    const frames = await dap.frames();
    const guilty = frames.find(({ name }) => name === 'guilty') ?? assert.fail();
    const operands = dap.scope(guilty, 'Operand stack');
    const { title, progressId } = await shown;
    assert.equal(title, 'Finding what the plugin had where it trapped');
    await dap.info();
    const ended = dap.next<Progress>('progressEnd');
    witnesses.release();
    assert.deepEqual(await operands, ['stack[0] = 8']);
    assert.equal((await ended).progressId, progressId);
    assert.equal(sentenceOf(await dap.info()), LOAD);
    const said = dap.of<DebugProtocol.OutputEvent['body']>('output').filter(({ output }) => output === `${LOAD}\n`);
    assert.equal(said.length, 1);
  });

  it('S6, E2: a search ends with the call', async (test) => {
    const witnesses = new HeldWitnesses();
    const dap = new ExceptionClient(test, {}, witnesses.platform, 0);
    await dap.launch({ plugin: pluginFile('trap-memory-load'), method: 'run' });
    const shown = dap.next<Progress>('progressStart');
    await dap.info();
    const { progressId } = await shown;
    const ended = dap.next<Progress>('progressEnd');
    await dap.ask('terminate');
    assert.equal((await ended).progressId, progressId);
    witnesses.release();
  });
});

describe('panics whose message is far back', () => {
  const HEAD = "thread 'main' panicked at src/lib.rs:3:5:";
  const told = async (lines: number, syscalls: number): Promise<string> => {
    const dap = new Inline();
    await dap.launch();
    const { filler } = dap.engine.run;
    filler.stderr(HEAD);
    for (let line = 0; line < lines; line++) {
      for (let call = 0; call < syscalls; call++) filler.syscall('sched_yield');
      filler.stderr(`line ${line}`);
    }
    filler.flush();
    await dap.halt({ diagnosis: { diagnosis: 'panic', message: 'The plugin panicked.' }, reason: 'fault' });
    return sentenceOf(await dap.ask('exceptionInfo', { threadId: 1 }));
  };

  it('P1: it is found behind many lines, and their syscalls', async () => {
    assert.match(await told(500, 4), /^Panicked at src\/lib\.rs:3:5: line 0 ⏎ line 1 ⏎/);
    assert.match(await told(3, 900), /^Panicked at src\/lib\.rs:3:5: line 0 ⏎ line 1 ⏎ line 2\.$/);
  });

  it('P1, E2: nobody looks for it without end', async () => {
    assert.equal(await told(2500, 0), 'The plugin panicked.');
    assert.equal(await told(3, 4000), 'The plugin panicked.');
  });
});
