// Host methods answered by a process of its own: every digit intact, one at a time and in order, and a process that misbehaves is told of in
// sentences. Contracts P2, M1, E4.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  type CallOptions,
  endedCall,
  messages,
  needs,
  ofKind,
  platform,
  replaysExactly,
  runCall,
  startCall,
} from '../testing/run-call.ts';
import { until } from '../testing/until.ts';
import { startHostProcess } from './host-process.ts';

const NODE = `"${process.execPath.replaceAll('\\', '\\\\')}"`;
const HOST = `"${fileURLToPath(new URL('../../test-plugins/host.ts', import.meta.url)).replaceAll('\\', '\\\\')}"`;
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'wpd-host-'));
after(() => fs.rmSync(folder, { recursive: true, force: true }));

/** A host of a few lines: `body` gets each line as `line` and its request as `request`. */
function script(name: string, body: string): string {
  const file = path.join(folder, `${name}.mjs`);
  fs.writeFileSync(
    file,
    `import readline from 'node:readline';
     const say = (text) => process.stdout.write(text + '\\n');
     for await (const line of readline.createInterface({ input: process.stdin })) { const request = JSON.parse(line); ${body} }`,
  );
  return `${NODE} "${file.replaceAll('\\', '\\\\')}"`;
}

function hosted(command: string): { options: CallOptions; said: string[] } {
  const said: string[] = [];
  return { options: { host: startHostProcess(platform, command, undefined, (sentence) => said.push(sentence)) }, said };
}

const MAX = '18446744073709551615';
/** Numbers that doubles round, as they must come back. */
const EXTREMES = `[${MAX},9223372036854775808,9007199254740993,-9223372036854775808,-9007199254740993]`;

describe('a host process', { concurrency: 2 }, () => {
  it('P2: numbers of 64 bits go there and back unharmed', needs('rust-pdk.release'), async () => {
    const { options, said } = hosted(`${NODE} ${HOST}`);
    const call = await runCall('rust-pdk.release', 'u64_extremes', 'null', options);
    assert.equal(call.outcome.result, EXTREMES, call.outcome.fault?.message);
    const lines = messages(call.events());
    assert.ok(lines.includes(`< {"jsonrpc":"2.0","id":0,"method":"echo","params":${EXTREMES}}`), lines.join('\n'));
    assert.ok(lines.includes(`> {"jsonrpc":"2.0","id":0,"result":${EXTREMES}}`), lines.join('\n'));
    assert.deepEqual(said, []);
    await replaysExactly(call, 'rust-pdk.release');
  });

  it('P2: so do the params of the call, the ids of the plugin, and its result', async () => {
    const { options } = hosted(`${NODE} ${HOST}`);
    const call = await runCall('rpc-id-max', 'run', `{"n":${MAX}}`, options);
    assert.equal(call.outcome.result, `{"jsonrpc":"2.0","id":${MAX},"result":"hello"}`);
    const [request] = messages(call.events());
    assert.equal(request, `> {"jsonrpc":"2.0","id":0,"method":"run","params":{"n":${MAX}}}`);
  });

  it('P2: and through a plugin without a framework', needs('c-minimal'), async () => {
    const { options } = hosted(`${NODE} ${HOST}`);
    const call = await runCall('c-minimal', 'echo', `{"message":[${MAX},0.1,1e400,"\\u0000"]}`, options);
    // 1e400 is no number to production's host
    assert.notEqual(call.outcome.kind, 'result');
    const fine = await runCall(
      'c-minimal',
      'echo',
      `{"message":[${MAX},0.1,-0.0,"\\u0000 é"]}`,
      hosted(`${NODE} ${HOST}`).options,
    );
    assert.equal(fine.outcome.result, `[${MAX},0.1,-0.0,"\\u0000 é"]`);
  });

  it('M1: is asked one method at a time, in the order of the requests', needs('rust-pdk.release'), async () => {
    const { options } = hosted(`${NODE} ${HOST} --delay 250`);
    const call = await runCall('rust-pdk.release', 'joined', 'null', options);
    assert.equal(call.outcome.result, '["first","second"]');
    const [out0, out1, in0, in1] = [
      '"method":"echo","params":"first"',
      '"method":"echo","params":"second"',
      '"result":"first"',
      '"result":"second"',
    ].map((text) => ofKind(call.events(), 'rpc').find(({ line }) => line.includes(text)));
    const times = [out0, out1, in0, in1].map((event) => event?.time ?? Number.NaN);
    assert.ok((times[2] ?? 0) - (times[0] ?? 0) >= 249, `${times}`);
    // one after the other, each of which takes its time
    assert.ok((times[3] ?? 0) - (times[0] ?? 0) >= 498, `${times}`);
    assert.ok((times[1] ?? 0) < (times[2] ?? 0), 'the plugin asked for the second before the first was answered');
  });

  it(
    'M1: one that never answers holds up those behind it; the call can be ended, and the process ends with it',
    needs('rust-pdk.release'),
    async () => {
      const { options } = hosted(`${NODE} ${HOST} --never echo`);
      const run = startCall('rust-pdk.release', 'joined', 'null', { ...options, limits: { wallMs: 700 } });
      const call = endedCall(run, await run.ended);
      assert.equal(call.outcome.fault?.kind, 'wall-time');
      assert.equal(
        ofKind(call.events(), 'rpc').filter(({ dir }) => dir === 'in').length,
        1,
        'the request of the call only',
      );
    },
  );

  it(
    'P1: a method that it does not know is an error response, as the plugin would get it from production',
    needs('rust-pdk.release'),
    async () => {
      const { options } = hosted(`${NODE} ${HOST}`);
      const call = await runCall('rust-pdk.release', 'unknown_host_method', 'null', options);
      assert.equal(call.outcome.kind, 'error');
      assert.equal(call.outcome.error?.code, -32601);
    },
  );

  it('P1: what it writes besides replies is told, and does no harm', async () => {
    const command = script(
      'noisy',
      `say('hello'); say('{"jsonrpc":"2.0","id":99,"result":1}'); say('[]'); console.error('on stderr');
       say(JSON.stringify({ jsonrpc: '2.0', id: request.id, result: 'ok' })); say(JSON.stringify({ jsonrpc: '2.0', id: request.id, result: 'again' }));`,
    );
    const { options, said } = hosted(command);
    const call = await runCall('rpc-call-echo', 'run', 'null', options);
    assert.equal(call.outcome.result, '{"jsonrpc":"2.0","id":0,"result":"ok"}');
    for (const part of ['`hello`', 'nothing was asked with id 99', 'a reply is an object', 'host: on stderr'])
      await until(`${part} in what is said`, () => said.some((sentence) => sentence.includes(part)));
  });

  it('E4: what it writes without end is counted, and its reply is found all the same', async () => {
    const command = script(
      'floods',
      `for (let i = 0; i < 20_000; i++) { say('noise ' + i); console.error('log ' + i); }
       say(JSON.stringify({ jsonrpc: '2.0', id: request.id, result: 'ok' }));`,
    );
    const { options, said } = hosted(command);
    const call = await runCall('rpc-call-echo', 'run', 'null', options);
    assert.equal(call.outcome.result, '{"jsonrpc":"2.0","id":0,"result":"ok"}');
    await until('that lines were counted', () => said.some((sentence) => /^host: … \d+ lines? more/.test(sentence)));
    assert.match(said[0] ?? '', /noise 0|log 0/);
    assert.ok(said.length < 20_000, `${said.length}`);
  });

  it('E4: P1: one that dies is told, and the plugin gets an error that says so', async () => {
    const { options, said } = hosted(script('dies', 'process.exit(7);'));
    const call = await runCall('rpc-call-echo', 'run', 'null', options);
    const reply = messages(call.events()).find((line) => line.startsWith('> ') && line.includes('error')) ?? '';
    assert.match(reply, /"id":0,"error":\{"code":-32603/);
    await until('that it has ended', () => said.some((sentence) => /ended \(exit code 7\)/.test(sentence)));
  });

  it('E4: one that can not be started is told, and the plugin gets an error', async () => {
    const { options, said } = hosted('no-such-program-anywhere');
    const call = await runCall('rpc-call-echo', 'run', 'null', options);
    assert.match(messages(call.events()).at(-2) ?? messages(call.events()).join('\n'), /"error"|echo/);
    await until('that it did not start', () => said.some((sentence) => /could not be started/.test(sentence)));
  });

  it('E4: a reply of many megabytes arrives whole', needs('rust-pdk.release'), async () => {
    const { options } = hosted(`${NODE} ${HOST}`);
    const call = await runCall('rust-pdk.release', 'payload', '{"bytes":2000000}', options);
    assert.equal(call.outcome.result, '2000000', call.outcome.fault?.message);
  });
});
