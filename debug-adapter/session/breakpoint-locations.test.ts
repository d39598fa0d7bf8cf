// The places of a line at which editors offer breakpoints, over stdio. Contract S3.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, it } from 'node:test';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { needs } from '../testing/run-call.ts';
import { lineWith, sourceFile } from '../testing/source-session.ts';
import { Conversation } from './conversation-driver.ts';

const FILE = 'rust-pdk/src/basics.rs';
const AWAITED = 'let response = host.call("echo", params.message).await?;';

describe('DAP over stdio, places of breakpoints', { timeout: 60_000, ...needs('rust-pdk.debug') }, () => {
  it('S3: each place begins a word or a sign of the line: rustc has the end of `f().await` at the t', async (test) => {
    const dap = new Conversation();
    test.after(() => dap.kill());
    const source = { path: sourceFile(FILE) };
    const line = lineWith(FILE, AWAITED);
    const stopped = dap.next('stopped');
    await dap.launch({ plugin: 'test-plugins/out/rust-pdk.debug.wasm', method: 'ping' }, () =>
      dap.ask('setBreakpoints', { source, breakpoints: [{ line: lineWith(FILE, 'Ok("pong".to_string())') }] }),
    );
    await stopped;
    const asked = { source, line };
    const { breakpoints }: DebugProtocol.BreakpointLocationsResponse['body'] = await dap.ask(
      'breakpointLocations',
      asked,
    );
    const text = fs.readFileSync(source.path, 'utf8').split('\n')[line - 1] ?? '';
    const begun = breakpoints.map(({ column = 1 }) => text.slice(column - 1));
    for (const word of ['host.call', 'call("echo"', 'await?'])
      assert.ok(
        begun.some((rest) => rest.startsWith(word)),
        `${word}: ${begun.join(' | ')}`,
      );
    assert.deepEqual(
      breakpoints.filter(({ column = 1 }) => /^\w\w$/.test(text.slice(Math.max(0, column - 2), column))),
      [],
    );
    await dap.disconnect();
  });
});
