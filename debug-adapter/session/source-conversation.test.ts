// A DAP conversation over stdio about the source of a plugin in C, against the real engine, compared with a golden file: conditions and log
// messages over variables, evaluation in inlined frames, assignments, completions, watching a variable. Contracts S1, S6, P2.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { needs } from '../testing/run-call.ts';
import { lineWith, sourceFile } from '../testing/source-session.ts';
import { Conversation } from './conversation-driver.ts';
import { assertGolden } from './golden.ts';

type Stopped = DebugProtocol.StoppedEvent['body'];

const FILE = 'c-views/main.c';
const LAUNCH = {
  plugin: 'test-plugins/out/c-views.wasm',
  method: 'scopes',
  clock: 'virtual',
  seed: '1',
  slice: 1_000_000_000,
};

describe('DAP over stdio, in the source', { timeout: 60_000, ...needs('c-views') }, () => {
  it('S1, S6: conditions, log messages, values in inlined frames, assignments, completions', async () => {
    const dap = new Conversation();
    const line = (text: string) => lineWith(FILE, text);
    try {
      const stopped = dap.next<Stopped>('stopped');
      await dap.launch(LAUNCH, () =>
        dap.ask('setBreakpoints', {
          source: { path: sourceFile(FILE) },
          breakpoints: [
            { line: line('// stop: scopes inner'), logMessage: '{value} has {value.len()} letters, {index}' },
            { line: line('// stop: innermost'), condition: 'tripled == 18 && number == 6', hitCondition: '1' },
            { line: line('// stop: scopes case'), condition: 'in_case =' },
          ],
        }),
      );
      assert.equal((await stopped).reason, 'breakpoint');
      const { stackFrames }: DebugProtocol.StackTraceResponse['body'] = await dap.ask('stackTrace', {
        threadId: 1,
        levels: 3,
      });
      const [inner, middle, scopes] = stackFrames.map(({ id }) => id);
      const evaluate = (expression: string, frameId: number | undefined, context: string) =>
        dap.ask('evaluate', { expression, frameId, context });

      dap.note('each inlined frame has its own variables');
      await evaluate('tripled / number', inner, 'watch');
      await evaluate('doubled', middle, 'hover');
      await evaluate('tripled', middle, 'hover');
      await evaluate('value + three', scopes, 'watch');
      await evaluate('moment > 0 && kind', scopes, 'watch');

      dap.note('a static, what opens below it, and how that is named');
      const table: DebugProtocol.EvaluateResponse['body'] = await evaluate('table', scopes, 'watch');
      const { variablesReference } = table;
      await dap.ask('variables', { variablesReference, filter: 'indexed', start: 2, count: 2 });
      await dap.ask('setVariable', { variablesReference, name: '[3]', value: 'table[2] * 7' });

      dap.note('assigning');
      await evaluate('tripled = 20 + 1', inner, 'repl');
      await dap.ask('setExpression', { expression: 'value', value: "'c'", frameId: scopes });
      await dap.ask('setExpression', { expression: 'value', value: '1 << 31', frameId: scopes });
      await dap.ask('setExpression', { expression: 'tripled + 1', value: '5', frameId: inner });

      dap.note('what can be written');
      for (const text of ['trip', 'table.', 'global_'])
        await dap.ask('completions', { frameId: inner, text, column: text.length + 1 });

      dap.note('watching a variable');
      const { dataId }: DebugProtocol.DataBreakpointInfoResponse['body'] = await dap.ask('dataBreakpointInfo', {
        name: 'value',
        frameId: scopes,
      });
      assert.match(dataId ?? '', /^0x[0-9a-f]+\+4 value$/);

      const terminated = dap.next('terminated');
      await dap.ask('continue', { threadId: 1 });
      await terminated;
      assert.equal(await dap.disconnect(), 0);
      assert.equal(dap.client.stderr, '');
      // where things lie is the compiler's to say
      assertGolden('source-c.dap.txt', dap.text.replace(/0x[0-9a-f]+/g, '<address>'));
    } finally {
      dap.kill();
    }
  });
});
