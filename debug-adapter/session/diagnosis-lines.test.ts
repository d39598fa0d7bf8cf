// Each diagnosis of the protocol names the author's line that wrote the message, and a call that stops for it, for a message or for a syscall
// shows that line. rust-pdk over DAP, with the real engine. Contracts P1, S6.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { needs, pluginFile } from '../testing/run-call.ts';
import { sourceFile } from '../testing/source-session.ts';
import { ExceptionClient } from './exception-client.ts';

const MOCKS = sourceFile('rust-pdk/rust-pdk.mocks.json');

/** A method of rust-pdk, its params, the diagnosis, the function and a part of the line that its message names. */
const FAULTS: readonly (readonly [method: string, params: object | null, kind: string, func: RegExp, line: RegExp])[] =
  [
    ['println', null, 'stray-text', /protocol::println/, /println!\("\{\}", params\.text\)/],
    ['raw_line', { line: '{"jsonrpc": "2.0", "id"' }, 'malformed-json', /protocol::write_stdout/, /write_all\(bytes\)/],
    [
      'raw_line',
      { line: '{"jsonrpc": "2.0", "method": "x"}' },
      'invalid-message',
      /write_stdout/,
      /write_all\(bytes\)/,
    ],
    ['invalid_utf8', { to: 'stdout' }, 'not-utf8', /write_stdout/, /write_all\(bytes\)/],
    ['stray_error', null, 'error-pinned', /write_stdout/, /write_all\(bytes\)/],
    ['unknown_host_method', null, 'unknown-host-method', /unknown_host_method/, /\.await\?/],
    ['exit', { code: 3 }, 'no-response', /endings::exit/, /std::process::exit/],
    ['panic', { message: 'oh no' }, 'panic', /endings::inner/, /panic!\("\{message\}"\)/],
    ['trap', { kind: 'unreachable' }, 'trap', /endings::trap/, /std::process::abort/],
  ];

/** Those at which a call does not stop: production goes on, but the plugin did not mean this. */
const WARNINGS: readonly (readonly [method: string, kind: string, line: RegExp])[] = [
  ['unknown_id', 'unknown-response', /write_all\(bytes\)/],
  // the second is what the server of the pdk writes when the method has returned, in no line of the method's
  ['double_answer', 'duplicate-response', /\.run\(\)/],
];

/** The text of the line that a message names: `(protocol.rs:30)`. */
function lineNamed(message: string): string {
  const [, file = '', line = ''] = /\((\w+\.rs):(\d+)\)/.exec(message) ?? assert.fail(message);
  return fs.readFileSync(sourceFile(`rust-pdk/src/${file}`), 'utf8').split('\n')[Number(line) - 1] ?? '';
}

const paramsOf = (params: object | null): object => (params === null ? {} : { params });

describe('diagnoses name lines', { timeout: 300_000, ...needs('rust-pdk.debug') }, () => {
  for (const [method, params, kind, func, line] of FAULTS)
    it(`P1: ${kind}: the line that wrote it is named, and shown`, async (test) => {
      const dap = await ExceptionClient.at(test, 'rust-pdk.debug', method, { ...paramsOf(params), mocks: MOCKS });
      const { details } = await dap.info();
      assert.equal(details?.typeName, kind);
      // the sentence in the transcript and the console
      const view = dap.session.view ?? assert.fail('there is no call');
      const told = [...view.store.range()].findLast((event) => event.kind === 'diagnosis');
      const message = told?.kind === 'diagnosis' ? told.message : assert.fail('no diagnosis was logged');
      assert.equal(told?.kind === 'diagnosis' && told.diagnosis, kind);
      assert.match(/function `(.*?)` \(/.exec(message)?.[1] ?? message, func);
      assert.match(lineNamed(message), line);
      assert.ok(
        message.includes(`(${await dap.shownLine()})`),
        `${message}, but it is shown at ${await dap.shownLine()}`,
      );
      assert.match(details?.stackTrace ?? '', /^ {4}at .*\.rs:\d+:\d+\)$/m);
    });

  for (const [method, kind, line] of WARNINGS)
    it(`P1: ${kind}, a warning, names its line`, async (test) => {
      const dap = new ExceptionClient(test);
      assert.equal(await dap.launch({ plugin: pluginFile('rust-pdk.debug'), method, mocks: MOCKS }), 'ended');
      const view = dap.session.view ?? assert.fail('there is no call');
      const told = [...view.store.range()].find((event) => event.kind === 'diagnosis' && event.diagnosis === kind);
      assert.match(lineNamed(told?.kind === 'diagnosis' ? told.message : assert.fail('nothing was told')), line);
    });

  it('P1: a request that nobody reads', async (test) => {
    const params = { then_call: true };
    const dap = await ExceptionClient.at(test, 'rust-pdk.debug', 'println', { params, mocks: MOCKS });
    assert.equal((await dap.info()).details?.typeName, 'stray-text');
    assert.equal(await dap.on(), 'exception');
    const { details } = await dap.info();
    assert.equal(details?.typeName, 'unread-message');
    assert.match(lineNamed(details?.message ?? ''), /host\.call\("echo"/);
    assert.ok(details?.message?.includes(`(${await dap.shownLine()})`), details?.message);
  });

  for (const [what, name, method, params, line] of [
    ['a message out', 'rpc:echo', 'nested', { depth: 1, value: 1 }, /await/],
    // the seed of its map of methods
    ['a syscall', 'syscall:random_get', 'random', { bytes: 4 }, /PluginServer::new_with_transport/],
  ] as const)
    it(`S6: ${what} is shown at the line that it comes from`, async (test) => {
      const dap = new ExceptionClient(test);
      const configure = () => dap.ask('setFunctionBreakpoints', { breakpoints: [{ name }] });
      const launch = { plugin: pluginFile('rust-pdk.debug'), method, params, mocks: MOCKS };
      assert.equal(await dap.launch(launch, configure), 'function breakpoint');
      const { source, line: at }: DebugProtocol.StackFrame = await dap.shown();
      const text = fs.readFileSync(source?.path ?? '', 'utf8').split('\n')[at - 1] ?? '';
      assert.match(`${path.basename(source?.path ?? '')}: ${text}`, line);
    });
});
