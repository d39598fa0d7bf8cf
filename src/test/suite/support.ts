// What the suites inside VS Code share: where things are, answers in a person's place, and waiting for what a debug session does.
/// <reference types="mocha" />
import fs from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import type { Questions } from '../../askCall.ts';
import type { Memory } from '../../callHistory.ts';

/** The checkout; the runner says where, because the suite runs on a copy of a folder. */
export const root = process.env['WPD_ROOT'] ?? path.resolve(__dirname, '../../..');

/** The folder that is open. */
export function folder(): vscode.WorkspaceFolder {
  const [first] = vscode.workspace.workspaceFolders ?? [];
  if (!first) throw new Error('no folder is open');
  return first;
}

/** Path of a built test plugin (`rust-pdk.debug`, `wat/endless-loop`). Skips the test where it was not built. */
export function plugin(test: Mocha.Context, name: string): string {
  const file = path.join(root, 'test-plugins/out', `${name}.wasm`);
  if (!fs.existsSync(file)) {
    if (process.env['CI'] === 'true') throw new Error(`${file} is missing: run node test-plugins/build.ts`);
    test.skip();
  }
  return file;
}

/** A launch of the prebuilt plugin in the folder that is open, the same each time. */
export const greet = (changes: object = {}): vscode.DebugConfiguration => ({
  type: 'wasmi-plugin',
  request: 'launch',
  name: 'greet',
  plugin: path.join(folder().uri.fsPath, 'hello.wasm'),
  method: 'greet',
  params: { name: 'Ada' },
  seed: '1',
  clock: 'virtual',
  ...changes,
});

/** Answers to every question; what is asked without an answer here is an error. `asked` keeps what was asked. */
export class Answers implements Questions {
  readonly asked: unknown[][] = [];
  readonly #answers: { [Question in keyof Questions]?: (...about: Parameters<Questions[Question]>) => unknown };

  constructor(
    answers: { [Question in keyof Questions]?: (...about: Parameters<Questions[Question]>) => unknown } = {},
  ) {
    this.#answers = answers;
  }

  async #answer(question: keyof Questions, ...about: unknown[]): Promise<never> {
    this.asked.push([question, ...about]);
    const answer = this.#answers[question] as ((...about: unknown[]) => unknown) | undefined;
    if (!answer) throw new Error(`nobody expected the question ${question}(${JSON.stringify(about)})`);
    return answer(...about) as never;
  }

  plugin = (...about: Parameters<Questions['plugin']>) => this.#answer('plugin', ...about);
  method = (...about: Parameters<Questions['method']>) => this.#answer('method', ...about);
  params = (...about: Parameters<Questions['params']>) => this.#answer('params', ...about);
  stale = (...about: Parameters<Questions['stale']>) => this.#answer('stale', ...about);
}

export class FreshMemory implements Memory {
  readonly #kept = new Map<string, unknown>();
  get(key: string): unknown {
    return this.#kept.get(key);
  }
  async update(key: string, value: unknown): Promise<void> {
    this.#kept.set(key, structuredClone(value));
  }
}

/** A busy machine is given so many times what an idle one needs, and at the least so many ms. */
const BUSY = 6;
const AT_LEAST_MS = 30_000;

/** Resolves with the first value that is not undefined; rejects with `what` when it does not come. @param ms what an idle machine needs at most */
export async function until<T>(
  what: string,
  ms: number,
  look: () => T | undefined | Promise<T | undefined>,
): Promise<T> {
  const patience = Math.max(BUSY * ms, AT_LEAST_MS);
  const end = performance.now() + patience;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > end) throw new Error(`waited ${patience} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A stack frame, as far as suites look at it. */
export interface Frame {
  readonly id: number;
  readonly name: string;
  readonly line: number;
  readonly source?: { readonly name?: string; readonly path?: string };
}

/** A variable, or a scope. */
export interface Row {
  readonly name: string;
  readonly value: string;
  readonly variablesReference: number;
}

interface Message {
  /** Which session said it: its place in `sessions`. */
  readonly by: number;
  /** When it was said, or asked; as performance.now() counts. */
  readonly at: number;
  readonly type: string;
  readonly event?: string;
  readonly command?: string;
  readonly body?: Record<string, unknown>;
}

/** Listens to the whole DAP conversation of the sessions of our type, as VS Code sees it. */
export class Conversation implements vscode.Disposable {
  readonly messages: Message[] = [];
  readonly sessions: vscode.DebugSession[] = [];
  /** What VS Code has asked for. */
  readonly requests: Message[] = [];
  readonly #registration: vscode.Disposable;
  /** Ids of sessions that are over. */
  readonly #over = new Set<string>();
  #taken = 0;
  #sessionsDone = 0;

  constructor() {
    const factory: vscode.DebugAdapterTrackerFactory = {
      createDebugAdapterTracker: (session) => {
        const by = this.sessions.push(session) - 1;
        const dated = (message: Message): Message => ({ ...message, by, at: performance.now() });
        return {
          onWillReceiveMessage: (message: Message) => this.requests.push(dated(message)),
          onDidSendMessage: (message: Message) => this.messages.push(dated(message)),
        };
      },
    };
    this.#registration = vscode.Disposable.from(
      vscode.debug.registerDebugAdapterTrackerFactory('wasmi-plugin', factory),
      vscode.debug.onDidTerminateDebugSession(({ id }) => this.#over.add(id)),
    );
  }

  /** The body of the next event `name` that was not taken yet. */
  async event(name: string, ms = 20_000): Promise<Record<string, unknown>> {
    return until(`the event ${name}; there were ${this.#seen()}`, ms, () => {
      const at = this.messages.findIndex(
        (message, i) =>
          i >= this.#taken && message.by >= this.#sessionsDone && message.type === 'event' && message.event === name,
      );
      if (at < 0) return undefined;
      this.#taken = at + 1;
      return this.messages[at]?.body ?? {};
    });
  }

  /** Waits until every session so far is over, and VS Code has none in front of it. */
  async over(): Promise<void> {
    await until('the end of the session', 10_000, () =>
      vscode.debug.activeDebugSession === undefined && this.sessions.every(({ id }) => this.#over.has(id))
        ? true
        : undefined,
    );
  }

  /** What the sessions so far say is not waited for any more. */
  skip(): void {
    this.#sessionsDone = this.sessions.length;
  }

  #seen(): string {
    return this.messages.map(({ event, command }) => event ?? command).join(' ');
  }

  /** All that was written to the Debug Console. */
  get output(): string {
    return this.messages
      .filter(({ type, event }) => type === 'event' && event === 'output')
      .map(({ body }) => String(body?.['output'] ?? ''))
      .join('');
  }

  get session(): vscode.DebugSession {
    const session = this.sessions.at(-1);
    if (!session) throw new Error('no debug session was started');
    return session;
  }

  /** Asks the last session. */
  ask<T>(command: string, args: object = {}): Promise<T> {
    return Promise.resolve(this.session.customRequest(command, args) as Thenable<T>);
  }

  /** The first `levels` frames of its stack. */
  async frames(levels = 50): Promise<readonly Frame[]> {
    return (await this.ask<{ stackFrames: Frame[] }>('stackTrace', { threadId: 1, startFrame: 0, levels })).stackFrames;
  }

  /** What a scope holds, or a variable. */
  async rows(variablesReference: number): Promise<readonly Row[]> {
    return (await this.ask<{ variables: Row[] }>('variables', { variablesReference })).variables;
  }

  dispose(): void {
    this.#registration.dispose();
  }
}
