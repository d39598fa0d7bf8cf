// Drives a DAP server over stdio and writes the conversation down, with everything that differs from run to run made stable: for golden
// files. A test's tool; ships in no bundle.
import assert from 'node:assert/strict';
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { DebugClient } from '@vscode/debugadapter-testsupport';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { assertGolden } from './golden.ts';

const CLI = fileURLToPath(new URL('../cli.ts', import.meta.url));
/** The project's folder: paths in the conversation are written relative to it. */
export const ROOT = path.resolve(path.dirname(CLI), '..');
/** Events whose number and moment depend on the machine's speed; tests look at them by themselves. */
const UNSTABLE = new Set(['plugin/eventsAppended', 'plugin/fuel', 'loadedSource']);
const PATIENCE_MS = 60_000;

/** A launch of the prebuilt plugin, the same each time: no slice ends but where a syscall ends it, whatever the fuel model. */
export const GREET = {
  plugin: 'test-plugins/hello/hello.wasm',
  mocks: 'test-plugins/hello/hello.mocks.json',
  method: 'greet',
  params: { name: 'Ada' },
  clock: 'virtual:2024-01-01T08:00:00Z',
  seed: '1',
  slice: 1_000_000_000,
};

export type Stopped = DebugProtocol.StoppedEvent['body'];

/** A debug client on the stdio of `wasmi-plugin-debugger dap`. */
export class StdioClient extends DebugClient {
  readonly child: ChildProcessWithoutNullStreams;
  /** Resolves with the process's exit code. */
  readonly exited: Promise<number | null>;
  stderr = '';

  /** @param environment besides this process's */
  constructor(environment: NodeJS.ProcessEnv = {}) {
    super('', '', 'wasmi-plugin');
    this.child = spawn(process.execPath, [CLI, 'dap'], { cwd: ROOT, env: { ...process.env, ...environment } });
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.exited = new Promise((resolve) => this.child.on('exit', resolve));
    this.connect(this.child.stdout, this.child.stdin);
  }
}

type Message = { type: string; event?: string; command?: string; success?: boolean; message?: string; body?: unknown };

export class Conversation {
  readonly client: StdioClient;
  readonly events: Message[] = [];
  /** Whether the conversation has what `initialize` answers: once is enough. */
  showCapabilities = false;
  readonly #lines: string[] = [];
  #raw = Buffer.alloc(0);
  readonly #references = new Map<number, number>();
  readonly #waiting: { event: string; resolve(body: never): void }[] = [];

  constructor(environment: NodeJS.ProcessEnv = {}) {
    this.client = new StdioClient(environment);
    this.client.child.stdout.on('data', (piece: Buffer) => this.#read(piece));
  }

  #read(piece: Buffer): void {
    this.#raw = Buffer.concat([this.#raw, piece]);
    for (;;) {
      const end = this.#raw.indexOf('\r\n\r\n');
      const length = /^Content-Length: (\d+)/.exec(this.#raw.toString('latin1', 0, Math.max(0, end)))?.[1];
      if (end < 0 || length === undefined || this.#raw.length < end + 4 + Number(length)) return;
      const message = JSON.parse(this.#raw.toString('utf8', end + 4, end + 4 + Number(length))) as Message;
      this.#raw = this.#raw.subarray(end + 4 + Number(length));
      if (message.type === 'event') this.#event(message);
      else this.#response(message);
    }
  }

  #event(message: Message): void {
    this.events.push(message);
    const name = message.event ?? '';
    if (!UNSTABLE.has(name)) this.#write(`  ⚡ ${name}`, message.body);
    const at = this.#waiting.findIndex((waiting) => waiting.event === name);
    if (at >= 0) this.#waiting.splice(at, 1)[0]?.resolve(message.body as never);
  }

  /** Written as they come, so that the order is that of the wire. */
  #response(message: Message): void {
    const { command } = message;
    const told = command === 'initialize' && !this.showCapabilities ? undefined : message.body;
    if (message.success) this.#write(`← ${command}`, told);
    else this.#lines.push(`← ${command} refused: ${stableText(message.message ?? '')}`);
  }

  #write(head: string, body: unknown): void {
    const content = (body as { content?: unknown } | undefined)?.content;
    if (body === undefined) this.#lines.push(head);
    else if (typeof content === 'string') {
      const lines = stableText(content).trimEnd().split('\n');
      this.#lines.push(head, ...lines.map((line) => `    | ${line}`));
    } else {
      const compact = JSON.stringify(body, (key, value: unknown) => this.#stable(key, value));
      const text =
        compact.length <= 110 ? compact : JSON.stringify(body, (key, value: unknown) => this.#stable(key, value), 2);
      this.#lines.push(`${head} ${text.replaceAll('\n', '\n    ')}`);
    }
  }

  /** Numbers of variables by order of appearance; times and fuel, which a better fuel model changes, as letters; paths from the project's folder. */
  #stable(key: string, value: unknown): unknown {
    if (key === 'variablesReference' && typeof value === 'number' && value > 0) {
      if (!this.#references.has(value)) this.#references.set(value, this.#references.size + 1);
      return `#${this.#references.get(value)}`;
    }
    return typeof value === 'string' ? stableText(value) : value;
  }

  /** The conversation so far. */
  get text(): string {
    return `${this.#lines.join('\n')}\n`;
  }

  /** A heading for those who read the golden file. */
  note(text: string): void {
    this.#lines.push('', `# ${text}`);
  }

  /** Sends a request and gives the body of its response, or the sentence of its failure as `{ refused }`. */
  async ask(command: string, args: object = {}): Promise<never> {
    this.#write(`→ ${command}`, Object.keys(args).length === 0 ? undefined : args);
    try {
      const response: DebugProtocol.Response = await this.client.send(command, args);
      return response.body as never;
    } catch (error) {
      return { refused: (error as Error).message } as never;
    }
  }

  /** The body of the next event of that name. */
  next<T>(event: string): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`No '${event}' came.\n${this.text}`)), PATIENCE_MS);
      const done = (body: T): void => {
        clearTimeout(timer);
        resolve(body);
      };
      this.#waiting.push({ event, resolve: done as (body: never) => void });
    });
  }

  /** Does what lets the call run, until it stands. */
  async untilStop(act: () => Promise<unknown>): Promise<Stopped> {
    const stopped = this.next<Stopped>('stopped');
    await act();
    return stopped;
  }

  /** Does what lets the call run, until the session is over. */
  async untilEnd(act: () => Promise<unknown>): Promise<void> {
    const terminated = this.next('terminated');
    await act();
    await terminated;
  }

  /** Sends a request that lets the call run on, and waits until it stands. */
  go(command: string, args: object = {}): Promise<Stopped> {
    return this.untilStop(() => this.ask(command, { threadId: 1, ...args }));
  }

  /** Initializes, launches, sends `configure`'s breakpoints, and lets the call begin. */
  async launch(args: object, configure: () => Promise<unknown> = async () => {}): Promise<void> {
    const initialized = this.next('initialized');
    await this.ask('initialize', {
      adapterID: 'wasmi-plugin',
      linesStartAt1: true,
      columnsStartAt1: true,
      pathFormat: 'path',
    });
    await initialized;
    await this.ask('launch', args);
    await configure();
    await this.ask('configurationDone');
  }

  async disconnect(): Promise<number | null> {
    await this.ask('disconnect');
    return this.client.exited;
  }

  /** Ends the process however the test went. */
  kill(): void {
    this.client.child.kill();
  }
}

function stableText(text: string): string {
  return text
    .replaceAll(ROOT.replaceAll('\\', '/'), '.')
    .replaceAll(ROOT, '.')
    .replace(/^ *\d+\.\d{3} {2} *[\d ]+? {2}/gm, '<time> <fuel>  ')
    .replace(/T\d\d:\d\d:\d\d\.\d+Z/g, 'T<time>Z')
    .replace(/\d+\.\d{3} ms/g, '<time> ms')
    .replace(/≈\d+(?: \d{3})*/g, '≈<fuel>')
    .replace(/[\d ]+ ms$/gm, ' <time> ms')
    .replace(/\d+ (yield|syscall)s?,/g, '<n> $1s,')
    .replace(/, at [^,]+ ms/g, ', at <time> ms');
}

/** Has a conversation, and compares it with golden file `name`; `stable` takes out of it what is another each time. */
export async function assertConversation<T extends Conversation>(
  name: string,
  dap: T,
  talk: (dap: T) => Promise<void>,
  stable: (text: string) => string = (text) => text,
): Promise<void> {
  try {
    await talk(dap);
    assert.equal(await dap.disconnect(), 0);
    assert.equal(dap.client.stderr, '');
    assertGolden(`${name}.dap.txt`, stable(dap.text));
  } finally {
    dap.kill();
  }
}
