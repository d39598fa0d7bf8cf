// What a run takes of the machine's memory: the most that a fresh process has resident while it makes one call, less what it has before.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Plugin } from './workloads.ts';

export interface Resident {
  readonly plugin: string;
  readonly method: string;
  /** Millions of bytes. */
  readonly before: number;
  readonly most: number;
  readonly events: number;
}

type Told = Pick<Resident, 'before' | 'most' | 'events'>;

export async function resident(plugin: Plugin, method: string, params: string): Promise<Resident> {
  const child = fork(fileURLToPath(import.meta.url), [plugin.file, method, params], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit').then((): never => {
    throw new Error('the process whose memory is measured ended without a word');
  });
  ended.catch(() => {}); // when it has told, it may end
  const [told] = (await Promise.race([once(child, 'message'), ended])) as [Told];
  return { plugin: plugin.name, method, ...told };
}

async function inChild(file: string, method: string, params: string): Promise<Told> {
  const { runCall } = await import('../debug-adapter/testing/run-call.ts');
  const bytes = new Uint8Array(fs.readFileSync(file));
  const before = process.memoryUsage.rss() / 1e6;
  const { run } = await runCall(bytes, method, params, { mocks: '{"echo":0}' });
  return { before, most: process.resourceUsage().maxRSS / 1e3, events: run.store.length };
}

const [, script, file, method, params] = process.argv;
if (script === fileURLToPath(import.meta.url) && file !== undefined && method !== undefined && process.send) {
  const told = await inChild(file, method, params ?? 'null');
  process.send(told, () => process.exit());
}
