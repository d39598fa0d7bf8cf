// DAP conversations over stdio about a plugin's code, against the real engine, compared with golden files: function, instruction and data
// breakpoints, steps by instruction, what a frame shows, and what can be changed. Contracts S1, S3, S6, I2.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { buildWat } from '../../test-plugins/wat/build.ts';
import { wat } from '../testing/wat.ts';
import { HEAD_LINES } from './code-sources.ts';
import { assertConversation, Conversation, GREET, type Stopped } from './conversation-driver.ts';

const FACTORIAL = `(module
  (memory (export "memory") 1)
  (global $calls (mut i32) (i32.const 0))
  (func $factorial (param $n i32) (result i64)
    (local $result i64)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (local.set $result (i64.const 1))
    (loop $again
      (if (i32.gt_s (local.get $n) (i32.const 1))
        (then
          (local.set $result (i64.mul (local.get $result) (i64.extend_i32_u (local.get $n))))
          (local.set $n (i32.sub (local.get $n) (i32.const 1)))
          (br $again))))
    (i64.store (i32.const 1024) (local.get $result))
    (local.get $result))
  (func (export "_start")
    (drop (call $factorial (i32.const 5)))
    (drop (call $factorial (i32.const 20)))))`;

const ENDLESS = (await buildWat()).find(({ name }) => name === 'endless-loop')?.wasm;

type Stack = DebugProtocol.StackTraceResponse['body'];

/** A conversation, and what of it these tests say more than once. */
class CodeConversation extends Conversation {
  async top(): Promise<DebugProtocol.StackFrame> {
    const { stackFrames }: Stack = await this.ask('stackTrace', { threadId: 1, startFrame: 0, levels: 1 });
    const [top] = stackFrames;
    assert.ok(top !== undefined);
    return top;
  }

  /** The line of the top frame's source that it stands on. */
  async line(): Promise<string> {
    const { source, line } = await this.top();
    const { content }: DebugProtocol.SourceResponse['body'] = await this.ask('source', {
      sourceReference: source?.sourceReference,
    });
    return content.split('\n')[line - 1]?.trim() ?? '';
  }

  /** Asks for the variables of each scope of the frame. @returns their references by the scopes' names */
  async scopes(frameId: number, ...names: string[]): Promise<Map<string, number>> {
    const { scopes }: DebugProtocol.ScopesResponse['body'] = await this.ask('scopes', { frameId });
    for (const { name, variablesReference } of scopes)
      if (names.includes(name)) await this.ask('variables', { variablesReference });
    return new Map(scopes.map(({ name, variablesReference }) => [name, variablesReference]));
  }
}

const converse = (name: string, talk: (dap: CodeConversation) => Promise<void>): Promise<void> =>
  assertConversation(name, new CodeConversation(), talk, (text) => text.replaceAll(folder, 'FOLDER'));

let folder = '';
const factorial = () => ({
  plugin: path.join(folder, 'factorial.wasm'),
  method: 'run',
  clock: 'virtual',
  seed: '1',
  slice: 1_000_000_000,
});

describe('DAP over stdio, in the code', { timeout: 300_000 }, () => {
  before(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'wpd-code-'));
    fs.writeFileSync(path.join(folder, 'factorial.wasm'), wat(FACTORIAL, { names: true }));
  });
  after(() => fs.rmSync(folder, { recursive: true, force: true }));

  it('S1, S6: a function breakpoint shows the function’s text; steps by instruction', () =>
    converse('code-steps', async (dap) => {
      let stopped = dap.next<Stopped>('stopped');
      await dap.launch(factorial(), () =>
        dap.ask('setFunctionBreakpoints', {
          breakpoints: [
            { name: 'fact*', condition: '$n == 5' },
            { name: 'factorial', hitCondition: '2' },
            { name: 'factorial log: of {$n}, at {moment}' },
            { name: 'fibonacci' },
            { name: 'factorial', condition: 'errno == 0' },
          ],
        }),
      );
      assert.equal((await stopped).reason, 'function breakpoint');
      const top = await dap.top();
      assert.equal(top.name, 'factorial');
      await dap.ask('source', { sourceReference: top.source?.sourceReference });
      await dap.ask('stackTrace', { threadId: 1 });
      await dap.scopes(top.id, 'Wasm locals', 'Operand stack', 'Wasm globals', 'Frame', 'Fuel');

      dap.note('over, into, out; in the code all of them go by instruction');
      assert.equal(await dap.line(), 'global.get $calls');
      assert.equal((await dap.go('next')).reason, 'step');
      await dap.go('stepIn', { granularity: 'statement' });
      assert.equal(await dap.line(), 'i32.add');
      await dap.scopes(2, 'Operand stack');
      await dap.go('stepOut', { granularity: 'instruction' });
      assert.equal(await dap.line(), 'drop');
      for (let i = 0; i < 2; i++) await dap.go('next');
      assert.equal(await dap.line(), 'call $factorial (;0;)');

      dap.note('a step over a call stops at a breakpoint in it');
      stopped = dap.next<Stopped>('stopped');
      await dap.ask('next', { threadId: 1 });
      assert.deepEqual((await stopped).hitBreakpointIds, [2]);
      await dap.untilEnd(() => dap.ask('continue', { threadId: 1 }));
    }));

  it('S1, S3: breakpoints on instructions and on lines of the text, with conditions and log messages', () =>
    converse('code-instructions', async (dap) => {
      await dap.untilStop(() =>
        dap.launch(factorial(), () =>
          dap.ask('setFunctionBreakpoints', { breakpoints: [{ name: 'factorial', hitCondition: '1' }] }),
        ),
      );
      const top = await dap.top();
      const at = top.instructionPointerReference ?? '';
      const { instructions }: { instructions: DebugProtocol.DisassembledInstruction[] } = await dap.ask('disassemble', {
        memoryReference: at,
        instructionOffset: -2,
        instructionCount: 12,
        resolveSymbols: true,
      });
      assert.equal(instructions[2]?.address, at);
      const loop = instructions.find(({ instruction }) => instruction.startsWith('loop'));
      await dap.ask('setInstructionBreakpoints', {
        breakpoints: [
          { instructionReference: loop?.address, condition: '$n == 5' },
          { instructionReference: at, offset: 1 },
          { instructionReference: 'nowhere' },
        ],
      });
      assert.equal((await dap.go('continue')).reason, 'instruction breakpoint');
      assert.match(await dap.line(), /^loop/);
      await dap.ask('setInstructionBreakpoints', { breakpoints: [] });
      const source = { sourceReference: top.source?.sourceReference, name: top.source?.name };
      await dap.ask('setBreakpoints', {
        source,
        breakpoints: [
          { line: 1, condition: '$n == 20' },
          { line: 16, condition: '$n == 3' },
          { line: 16, logMessage: 'times {$n}' },
          { line: 400 },
        ],
      });
      assert.equal((await dap.go('continue')).reason, 'breakpoint');
      assert.equal(await dap.line(), 'i64.extend_i32_u');
      assert.equal((await dap.go('continue')).reason, 'breakpoint');
      assert.equal(await dap.line(), 'global.get $calls', 'a line above the code is its first instruction');
    }));

  it('S1, I2: watched memory, moments, values', () =>
    converse('code-values', async (dap) => {
      await dap.untilStop(() =>
        dap.launch(factorial(), () => dap.ask('setFunctionBreakpoints', { breakpoints: [{ name: 'factorial' }] })),
      );
      const references = await dap.scopes(2);
      const locals = references.get('Wasm locals') ?? 0;
      await dap.ask('variables', { variablesReference: locals, format: { hex: true } });
      for (const expression of ['$n + 1', '$n, x', 'i64[1024]', 'function', 'offset', '$result', 'stack[0]'])
        await dap.ask('evaluate', { expression, frameId: 2, context: 'watch' });

      dap.note('values are set');
      await dap.ask('setVariable', { variablesReference: locals, name: '$n', value: '3' });
      await dap.ask('setVariable', { variablesReference: locals, name: '$n', value: 'much' });
      await dap.ask('setVariable', { variablesReference: references.get('Frame'), name: 'function', value: '3' });
      await dap.ask('setExpression', { expression: '$calls', value: '$n + 40', frameId: 2 });
      await dap.ask('setExpression', { expression: 'i32[2048]', value: '0xff', frameId: 2 });
      await dap.ask('writeMemory', { memoryReference: '0x800', offset: 1, data: 'AQI=' });
      await dap.ask('writeMemory', { memoryReference: '0xffff', data: 'AQI=', allowPartial: true });
      await dap.ask('writeMemory', { memoryReference: '0xffff', data: 'AQI=' });
      await dap.ask('readMemory', { memoryReference: '0x800', count: 4 });
      await dap.ask('variables', { variablesReference: locals });

      dap.note('what is written to memory');
      const { dataId }: { dataId: string } = await dap.ask('dataBreakpointInfo', { name: 'i64[1024]', frameId: 2 });
      await dap.ask('dataBreakpointInfo', { variablesReference: locals, name: '$n' });
      await dap.ask('dataBreakpointInfo', { name: '0x10', asAddress: true, bytes: 8 });
      await dap.ask('dataBreakpointInfo', { name: 'function', frameId: 2 });
      await dap.ask('setDataBreakpoints', {
        breakpoints: [{ dataId, accessType: 'write' }, { dataId: 'n' }, { dataId, accessType: 'read' }],
      });
      assert.equal((await dap.go('continue')).reason, 'data breakpoint');
      await dap.ask('evaluate', { expression: 'i64[1024]', frameId: 2, context: 'watch' });
      await dap.top();

      dap.note('to a moment');
      const { moment }: { moment: number } = await dap.ask('plugin/fuel');
      await dap.ask('plugin/runToMoment', { moment });
      await dap.ask('plugin/runToMoment', { moment: 'noon' });
      assert.equal((await dap.go('plugin/runToMoment', { moment: moment + 4 })).reason, 'goto');
      const fuel: { moment: number } = await dap.ask('plugin/fuel');
      assert.equal(fuel.moment, moment + 4);
      await dap.line();
    }));

  it('S6: in a Rust plugin a function is stopped in by the end of its name, and its callers have their text too', () =>
    converse('code-rust', async (dap) => {
      const stopped = dap.next<Stopped>('stopped');
      await dap.launch(GREET, () =>
        dap.ask('setFunctionBreakpoints', { breakpoints: [{ name: '*::PluginServer::run' }] }),
      );
      assert.equal((await stopped).reason, 'function breakpoint');
      const { stackFrames, totalFrames = 0 }: Stack = await dap.ask('stackTrace', {
        threadId: 1,
        startFrame: 0,
        levels: 2,
      });
      assert.match(stackFrames[0]?.name ?? '', /PluginServer::run$/);
      assert.equal(stackFrames[0]?.presentationHint, undefined, 'whoever wrote it, it is what is shown');
      const last: Stack = await dap.ask('stackTrace', { threadId: 1, startFrame: totalFrames - 1, levels: 1 });
      assert.equal(last.stackFrames[0]?.id, 1, 'the transcript is the outermost frame');
      await dap.scopes(2, 'Wasm locals');
      for (let i = 0; i < 3; i++) await dap.go('next');
      const [below] = stackFrames.slice(1);
      await dap.scopes(below?.id ?? 0, 'Wasm locals');
    }));

  it('S1, S6: a pause amid the plugin’s computing shows its code, and steps go on from there', async () => {
    const dap = new CodeConversation();
    try {
      await dap.launch({ plugin: ENDLESS, method: 'run' });
      assert.equal((await dap.go('pause')).reason, 'pause');
      const top = await dap.top();
      assert.deepEqual([top.name, top.source?.name, top.line], ['_start', '_start.wat', HEAD_LINES + 1]);
      const { variables }: DebugProtocol.VariablesResponse['body'] = await dap.ask('variables', {
        variablesReference: (await dap.scopes(top.id)).get('Wasm locals'),
      });
      assert.match(variables[0]?.value ?? '', /step by instruction|no locals/);
      assert.equal((await dap.go('next')).reason, 'step');
      assert.match(await dap.line(), /^(?:loop \(;@1;\)|br 0 \(;@1 → line 4;\))$/);
      await dap.go('next');
      assert.equal(await dap.disconnect(), 0);
    } finally {
      dap.kill();
    }
  });
});
