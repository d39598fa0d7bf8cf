// What an editor shows of a stop in the source of a Rust plugin, and of one that never comes, over DAP with the real engine: what the stop is
// called, which frames are folded, why lines are not known. Contracts S1, S6.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { needs, platform, pluginFile } from '../testing/run-call.ts';
import { lineWith, sourceFile } from '../testing/source-session.ts';
import { InlineClient } from './inline-client.ts';
import { PluginDebugSession } from './session.ts';

type Stopped = DebugProtocol.StoppedEvent['body'];

class Editor extends InlineClient {
  readonly ended = this.next('terminated');

  constructor(test: Pick<TestContext, 'after'>) {
    super(new PluginDebugSession(platform));
    test.after(() => this.session.dispose());
  }

  /** Launches a call with a breakpoint on the line of `file` that has `text`. */
  async launch(plugin: string, method: string, file: string, text: string, more: object = {}): Promise<void> {
    await this.ask('initialize', { adapterID: 'wasmi-plugin', ...CAPABILITIES });
    await this.ask('launch', { plugin: pluginFile(plugin), method, clock: 'virtual', seed: '1', ...more });
    const breakpoints = [{ line: lineWith(file, text) }];
    await this.ask('setBreakpoints', { source: { path: sourceFile(file) }, breakpoints });
    await this.ask('configurationDone');
  }

  /** As far as the stop there. */
  async stoppedAt(...where: Parameters<Editor['launch']>): Promise<Stopped> {
    const stopped = this.next<Stopped>('stopped');
    await this.launch(...where);
    return stopped;
  }

  async frames(): Promise<readonly DebugProtocol.StackFrame[]> {
    const { stackFrames }: DebugProtocol.StackTraceResponse['body'] = await this.ask('stackTrace', { threadId: 1 });
    return stackFrames;
  }

  async variables(variablesReference: number): Promise<readonly DebugProtocol.Variable[]> {
    const { variables }: DebugProtocol.VariablesResponse['body'] = await this.ask('variables', { variablesReference });
    return variables;
  }

  /** The number of the top frame's locals. */
  async locals(): Promise<number> {
    const [top] = await this.frames();
    const { scopes }: DebugProtocol.ScopesResponse['body'] = await this.ask('scopes', { frameId: top?.id });
    const found = scopes.find(({ name }) => name === 'Locals');
    return found?.variablesReference ?? assert.fail('there are no locals');
  }

  printed(sentence: RegExp): string[] {
    return this.of<DebugProtocol.OutputEvent['body']>('output').flatMap(({ output }) =>
      sentence.test(output) ? [output] : [],
    );
  }
}

const CAPABILITIES = { supportsInvalidatedEvent: true, supportsMemoryEvent: true };
const BASICS = 'rust-pdk/src/basics.rs';
const NO_SOURCE = /has no debug information, so its lines are not known/;

describe('stops in the source, over DAP', { timeout: 120_000 }, () => {
  it('S1: lines that are not known are said to be so, once', needs('rust-pdk.release'), async (test) => {
    const dap = new Editor(test);
    await dap.launch('rust-pdk.release', 'many_echo', BASICS, 'for number in 0..params.n', { params: { n: 0 } });
    await dap.ended;
    assert.equal(dap.printed(NO_SOURCE).length, 1, JSON.stringify(dap.of('output')));
    assert.equal(dap.of('stopped').length, 0);
  });

  it('S1: nothing is said of lines where none is asked for', needs('rust-pdk.release'), async (test) => {
    const dap = new Editor(test);
    await dap.ask('initialize', { adapterID: 'wasmi-plugin' });
    await dap.ask('launch', { plugin: pluginFile('rust-pdk.release'), method: 'many_echo', params: { n: 0 } });
    await dap.ask('setFunctionBreakpoints', { breakpoints: [{ name: 'there_is_no_such_function' }] });
    await dap.ask('configurationDone');
    await dap.ended;
    assert.deepEqual(dap.printed(NO_SOURCE), []);
  });

  it(
    'S6: a closure is called after the function that it is in, on the stack as in the types of variables',
    needs('rust-views.debug'),
    async (test) => {
      const dap = new Editor(test);
      const file = 'rust-views/src/dynamic.rs';
      await dap.stoppedAt('rust-views.debug', 'closures', file, '// stop: closure by_reference');
      const [top, outer] = await dap.frames();
      assert.deepEqual(
        [top?.name, outer?.name],
        ['closure in rust_views::dynamic::closures', 'rust_views::dynamic::closures'],
      );
    },
  );

  it('S6: a stop is called after the frame that is on top', needs('rust-pdk.optimized'), async (test) => {
    const dap = new Editor(test);
    const where = ['rust-pdk.optimized', 'many_echo', BASICS, 'for number in 0..params.n'] as const;
    const { description } = await dap.stoppedAt(...where, { params: { n: 1 } });
    const [top] = await dap.frames();
    assert.match(top?.name ?? '', /many_echo/);
    assert.equal(description, `Paused in ${top?.name}`);
  });

  it(
    'S6: of calls that were inlined the innermost is stopped in, and others of libraries are folded',
    needs('rust-views.optimized'),
    async (test) => {
      const dap = new Editor(test);
      const file = 'rust-views/src/maps.rs';
      await dap.stoppedAt('rust-views.optimized', 'hash_maps', file, 'removed.retain(|number, _|');
      let frames = await dap.frames();
      while (!/closure/.test(frames[0]?.name ?? '')) {
        const again = dap.next('stopped');
        await dap.ask('continue', { threadId: 1 });
        await Promise.race([again, dap.ended.then(() => assert.fail('it ended'))]);
        frames = await dap.frames();
      }
      assert.deepEqual(
        frames.slice(0, 3).map(({ name, presentationHint }) => [name, presentationHint]),
        [
          ['closure in rust_views::maps::hash_maps', undefined],
          ['2 frames of libraries', 'label'],
          ['rust_views::maps::hash_maps', undefined],
        ],
      );
    },
  );

  it(
    'S6: what was set is told to who shows memory, and what it is part of is read anew',
    needs('rust-views.debug'),
    async (test) => {
      const dap = new Editor(test);
      const file = 'rust-views/src/structs.rs';
      await dap.stoppedAt('rust-views.debug', 'structs', file, 'keep!(user, point, segment');
      const locals = await dap.locals();
      const point = (await dap.variables(locals)).find(({ name }) => name === 'point');
      assert.equal(point?.value, 'Point { x: -3, y: 4 }');
      const x = (await dap.variables(point.variablesReference)).find(({ name }) => name === 'x');

      const invalidated = dap.next('invalidated');
      const set: DebugProtocol.SetVariableResponse['body'] = await dap.ask('setVariable', {
        variablesReference: point.variablesReference,
        name: 'x',
        value: '77',
      });
      assert.equal(set.value, '77');
      assert.deepEqual(await invalidated, { areas: ['variables'], threadId: 1 });
      assert.deepEqual(dap.of('memory'), [{ memoryReference: x?.memoryReference, offset: 0, count: 4 }]);
      // what the client has numbers of is there still, and is as memory is
      for (const scope of [locals, await dap.locals()]) {
        const row = (await dap.variables(scope)).find(({ name }) => name === 'point');
        assert.equal(row?.value, 'Point { x: 77, y: 4 }');
      }
      const [first] = await dap.variables(point.variablesReference);
      assert.deepEqual([first?.name, first?.value], ['x', '77']);

      const again = dap.next('invalidated');
      const [top] = await dap.frames();
      await dap.ask('setExpression', { expression: 'point.y', value: '5', frameId: top?.id });
      await again;
      // nothing is told of what was not set
      await assert.rejects(dap.ask('setExpression', { expression: 'point.y', value: 'much', frameId: top?.id }));
      await dap.frames();
      assert.equal(dap.of('invalidated').length, 2);
      assert.equal(dap.of('memory').length, 2);
    },
  );

  it(
    'S1: a variable that is watched is called by its name, also where a write to it stopped the call',
    needs('rust-views.debug'),
    async (test) => {
      const dap = new Editor(test);
      const file = 'rust-views/src/control.rs';
      await dap.stoppedAt('rust-views.debug', 'loops', file, 'rounds += 1;');
      type Info = DebugProtocol.DataBreakpointInfoResponse['body'];
      const locals = await dap.locals();
      const info: Info = await dap.ask('dataBreakpointInfo', { variablesReference: locals, name: 'rounds' });
      assert.match(info.description, /^rounds: 4 bytes at 0x[0-9a-f]+$/);
      const [top] = await dap.frames();
      // the same by its expression
      assert.deepEqual(await dap.ask('dataBreakpointInfo', { name: 'rounds', frameId: top?.id }), info);
      const one: Info = await dap.ask('dataBreakpointInfo', { variablesReference: locals, name: 'rounds', bytes: 1 });
      assert.match(one.description, /^rounds: 1 byte at 0x[0-9a-f]+$/);

      const { breakpoints }: DebugProtocol.SetDataBreakpointsResponse['body'] = await dap.ask('setDataBreakpoints', {
        breakpoints: [{ dataId: info.dataId, accessType: 'write' }],
      });
      assert.equal(breakpoints[0]?.verified, true, breakpoints[0]?.message);
      await dap.ask('setBreakpoints', { source: { path: sourceFile(file) }, breakpoints: [] });
      const stopped = dap.next<Stopped>('stopped');
      await dap.ask('continue', { threadId: 1 });
      const { reason, description } = await stopped;
      assert.deepEqual([reason, description], ['data breakpoint', 'Paused behind a write to rounds']);
      const rounds = (await dap.variables(await dap.locals())).find(({ name }) => name === 'rounds');
      assert.equal(rounds?.value, '1');
    },
  );

  it(
    'S3: a breakpoint on a line of nothing but a call of the library that was inlined shows the line',
    needs('rust-views.optimized'),
    async (test) => {
      const editor = new Editor(test);
      const text = 'let exclusive = RefCell::new(1.5f64);';
      const file = 'rust-views/src/cells.rs';
      assert.equal((await editor.stoppedAt('rust-views.optimized', 'ref_cells', file, text)).reason, 'breakpoint');
      const top = (await editor.frames()).find(
        ({ presentationHint }) => presentationHint !== 'subtle' && presentationHint !== 'label',
      );
      assert.deepEqual([top?.source?.path, top?.line], [sourceFile(file), lineWith(file, text)]);
    },
  );
});
