// Fuzz target: DAP conversations whose requests have arguments of any shape, over runs that are steered by hand. Each request gets one response, which
// can be sent; nothing is thrown past the session; and it answers to the end. Contracts E4, P2, S6.
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Platform } from '../../../executor/platform.ts';
import { FakeEngine } from '../../../session/fake-run.ts';
import { PluginDebugSession } from '../../../session/session.ts';
import type { RandomSource } from '../../random-source.ts';
import { type Bytes, changeBytes } from '../bytes.ts';
import { changed, changeText } from '../json-text.ts';
import { isJson } from '../reference-json.ts';
import { files, fileText, texts } from '../seeds.ts';
import { expect, expectSentence, type FuzzTarget, Wrong } from '../target.ts';

const encoder = new TextEncoder();

/** Requests as a client means them. Later ones may be for a debugger that has more than this one: they too get a response. */
const REQUESTS: readonly (readonly [command: string, args?: unknown])[] = [
  ['setBreakpoints', { source: { path: '/src/main.rs' }, breakpoints: [{ line: 3, condition: 'a > 1' }, { line: 9 }] }],
  [
    'setFunctionBreakpoints',
    {
      breakpoints: [
        { name: 'rpc:echo', condition: 'bytes > 10', hitCondition: '>= 2' },
        { name: 'syscall:* log: {name} {errno}' },
      ],
    },
  ],
  ['setInstructionBreakpoints', { breakpoints: [{ instructionReference: '0x12', offset: 4 }] }],
  [
    'setExceptionBreakpoints',
    { filters: ['trap', 'protocol'], filterOptions: [{ filterId: 'rpc', condition: "dir == 'out'" }] },
  ],
  ['setDataBreakpoints', { breakpoints: [{ dataId: 'memory:16:4', accessType: 'write' }] }],
  ['dataBreakpointInfo', { variablesReference: 1, name: 'x' }],
  ['threads'],
  ['stackTrace', { threadId: 1, startFrame: 0, levels: 20 }],
  ['scopes', { frameId: 1 }],
  ['scopes', { frameId: 2 }],
  ['variables', { variablesReference: 1, filter: 'indexed', start: 0, count: 10 }],
  ['variables', { variablesReference: 2 }],
  ['setVariable', { variablesReference: 2, name: 'x', value: '1' }],
  ['setExpression', { expression: '$x', value: '18446744073709551615', frameId: 1 }],
  ['evaluate', { expression: 'params.a[0] + 1', context: 'watch', frameId: 1 }],
  ['evaluate', { expression: 'memory[16, 32]', context: 'repl' }],
  ['evaluate', { expression: '$__stack_pointer', context: 'hover' }],
  ['source', { sourceReference: 1000, source: { sourceReference: 1000 } }],
  ['loadedSources', {}],
  ['modules', { startModule: 0, moduleCount: 1 }],
  ['readMemory', { memoryReference: '0x10', offset: -8, count: 64 }],
  ['writeMemory', { memoryReference: '16', offset: 0, data: 'AAECAw==', allowPartial: true }],
  ['disassemble', { memoryReference: '0x10', instructionOffset: -20, instructionCount: 100, resolveSymbols: true }],
  ['exceptionInfo', { threadId: 1 }],
  ['completions', { text: 'para', column: 5, frameId: 1 }],
  ['gotoTargets', { source: { path: '/a' }, line: 1 }],
  ['stepInTargets', { frameId: 1 }],
  ['breakpointLocations', { source: { path: '/a' }, line: 1 }],
  ['cancel', { requestId: 1 }],
  ['plugin/events', { from: 0, to: 10 }],
  ['plugin/fuel'],
  ['pause', { threadId: 1 }],
  ['continue', { threadId: 1 }],
  ['next', { threadId: 1, granularity: 'statement' }],
  ['stepIn', { threadId: 1, granularity: 'instruction' }],
  ['stepOut', { threadId: 1 }],
  ['stepBack', { threadId: 1 }],
  ['reverseContinue', { threadId: 1 }],
  ['goto', { threadId: 1, targetId: 1 }],
  ['restartFrame', { frameId: 1 }],
  ['plugin/nextMessage'],
  ['plugin/nextSyscall'],
  ['plugin/nextYield'],
  ['restart', { arguments: { plugin: 'p.wasm', method: 'other', params: [1] } }],
  ['terminate', { restart: false }],
  ['disconnect', { restart: false, terminateDebuggee: true }],
];

/** The requests of the golden conversations: `→ command {arguments}`, over several lines where they are long. */
function goldenRequests(): (readonly [string, unknown])[] {
  const found: (readonly [string, unknown])[] = [];
  for (const file of files('debug-adapter/session/golden/*.dap.txt'))
    for (const [, command = '', args = ''] of fileText(file).matchAll(/^→ (\S+) (\{.*\}|\{\n[\s\S]*?\n\})$/gm))
      if (isJson(args)) found.push([command, JSON.parse(args)]);
  return found;
}

/** Longer ones would make every conversation one of launches. */
const golden = goldenRequests().filter(([command]) => command !== 'initialize' && command !== 'launch');
const requests = [...REQUESTS, ...golden];

/** Lines that a plugin may write, for the views to take apart. */
const SAID = [
  '{"jsonrpc":"2.0","id":18446744073709551615,"method":"echo","params":{"a":[1,1.0,{"b":null}],"odd key":"\\u001b[31m"}}',
  '{"jsonrpc":"2.0","id":0,"result":[[[[1e400]]],"x",-0]}',
  '{"jsonrpc":"2.0","id":0,"error":{"code":-32601,"message":"no","data":{}}}',
  'thread main panicked at src/main.rs:3:5: attempt to add with overflow',
  '[INFO] ready',
] as const;

/** What happens in the run between requests. */
const HAPPENINGS = [
  'request',
  'result',
  'stderr',
  'syscall',
  'poll',
  'yields',
  'log',
  'stray',
  'halt',
  'entry',
  'diagnosis',
  'finish',
  'trap',
  'progress',
] as const;

const INITIALIZE: readonly [string, unknown] = [
  'initialize',
  { adapterID: 'wasmi-plugin', linesStartAt1: true, columnsStartAt1: true, supportsProgressReporting: true },
];
const LAUNCH: readonly [string, unknown] = [
  'launch',
  { plugin: 'p.wasm', method: 'run', paramsText: '{"id":18446744073709551615}', stopOnEntry: true },
];
const DONE: readonly [string, unknown] = ['configurationDone', {}];

const lineOf = ([command, args]: readonly [string, unknown?]): string => JSON.stringify({ command, arguments: args });

/** A conversation: JSON Lines of requests and of happenings. */
function make(source: RandomSource): Bytes {
  const lines: string[] = [lineOf(INITIALIZE), lineOf(LAUNCH), lineOf(DONE)];
  for (let left = 2 + source.below(14); left > 0; left--) {
    if (source.chance(0.15))
      lines.push(JSON.stringify({ do: source.one(['in', 'out', 'err']), line: source.one(SAID) }));
    else if (source.chance(0.3)) lines.push(JSON.stringify({ do: source.one(HAPPENINGS) }));
    else lines.push(lineOf(source.one(requests)));
    if (source.chance(0.2)) lines.push(JSON.stringify({ do: 'halt' }));
  }
  // Changed are arguments more often than the launch, without which nothing goes; and most of what comes out is JSON again.
  for (let left = 1 + source.below(4); left > 0; left--) {
    const at = source.chance(0.1) ? source.below(3) : 3 + source.below(lines.length - 3);
    const other = encoder.encode(lineOf(source.one(requests)));
    const before = texts(lines[at] ?? '');
    for (let tries = source.chance(0.1) ? 1 : 6; tries > 0; tries--) {
      lines[at] = new TextDecoder().decode(changed(source, before, (from, bytes) => changeText(from, bytes, other)));
      if (isJson(lines[at] ?? '')) break;
    }
  }
  const whole = encoder.encode(`${lines.join('\n')}\n`);
  return source.chance(0.1) ? changeBytes(source, whole, whole) : whole;
}

type Sent = {
  readonly type: string;
  readonly request_seq?: number;
  readonly success?: boolean;
  readonly message?: string;
  readonly event?: string;
};

/** Longer than any answer of a session over fakes takes. */
const PATIENCE_MS = 6000;

class Client {
  readonly engine = new FakeEngine();
  readonly session = new PluginDebugSession({} as Platform, { engine: this.engine }); // the engine takes the platform's place
  readonly #answers = new Map<number, Sent[]>();
  readonly #waiting = new Map<number, () => void>();
  /** The first thing that was wrong with what was sent. */
  fault: Error | undefined;
  #seq = 0;

  constructor() {
    this.engine.files.set('m.json', '{"echo":1}');
    this.session.onDidSendMessage((message) => {
      try {
        this.#take(message as Sent);
      } catch (error) {
        this.fault ??= error as Error;
      }
    });
  }

  #take(message: Sent): void {
    JSON.stringify(message); // a BigInt, or something that holds itself, could not be sent
    if (message.type !== 'response') return;
    const seq = message.request_seq ?? -1;
    const answers = this.#answers.get(seq);
    if (answers === undefined) throw new Wrong(`a response to ${seq}, which was not asked`);
    answers.push(message);
    this.#waiting.get(seq)?.();
    if (answers.length > 1) throw new Wrong(`${answers.length} responses to one request`);
    if (message.success !== true)
      expectSentence(
        (message.message ?? '').replaceAll(/[\s\p{Cc}]/gu, ' ').replace(/what the protocol says[\s\S]*/, ''),
        'the refusal',
        100_000,
      );
  }

  /** Sends a request; resolves with its response, or undefined when none came in time. */
  async ask(command: unknown, args: unknown): Promise<Sent | undefined> {
    const seq = ++this.#seq;
    this.#answers.set(seq, []);
    let timer: NodeJS.Timeout | undefined;
    const came = new Promise<boolean>((resolve) => {
      this.#waiting.set(seq, () => resolve(true));
      timer = setTimeout(() => resolve(false), PATIENCE_MS);
    });
    const request = { type: 'request', seq, command, ...(args === undefined ? {} : { arguments: args }) };
    this.session.handleMessage(request as DebugProtocol.Request); // any client may send anything
    if (!(await came)) throw new Wrong(`no response to ${JSON.stringify(request).slice(0, 300)}`);
    clearTimeout(timer);
    return this.#answers.get(seq)?.[0];
  }
}

function happen({ engine }: Client, what: string, line: unknown): void {
  const run = engine.runs.at(-1);
  if (run === undefined || run.state === 'ended') return;
  const { filler } = run;
  switch (what) {
    case 'request':
      filler.request('out', '18446744073709551615', 'echo', '{"a":[1,1.0,{"b":null}]}');
      break;
    case 'result':
      filler.result('in', '18446744073709551615', '[1e400]');
      break;
    case 'stderr':
      filler.stderr('ERROR \u001b[31mred\u0000');
      break;
    case 'syscall':
      filler.syscall('fd_write', [1, 16, 1, 8]);
      break;
    case 'poll':
      filler.poll();
      break;
    case 'yields':
      filler.yields(3);
      break;
    case 'log':
      run.log('a log point\nof two lines');
      break;
    case 'in':
    case 'out':
      if (typeof line === 'string') filler.message(what, line);
      break;
    case 'err':
      if (typeof line === 'string') filler.stderr(line);
      break;
    case 'stray':
      filler.message('out', Uint8Array.of(0xff, 0xfe, 0x7b));
      break;
    case 'halt':
      run.globalValues = [{ index: 0, name: '$__stack_pointer', type: 'i32', value: '1048576', mutable: true }];
      run.halt({ frames: [{ func: 3, name: 'run::main', offset: 0x1234 }] as never }); // what a frame has besides is its room's business
      break;
    case 'entry':
      run.halt({ seq: -1, reason: 'entry' });
      break;
    case 'diagnosis':
      run.halt({ reason: 'diagnosis', diagnosis: { diagnosis: 'stray-text', message: 'It wrote `x`.' } } as never);
      break;
    case 'finish':
      run.finish({ result: '{"n":18446744073709551615}' });
      break;
    case 'trap':
      run.finish({ kind: 'fault', result: undefined, fault: { kind: 'trap', message: 'unreachable' } } as never);
      break;
    case 'progress':
      run.progress('Rewriting', 0.5);
  }
}

async function check(bytes: Bytes): Promise<void> {
  const client = new Client();
  const { error } = console;
  console.error = () => {}; // the session tells the developer's console what arguments were wrong
  try {
    for (const line of new TextDecoder().decode(bytes).split('\n')) {
      let item: { command?: unknown; arguments?: unknown; do?: unknown; line?: unknown } | null;
      try {
        item = JSON.parse(line);
      } catch {
        continue;
      }
      if (typeof item !== 'object' || item === null) continue;
      if (typeof item.do === 'string') happen(client, item.do, item.line);
      else if (typeof item.command === 'string') await client.ask(item.command, item.arguments);
      if (client.fault !== undefined) throw client.fault;
    }
    const last = await client.ask('threads', undefined);
    expect(last !== undefined, () => 'it is dead');
    const initialized = await client.ask('initialize', INITIALIZE[1]);
    expect(initialized?.success === true, () => `initialize: ${initialized?.message}`);
    const threads = await client.ask('threads', undefined);
    expect(threads?.success === true, () => `threads: ${threads?.message}`);
    await client.ask('disconnect', {});
    if (client.fault !== undefined) throw client.fault;
  } finally {
    console.error = error;
    client.session.dispose();
  }
}

export const target: FuzzTarget = {
  name: 'dap',
  about: 'DAP requests with arguments of any shape: one response each, and alive to the end',
  make,
  check,
  // a stop waits for a client that follows the transcript
  bounds: { ms: 2000 },
};
