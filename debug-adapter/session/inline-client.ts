// DAP clients in the same process as the session, as VS Code's extension host is: of any session, and of one over runs that are steered by
// hand. Only tests import it.
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Platform } from '../executor/platform.ts';
import { FakeEngine } from './fake-run.ts';
import { PluginDebugSession } from './session.ts';

type Message = {
  type: string;
  event?: string;
  request_seq?: number;
  success?: boolean;
  message?: string;
  body?: never;
};

/** The client of a session in the same process. */
export class InlineClient {
  readonly session: PluginDebugSession;
  readonly events: { event: string; body: never }[] = [];
  readonly #answers = new Map<number, (message: Message) => void>();
  readonly #waiting: { event: string; resolve(body: never): void }[] = [];
  #seq = 0;

  constructor(session: PluginDebugSession) {
    this.session = session;
    this.session.onDidSendMessage((sent) => {
      const message = sent as Message;
      if (message.type === 'response') this.#answers.get(message.request_seq ?? -1)?.(message);
      else {
        const event = message.event ?? '';
        this.events.push({ event, body: message.body as never });
        const at = this.#waiting.findIndex((waiting) => waiting.event === event);
        if (at >= 0) this.#waiting.splice(at, 1)[0]?.resolve(message.body as never);
      }
    });
  }

  async ask(command: string, args: object = {}): Promise<never> {
    const seq = ++this.#seq;
    const message = await new Promise<Message>((resolve) => {
      this.#answers.set(seq, resolve);
      this.session.handleMessage({ type: 'request', seq, command, arguments: args } as DebugProtocol.Request);
    });
    if (message.success !== true) throw new Error(message.message);
    return message.body as never;
  }

  next<T>(event: string): Promise<T> {
    return new Promise((resolve) => this.#waiting.push({ event, resolve: resolve as (body: never) => void }));
  }

  of<T>(event: string): T[] {
    return this.events.filter((sent) => sent.event === event).map(({ body }) => body);
  }
}

/** A session over a run that is steered by hand, and its client. */
export class Inline extends InlineClient {
  readonly engine: FakeEngine;

  constructor() {
    const engine = new FakeEngine();
    super(new PluginDebugSession({} as Platform, { engine }));
    this.engine = engine;
  }

  output(): string[] {
    return this.of<DebugProtocol.OutputEvent['body']>('output').map(({ output }) => output.trimEnd());
  }

  async launch(more: object = {}, capabilities: object = {}): Promise<void> {
    await this.ask('initialize', { adapterID: 'wasmi-plugin', ...capabilities });
    await this.ask('launch', { plugin: 'p.wasm', method: 'run', ...more });
    await this.ask('configurationDone');
  }

  /** Stops the run on its last event and waits until the client is told. */
  async halt(stop: object = {}): Promise<DebugProtocol.StoppedEvent['body']> {
    const stopped = this.next<DebugProtocol.StoppedEvent['body']>('stopped');
    this.engine.run.halt(stop);
    return stopped;
  }

  top(): Promise<DebugProtocol.StackTraceResponse['body']> {
    return this.ask('stackTrace', { threadId: 1, startFrame: 0, levels: 1 });
  }
}
