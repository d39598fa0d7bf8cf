// F5: from the launch request to the stop before the first instruction, and to one on a line of the source, by a DAP session in this process. The
// first launch of a module that nobody has seen, and the second of the same.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { PluginDebugSession } from '../debug-adapter/session/session.ts';
import { platform } from '../debug-adapter/testing/run-call.ts';
import { lineWith, sourceFile } from '../debug-adapter/testing/source-session.ts';
import { unlike } from './guest.ts';
import { type Sample, sampleOf } from './sample.ts';
import type { Plugin } from './workloads.ts';

export interface Launch {
  readonly plugin: string;
  readonly bytes: number;
  /** ms, by the clock. */
  readonly first: Sample;
  readonly second: Sample;
  /** The same to a breakpoint on a line, of a plugin that has debug information. */
  readonly line: { readonly first: Sample; readonly second: Sample } | undefined;
}

/** Where a call of a debug build is stopped: on a line of an async method. */
const LINE = {
  method: 'prime_sieve',
  params: { limit: 10 },
  file: 'rust-pdk/src/computation.rs',
  text: 'let primes = primes_up_to(params.limit);',
};

type Message = { type: string; event?: string; command?: string; success?: boolean; message?: string };

/** One session, up to its first stop. @returns ms from `launch` to `stopped`. */
async function launchOnce(plugin: string, onLine: boolean): Promise<number> {
  const session = new PluginDebugSession(platform);
  let seq = 0;
  const send = (command: string, args: object = {}): void =>
    session.handleMessage({ type: 'request', seq: ++seq, command, arguments: args } as never);
  const stopped = new Promise<number>((resolve, reject) => {
    session.onDidSendMessage((sent) => {
      const message = sent as Message;
      if (message.event === 'stopped') resolve(performance.now());
      else if (message.type !== 'response') return;
      else if (message.success === false) reject(new Error(message.message));
      else if (message.command === 'launch' && onLine)
        send('setBreakpoints', {
          source: { path: sourceFile(LINE.file) },
          breakpoints: [{ line: lineWith(LINE.file, LINE.text) }],
        });
      else if (message.command === 'launch' || message.command === 'setBreakpoints') send('configurationDone');
    });
  });
  send('initialize', { adapterID: 'wasmi-plugin' });
  const start = performance.now();
  send(
    'launch',
    onLine ? { plugin, method: LINE.method, params: LINE.params } : { plugin, method: 'ping', stopOnEntry: true },
  );
  const ms = (await stopped) - start;
  const gone = new Promise<void>((resolve) => {
    session.onDidSendMessage((sent) => {
      const message = sent as Message;
      if (message.type === 'response' && message.command === 'disconnect') resolve();
    });
  });
  send('disconnect', { terminateDebuggee: true });
  await gone;
  return ms;
}

export async function launches(plugin: Plugin, rounds: number): Promise<Launch> {
  const { first, second } = await launchesOf(plugin, rounds, false);
  // the other builds are optimised, or of other sources
  const line = plugin.name === 'rust-pdk.debug' ? await launchesOf(plugin, rounds, true) : undefined;
  return { plugin: plugin.name, bytes: plugin.bytes.length, first, second, line };
}

async function launchesOf(plugin: Plugin, rounds: number, onLine: boolean): Promise<{ first: Sample; second: Sample }> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'wpd-bench-'));
  const first: number[] = [];
  const second: number[] = [];
  try {
    for (let round = 0; round < rounds; round++) {
      const file = path.join(folder, `${round}.wasm`);
      fs.writeFileSync(file, unlike(plugin.bytes));
      first.push(await launchOnce(file, onLine));
      second.push(await launchOnce(file, onLine));
    }
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
  return { first: sampleOf(first), second: sampleOf(second) };
}
