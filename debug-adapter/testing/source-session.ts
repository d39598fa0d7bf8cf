// A call that is debugged in its source, for tests: breakpoints on lines that are named by their text, steps, and what is seen at each stop.
// Only tests import it.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CodeBreakpoint, ResolvedBreakpoint, Resume, Stop } from '../executor/options.ts';
import type { Run } from '../executor/run.ts';
import type { VariableRow } from '../source/frame-variables.ts';
import type { SourceFrame } from '../source/module-source.ts';
import { type CallOptions, type Plugin, startCall } from './run-call.ts';

const PLUGINS = fileURLToPath(new URL('../../test-plugins/', import.meta.url));

/** The path of a file of a test plugin, as its debug information has it. */
export const sourceFile = (name: string): string => path.join(PLUGINS, name);

/** The line, from 1, that has `text`. @throws Error where there is none, or more than one */
export function lineWith(name: string, text: string): number {
  const lines = fs.readFileSync(sourceFile(name), 'utf8').split('\n');
  const found = lines.flatMap((line, at) => (line.includes(text) ? [at + 1] : []));
  if (found.length !== 1) throw new Error(`${found.length} lines of ${name} have ${JSON.stringify(text)}`);
  return found[0] ?? 0;
}

/** A breakpoint on the line with `text`. */
export function breakOn(name: string, text: string, more: Partial<CodeBreakpoint> = {}): CodeBreakpoint {
  return { id: `line:${text}`, place: { path: sourceFile(name), line: lineWith(name, text) }, ...more };
}

/** Where the call stands, in the author's own source. */
export interface Standing {
  readonly stop: Stop;
  readonly frames: readonly (readonly SourceFrame[])[];
  /** The innermost frame that is the author's own. */
  readonly own: { readonly index: number; readonly level: number; readonly frame: SourceFrame } | undefined;
  /** `basics.rs:30`, or how the call ended. */
  readonly at: string;
}

export class SourceSession {
  readonly run: Run;
  resolved: readonly ResolvedBreakpoint[] = [];
  readonly logs: string[] = [];
  readonly problems: string[] = [];
  #arrived: (() => void) | undefined;

  constructor(
    plugin: Plugin,
    method: string,
    params: string,
    breakpoints: readonly CodeBreakpoint[],
    more: CallOptions = {},
  ) {
    this.run = startCall(plugin, method, params, { debug: true, breakpoints, ...more });
    this.run.on({
      breakpoints: (resolved) => {
        this.resolved = resolved;
      },
      log: (text) => this.logs.push(text),
      problem: (sentence) => this.problems.push(sentence),
      stopped: () => this.#arrived?.(),
      ended: () => this.#arrived?.(),
    });
  }

  /** A session that ends with its test, however that goes. */
  static of(
    test: { after(end: () => Promise<void>): void },
    ...call: ConstructorParameters<typeof SourceSession>
  ): SourceSession {
    const session = new SourceSession(...call);
    test.after(() => session.end());
    return session;
  }

  /** The next stop, or the end. */
  async standing(): Promise<Standing> {
    if (this.run.state !== 'stopped' && this.run.state !== 'ended')
      await new Promise<void>((resolve) => {
        this.#arrived = resolve;
      });
    this.#arrived = undefined;
    const { stop } = this.run;
    if (stop === undefined)
      return { stop: undefined as never, frames: [], own: undefined, at: (await this.run.ended).kind };
    const frames = await this.run.sourceFrames();
    const index = frames.findIndex((levels) => levels.some(({ place }) => place?.own === true));
    const level = frames[index]?.findIndex(({ place }) => place?.own === true) ?? -1;
    const frame = frames[index]?.[level];
    const own = frame === undefined ? undefined : { index, level, frame };
    const { place } = frame ?? {};
    return { stop, frames, own, at: place === undefined ? 'elsewhere' : `${path.basename(place.path)}:${place.line}` };
  }

  /** Runs on, and gives where that ends. */
  async go(mode: Resume): Promise<Standing> {
    const next = new Promise<void>((resolve) => {
      this.#arrived = resolve;
    });
    this.run.resume(mode);
    await next;
    return this.standing();
  }

  step(step: NonNullable<Resume['step']>): Promise<Standing> {
    return this.go({ until: undefined, step, statement: true });
  }

  /** Steps, and gives where each ended: the text of its line. */
  async lines(step: NonNullable<Resume['step']>, count: number): Promise<string[]> {
    const found: string[] = [];
    for (let n = 0; n < count; n++) {
      const standing = await this.step(step);
      found.push(textAt(standing));
      if (standing.own === undefined) break;
    }
    return found;
  }

  /** The locals of the innermost own frame. */
  async locals(): Promise<readonly VariableRow[]> {
    const { own } = await this.standing();
    if (own === undefined) return [];
    return (await this.run.variables({ frame: own.index, level: own.level, scope: 'locals', path: [] }, 0, 100)).rows;
  }

  end(): Promise<void> {
    return this.run.terminate();
  }
}

/** The line at which a call stands, without its blanks and comment; else how it ended. */
export function textAt({ own, at }: Standing): string {
  const { place } = own?.frame ?? {};
  if (place === undefined) return at;
  const line = fs.readFileSync(place.path, 'utf8').split('\n')[place.line - 1] ?? '';
  return line.replace(/\s*\/\/.*$/, '').trim();
}
