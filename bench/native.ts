// wasmi 1.0.3 under the real hdk, as the reference program times it: one child process for a plugin, asked a call at a time.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import fs from 'node:fs';
import { createInterface } from 'node:readline';
import { REFERENCE } from '../test-plugins/transcripts.ts';
import type { Time } from './sample.ts';

/** Whether the reference program was built. */
export const hasReference = (): boolean => fs.existsSync(REFERENCE);

export class Native {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  /** ms that wasmi took to compile the module. */
  readonly compileMs: Promise<number>;

  constructor(file: string) {
    this.#child = spawn(REFERENCE, ['--bench', file]);
    this.#child.stderr.pipe(process.stderr);
    this.#lines = createInterface(this.#child.stdout)[Symbol.asyncIterator]();
    this.compileMs = this.#next<{ compileMs: number }>().then(({ compileMs }) => compileMs);
  }

  async #next<T>(): Promise<T> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error('the reference program has ended; what it said is above');
    return JSON.parse(value) as T;
  }

  /** Makes a call in a fresh instance. @returns the time of the call inside, and what the instance took besides (ms). */
  async call(method: string, params: string): Promise<Time & { readonly instance: number }> {
    await this.compileMs;
    this.#child.stdin.write(`{"method":${JSON.stringify(method)},"params":${params}}\n`);
    const { callMs, instanceMs, cpuMs } = await this.#next<{
      callMs: number;
      instanceMs: number;
      cpuMs: number | null;
    }>();
    return { wall: callMs, cpu: cpuMs === null ? callMs : Math.max(0, cpuMs - instanceMs), instance: instanceMs };
  }

  close(): void {
    this.#child.stdin.end();
  }
}
