// A DAP client of a call that stops on a fault: what it is told there, for tests. Only tests import it.
import assert from 'node:assert/strict';
import path from 'node:path';
import type { TestContext } from 'node:test';
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Platform } from '../executor/platform.ts';
import { platform, pluginFile } from '../testing/run-call.ts';
import { InlineClient } from './inline-client.ts';
import { type HeldRecording, PluginDebugSession } from './session.ts';

type ExceptionInfo = DebugProtocol.ExceptionInfoResponse['body'];
type Frame = DebugProtocol.StackFrame;

export class ExceptionClient extends InlineClient {
  readonly #ended = this.next('terminated').then(() => 'ended');

  /** It waits for what a trapping instruction was given, however long that takes, if `patience` does not say otherwise. */
  constructor(
    test: Pick<TestContext, 'after'>,
    recordings: Readonly<Record<string, HeldRecording>> = {},
    on: Platform = platform,
    patience = 600_000,
  ) {
    super(new PluginDebugSession(on, { recordings: (name) => recordings[name], patience }));
    test.after(() => this.session.dispose());
  }

  /** Starts a call that stops on traps, panics and protocol faults. @returns its first stop */
  async launch(args: object, configure: () => Promise<unknown> = async () => {}): Promise<string> {
    await this.ask('initialize', { adapterID: 'wasmi-plugin', supportsProgressReporting: true });
    const stopped = this.stop();
    // a recording says these itself
    await this.ask('launch', 'recording' in args ? args : { clock: 'virtual', seed: '1', ...args });
    await this.ask('setExceptionBreakpoints', { filters: ['trap', 'protocol'] });
    await configure();
    await this.ask('configurationDone');
    return stopped;
  }

  /** A call of a plugin of test-plugins. */
  static async at(
    test: Pick<TestContext, 'after'>,
    plugin: string,
    method: string,
    more: object = {},
  ): Promise<ExceptionClient> {
    const client = new ExceptionClient(test);
    assert.equal(await client.launch({ plugin: pluginFile(plugin), method, ...more }), 'exception');
    return client;
  }

  /** The reason of the next stop; `ended` where none comes. */
  stop(): Promise<string> {
    const stopped = this.next<DebugProtocol.StoppedEvent['body']>('stopped').then(({ reason }) => reason);
    return Promise.race([stopped, this.#ended]);
  }

  async on(): Promise<string> {
    const stopped = this.stop();
    await this.ask('continue', { threadId: 1 });
    return stopped;
  }

  info(): Promise<ExceptionInfo> {
    return this.ask('exceptionInfo', { threadId: 1 });
  }

  async frames(): Promise<readonly Frame[]> {
    const { stackFrames }: DebugProtocol.StackTraceResponse['body'] = await this.ask('stackTrace', { threadId: 1 });
    return stackFrames;
  }

  /** The frame that an editor shows by itself: the first that is not in the background. */
  async shown(): Promise<Frame> {
    const found = (await this.frames()).find(
      ({ presentationHint, source }) => presentationHint === undefined && source,
    );
    return found ?? assert.fail('no frame is shown');
  }

  /** `panics.rs:10` */
  async shownLine(): Promise<string> {
    const { source, line } = await this.shown();
    return `${path.basename(source?.path ?? '')}:${line}`;
  }

  /** `name = value` of a scope of a frame. */
  async scope({ id }: Frame, name: string): Promise<readonly string[]> {
    const { scopes }: DebugProtocol.ScopesResponse['body'] = await this.ask('scopes', { frameId: id });
    const scope = scopes.find((found) => found.name === name) ?? assert.fail(scopes.map((one) => one.name).join());
    const { variables }: DebugProtocol.VariablesResponse['body'] = await this.ask('variables', {
      variablesReference: scope.variablesReference,
    });
    return variables.map((variable) => `${variable.name} = ${variable.value}`);
  }
}

/** The first line of a description: its sentence. */
export const sentenceOf = ({ description = '' }: ExceptionInfo): string => description.split('\n')[0] ?? '';
