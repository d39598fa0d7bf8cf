// A DAP conversation over stdio about a plugin that was built elsewhere: its own files are found in a folder, a breakpoint there counts, the
// standard library's are shown where the very version is installed, and say what is missing where it is not. Contracts S3, S6.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { needs } from '../testing/run-call.ts';
import { lineWith, sourceFile } from '../testing/source-session.ts';
import { Conversation } from './conversation-driver.ts';

type StackTrace = DebugProtocol.StackTraceResponse['body'];

/** By which the plugin was built. */
const COMMIT = '4d91de4e48198da2e33413efdcd9cd2cc0c46688';
const MANIFEST = '[pkg.rust-src]\nversion = "1.85.0 (4d91de4e4 2025-02-17)"\n';
const STEPPED = '.filter(|number| **number % 2 == 0)';
const LAUNCH = { plugin: 'test-plugins/out/rust-views.kept.wasm', method: 'iterators', clock: 'virtual', seed: '1' };

/** As far as the first stop, on the closure's line, with all frames. */
async function stoppedInClosure(dap: Conversation, launch: object): Promise<StackTrace> {
  const file = 'rust-views/src/control.rs';
  const stopped = dap.next<DebugProtocol.StoppedEvent['body']>('stopped');
  await dap.launch({ ...LAUNCH, ...launch }, async () => {
    await dap.ask('setBreakpoints', {
      source: { path: sourceFile(file) },
      breakpoints: [{ line: lineWith(file, STEPPED) }],
    });
  });
  assert.equal((await stopped).reason, 'breakpoint');
  return dap.ask('stackTrace', { threadId: 1 });
}

const output = (dap: Conversation): string =>
  dap.events.map(({ event, body }) => (event === 'output' ? (body as { output: string }).output : '')).join('');

describe('DAP over stdio, of a plugin that was built elsewhere', {
  timeout: 180_000,
  ...needs('rust-views.kept'),
}, () => {
  it('S3, S6: its files are found in a folder, which is said once; what is not here says so', async (test) => {
    const home = fs.mkdtempSync(path.join(os.tmpdir(), 'rustup-'));
    test.after(() => fs.rmSync(home, { recursive: true, force: true }));
    const dap = new Conversation({ RUSTUP_HOME: home });
    test.after(() => dap.kill());
    const { stackFrames } = await stoppedInClosure(dap, {
      sourceFolders: [path.dirname(sourceFile('rust-views'))],
      // of a compiler whose sources no machine has
      sourceMap: { [`/rustc/${COMMIT}`]: `/rustc/${'0'.repeat(40)}` },
      justMyCode: false,
    });
    const [top] = stackFrames;
    assert.deepEqual(
      [top?.source?.path, top?.line],
      [sourceFile('rust-views/src/control.rs'), lineWith('rust-views/src/control.rs', STEPPED)],
    );
    const said = output(dap).match(/The plugin was built elsewhere.*/g);
    assert.deepEqual(said, [
      `The plugin was built elsewhere: its source files of /rust-views/src are taken from ${sourceFile('rust-views/src')}; "sourceMap" can say otherwise.`,
    ]);

    const library = stackFrames.find(({ name }) => /^<?core::/.test(name));
    assert.ok(library?.source?.sourceReference, JSON.stringify(stackFrames));
    const why =
      "The standard library's sources of rustc 000000000, which built this plugin, are not installed: rustup component add rust-src";
    assert.equal(library.source.origin, why);
    assert.match(library.instructionPointerReference ?? '', /^0x/);
    const { content }: DebugProtocol.SourceResponse['body'] = await dap.ask('source', {
      source: library.source,
      sourceReference: library.source.sourceReference,
    });
    const lines = content.split('\n');
    assert.equal(lines[0]?.startsWith(`;; ${why}  ;; `), true, lines[0]);
    // the arrow is on the call that led here
    assert.match(lines[library.line - 1] ?? '', /^ +call/);

    // another worker takes over, for a place that the module has no site at: it knows where the files are
    const { breakpoints }: DebugProtocol.SetInstructionBreakpointsResponse['body'] = await dap.ask(
      'setInstructionBreakpoints',
      { breakpoints: [{ instructionReference: library.instructionPointerReference }] },
    );
    assert.equal(breakpoints[0]?.verified, true);
    const { breakpoints: moved }: DebugProtocol.SetBreakpointsResponse['body'] = await dap.ask('setBreakpoints', {
      source: { path: sourceFile('rust-views/src/control.rs') },
      breakpoints: [{ line: lineWith('rust-views/src/control.rs', 'let square = number * number;') }],
    });
    assert.deepEqual(
      moved.map(({ verified, line }) => [verified, line]),
      [[true, lineWith('rust-views/src/control.rs', 'let square = number * number;')]],
    );
    const next = dap.next<DebugProtocol.StoppedEvent['body']>('stopped');
    await dap.ask('setInstructionBreakpoints', { breakpoints: [] });
    await dap.ask('continue', { threadId: 1 });
    assert.equal((await next).reason, 'breakpoint');
    const { stackFrames: later }: StackTrace = await dap.ask('stackTrace', { threadId: 1, levels: 1 });
    assert.deepEqual(
      [later[0]?.source?.path, later[0]?.line],
      [sourceFile('rust-views/src/control.rs'), lineWith('rust-views/src/control.rs', 'let square = number * number;')],
    );
    assert.equal(output(dap).match(/built elsewhere/g)?.length, 1);
    assert.equal(await dap.disconnect(), 0);
  });

  it("S6: the standard library's files are those of the toolchain of the same commit", async (test) => {
    const home = fs.mkdtempSync(path.join(os.tmpdir(), 'rustup-')).replaceAll('\\', '/');
    test.after(() => fs.rmSync(home, { recursive: true, force: true }));
    const rustlib = `${home}/toolchains/1.85/lib/rustlib`;
    const library = `${rustlib}/src/rust/library`;
    const filter = `${library}/core/src/iter/adapters/filter.rs`;
    for (const [file, text] of [
      [`${rustlib}/multirust-channel-manifest.toml`, MANIFEST],
      [`${library}/core/src/lib.rs`, ''],
      [filter, ''],
    ] as const) {
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, text);
    }
    const dap = new Conversation({ RUSTUP_HOME: home });
    test.after(() => dap.kill());
    const { stackFrames } = await stoppedInClosure(dap, {
      sourceMap: { '/rust-views': sourceFile('rust-views') },
      justMyCode: false,
    });
    const found = stackFrames.find(({ source }) => source?.path === filter);
    assert.ok(found, JSON.stringify(stackFrames));
    assert.deepEqual(
      [found.source?.origin, found.source?.presentationHint, found.presentationHint],
      ['library', 'deemphasize', 'subtle'],
    );
    assert.doesNotMatch(output(dap), /built elsewhere/);
    assert.equal(await dap.disconnect(), 0);
  });

  it('S3, S6: of files that are in no folder a breakpoint says where they were built, and a frame shows its function', async (test) => {
    const dap = new Conversation();
    test.after(() => dap.kill());
    const changed = dap.next<DebugProtocol.BreakpointEvent['body']>('breakpoint');
    const stopped = dap.next<DebugProtocol.StoppedEvent['body']>('stopped');
    await dap.launch(LAUNCH, async () => {
      await dap.ask('setFunctionBreakpoints', { breakpoints: [{ name: 'rust_views::control::iterators' }] });
      await dap.ask('setBreakpoints', {
        source: { path: sourceFile('rust-views/src/control.rs') },
        breakpoints: [{ line: 30 }],
      });
    });
    await changed;
    await stopped;
    const told = dap.events.flatMap(({ event, body }) =>
      event === 'breakpoint' ? [(body as DebugProtocol.BreakpointEvent['body']).breakpoint] : [],
    );
    const line = told.find(({ message }) => message !== undefined);
    assert.equal(line?.verified, false);
    assert.match(line?.message ?? '', /some comes from \/rust-views\/src\/control\.rs: .*"sourceMap"/);
    // whoever comes there all the same sees the function, and why it is that
    const { stackFrames }: StackTrace = await dap.ask('stackTrace', { threadId: 1 });
    const [top] = stackFrames;
    assert.equal(top?.name, 'rust_views::control::iterators');
    assert.match(top?.source?.name ?? '', /iterators\.wat$/);
    assert.equal(
      top?.source?.origin,
      'There is no file /rust-views/src/control.rs here: "sourceMap" in the launch configuration can say where its folder is.',
    );
    await dap.disconnect();
  });
});
