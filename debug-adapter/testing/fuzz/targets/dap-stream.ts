// Fuzz target: the bytes of a DAP client on a stream: headers that lie, bodies that are no JSON, requests that are none. The server throws nothing past
// itself, and what it writes is DAP. Contract E4.
import { PassThrough } from 'node:stream';
import type { Platform } from '../../../executor/platform.ts';
import { FakeEngine } from '../../../session/fake-run.ts';
import { PluginDebugSession } from '../../../session/session.ts';
import type { Bytes } from '../bytes.ts';
import { changed, changeText } from '../json-text.ts';
import { isJson } from '../reference-json.ts';
import { texts } from '../seeds.ts';
import { expect, type FuzzTarget } from '../target.ts';

function framed(...requests: readonly [command: string, args?: object][]): string {
  return requests
    .map(([command, args], index) => {
      const body = JSON.stringify({ seq: index + 1, type: 'request', command, arguments: args });
      return `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
    })
    .join('');
}

const seeds = texts(
  framed(
    ['initialize', { adapterID: 'x' }],
    ['launch', { plugin: 'p.wasm', method: 'run' }],
    ['configurationDone'],
    ['threads'],
    ['disconnect'],
  ),
  framed(['initialize', {}], ['evaluate', { expression: '🦀' }], ['plugin/fuel']),
  `${framed(['initialize', {}])}Content-Type: application/vscode-jsonrpc; charset=utf-8\r\n${framed(['threads'])}`,
  'Content-Length: 2\r\n\r\n{}Content-Length: 4\r\n\r\nnullContent-Length: 2\r\n\r\n[]Content-Length: 0\r\n\r\n',
  'Content-Length: 99999999999\r\n\r\n{"seq":1}',
  'GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello',
);

async function check(bytes: Bytes): Promise<void> {
  const input = new PassThrough();
  const output = new PassThrough();
  const written: Buffer[] = [];
  output.on('data', (chunk: Buffer) => written.push(chunk));
  const session = new PluginDebugSession({} as Platform, { engine: new FakeEngine() }); // the engine takes the platform's place
  const { error } = console;
  console.error = () => {};
  try {
    session.start(input, output);
    const half = bytes.length >> 1;
    input.write(bytes.subarray(0, half));
    await new Promise((resolve) => setImmediate(resolve));
    input.end(bytes.subarray(half));
    for (let turns = 0; turns < 8; turns++) await new Promise((resolve) => setImmediate(resolve));
    checkWritten(Buffer.concat(written));
  } finally {
    console.error = error;
    session.dispose();
  }
}

/** Whole messages, each JSON of the length that its header says. */
function checkWritten(bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) {
    const header = /^Content-Length: (\d+)\r\n\r\n/.exec(bytes.toString('latin1', at, at + 60));
    expect(header !== null, () => `no header at ${at}: ${bytes.toString('utf8', at, at + 80)}`);
    const start = at + header[0].length;
    const end = start + Number(header[1]);
    expect(
      end <= bytes.length && isJson(bytes.toString('utf8', start, end)),
      () => 'a message is no JSON, or cut short',
    );
    at = end;
  }
}

export const target: FuzzTarget = {
  name: 'dap-stream',
  about: 'a DAP client on a stream that writes anything',
  make: (source) => changed(source, seeds, changeText),
  check,
};
