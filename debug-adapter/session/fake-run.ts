// A run that tests steer by hand: events, stops and the end come when they say so. Only tests import it.

import type { HandReply } from '../executor/messages.ts';
import type {
  CodeBreakpoint,
  CodePlaceFound,
  FrameValue,
  FrameValues,
  GlobalValue,
  OpenRequest,
  Outcome,
  ResolvedBreakpoint,
  Resume,
  RunOptions,
  Stop,
  StopRule,
} from '../executor/options.ts';
import type { RunListener } from '../executor/run.ts';
import type { VariablesFound } from '../executor/source-inspection.ts';
import type { TrapFound } from '../executor/trap-state.ts';
import { namedValues } from '../expressions/event-scope.ts';
import { type Evaluated, evaluateIn, scopeOf } from '../expressions/expression.ts';
import { type FakeSlot, fakeState } from '../expressions/fake.ts';
import type { MockSources } from '../mocks/mock-set.ts';
import type { RecordingHeader } from '../recording/event.ts';
import type { DisassemblyRow } from '../wasm/disassembly.ts';
import { FetchedState } from './evaluate-state.ts';
import type { ReadRecording, SessionEngine, SessionRun } from './session-run.ts';
import { Filler } from './store-fixture.ts';

const NO_ROW: DisassemblyRow = {
  offset: -1,
  length: 1,
  bytes: '',
  text: '',
  depth: 0,
  definedFunction: -1,
  symbol: '',
  valid: false,
};
const FUEL = { consumed: 0, slice: 100_000, left: 100_000, yields: 0, exact: false };

export class FakeRun implements SessionRun {
  readonly filler = new Filler();
  readonly store = this.filler.store;
  header: RecordingHeader | undefined;
  state: SessionRun['state'] = 'loading';
  divergence: SessionRun['divergence'];
  compiler: SessionRun['compiler'];
  whyNoSource: SessionRun['whyNoSource'];
  bytes: Uint8Array<ArrayBuffer> | undefined;
  stop: Stop | undefined;
  rules: readonly StopRule[] = [];
  mocks: MockSources | undefined;
  answered: [id: string, reply: HandReply][] = [];
  resumed: Resume[] = [];
  pauses = 0;
  memory = new Uint8Array(65_536);
  globalValues: GlobalValue[] = [];
  breakpoints: readonly CodeBreakpoint[] = [];
  /** Values of frame 0. */
  values: FrameValues = { locals: [], operands: [], frameBase: { reason: 'not known' } };
  /** The code of its only function, number 0. */
  code: readonly DisassemblyRow[] = [];
  assigned: [target: string, value: string, frame: number][] = [];
  open: OpenRequest[] = [];
  trapFound: TrapFound = {};
  readonly ended: Promise<Outcome>;
  readonly #listeners = new Set<RunListener>();
  #end: (outcome: Outcome) => void = () => {};

  constructor() {
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  module() {
    return this.bytes;
  }
  fuel() {
    return { ...FUEL, consumed: this.store.length * 100 };
  }
  on(listener: RunListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
  pause(): void {
    this.pauses++;
  }
  setRules(rules: readonly StopRule[]): void {
    this.rules = rules;
  }
  setMocks(mocks: MockSources): void {
    this.mocks = mocks;
  }
  answer(id: string, reply: HandReply): void {
    this.answered.push([id, reply]);
  }
  async changeReply(id: string, reply: HandReply): Promise<number> {
    this.answered.push([id, reply]);
    return -1;
  }
  resume(mode: Resume): void {
    this.resumed.push(mode);
    this.stop = undefined;
    this.state = 'running';
    for (const listener of this.#listeners) listener.resumed?.();
  }
  async terminate(): Promise<void> {
    if (this.state !== 'ended') this.finish({ kind: 'terminated', fault: { kind: 'terminated', message: 'ended' } });
  }
  async readMemory(address: number, length: number): Promise<Uint8Array> {
    return this.memory.slice(address, address + length);
  }
  async memorySize(): Promise<number> {
    return this.memory.length;
  }
  async globals(): Promise<readonly GlobalValue[]> {
    return this.globalValues;
  }
  async openRequests(): Promise<readonly OpenRequest[]> {
    return this.open;
  }
  async describeSyscall() {
    return [{ name: 'errno', value: 'SUCCESS (0)', children: [] }];
  }

  setBreakpoints(breakpoints: readonly CodeBreakpoint[]): void {
    this.breakpoints = breakpoints;
    queueMicrotask(() => this.resolve(breakpoints.map(({ id }) => ({ id, places: [], message: undefined }))));
  }
  async trap() {
    return this.stop?.trap === undefined ? undefined : this.trapFound;
  }
  async frameValues(frame: number): Promise<FrameValues> {
    if (frame === 0 && this.stop?.inCode === true) return this.values;
    throw new Error('locals are not seen here');
  }
  async evaluate(source: string, _frame: number, names: Readonly<Record<string, string>> = {}): Promise<Evaluated> {
    const slot = ({ name, type, value }: FrameValue): FakeSlot => ({
      name,
      type: type as FakeSlot['type'],
      value: type === 'i64' ? BigInt(value) : Number(value),
    });
    const fetched = new FetchedState(this);
    const { locals, operands } = this.values;
    const own = fakeState({ locals: locals.map(slot), operands: operands.map(slot) });
    const state = {
      locals: locals.length === 0 ? fetched.locals : own.locals,
      operands: operands.length === 0 ? fetched.operands : own.operands,
      globals: fetched.globals,
      memory: fetched.memory.bind(fetched),
    };
    const scope = scopeOf(() => undefined, { state, known: () => '', cast: undefined });
    return fetched.complete(() => evaluateIn(namedValues(names, scope), source));
  }
  async assign(target: string, value: string, frame: number): Promise<Evaluated> {
    this.assigned.push([target, value, frame]);
    return { value, type: 'i32', assignable: true, memoryReference: 16 };
  }
  async rowsBelow(): Promise<readonly []> {
    return [];
  }
  async completions(): Promise<readonly []> {
    return [];
  }
  async visible(): Promise<readonly []> {
    return [];
  }
  async writeMemory(address: number, bytes: Uint8Array): Promise<number> {
    this.memory.set(bytes, address);
    return bytes.length;
  }
  async disassemble(offset: number, instructionOffset: number, count: number): Promise<readonly DisassemblyRow[]> {
    const from = this.code.findLastIndex((row) => row.offset <= offset) + instructionOffset;
    return Array.from({ length: count }, (_, i) => this.code[from + i] ?? NO_ROW);
  }
  async sourceFrames(): Promise<readonly []> {
    return [];
  }
  async stepTargets(): Promise<readonly []> {
    return [];
  }
  async breakpointPlaces(): Promise<readonly []> {
    return [];
  }
  async variables(): Promise<VariablesFound> {
    return { rows: [], count: 0, lacked: false };
  }
  async setVariable(): Promise<undefined> {}
  async functions(): Promise<readonly CodePlaceFound[]> {
    const [first] = this.code;
    return first === undefined ? [] : [{ func: 0, offset: first.offset, name: 'f' }];
  }

  // what a test does

  resolve(resolved: readonly ResolvedBreakpoint[]): void {
    for (const listener of this.#listeners) listener.breakpoints?.(resolved);
  }

  progress(phase: string, fraction: number): void {
    for (const listener of this.#listeners) listener.progress?.(phase, fraction);
  }
  log(text: string): void {
    for (const listener of this.#listeners) listener.log?.(text, this.store.length - 1);
  }
  /** Stops on the last event. */
  halt(more: Partial<Stop> = {}): void {
    this.filler.flush();
    const fuel = this.fuel();
    this.stop = {
      reason: 'event',
      seq: this.store.length - 1,
      rules: [],
      diagnosis: undefined,
      frames: [],
      fuel,
      time: 1,
      moment: 0,
      inCode: false,
      handed: false,
      over: false,
      steppable: true,
      ...more,
    };
    this.state = 'stopped';
    for (const listener of this.#listeners) listener.stopped?.(this.stop);
  }
  finish(more: Partial<Outcome> = {}): void {
    this.filler.flush();
    this.state = 'ended';
    this.stop = undefined;
    const outcome: Outcome = {
      kind: 'result',
      result: 'null',
      error: undefined,
      fault: undefined,
      exitCode: 0,
      fuel: this.fuel(),
      events: { rpc: 0, syscall: 0 },
      stderr: [],
      wallMs: 1,
      ...more,
    };
    for (const listener of this.#listeners) listener.ended?.(outcome);
    this.#end(outcome);
  }
}

/** An engine whose runs are fakes: each start makes the next. */
export class FakeEngine implements SessionEngine {
  readonly runs: FakeRun[] = [];
  readonly files = new Map<string, string>([['p.wasm', '']]);
  recorded: Promise<string | undefined> = Promise.resolve(undefined);
  readonly recordings = new Map<string, ReadRecording>();
  /** What replays were started with. */
  readonly replays: RunOptions[] = [];

  /** The run that was started last. @throws Error when there is none. */
  get run(): FakeRun {
    const run = this.runs.at(-1);
    if (run === undefined) throw new Error('nothing was started');
    return run;
  }
  async readFile(path: string, what: string): Promise<Uint8Array<ArrayBuffer>> {
    const text = this.files.get(path);
    if (text === undefined) throw new Error(`${what} ${path} can't be read: there is no such file.`);
    return new TextEncoder().encode(text);
  }
  async fileExists(path: string): Promise<boolean> {
    return this.files.has(path);
  }
  async readRecording(name: string): Promise<ReadRecording> {
    const found = this.recordings.get(name);
    if (found === undefined) throw new Error(`The recording ${name} can't be read: there is no such file.`);
    return found;
  }
  replay(replays: ReadRecording, options: RunOptions) {
    this.replays.push(options);
    return { ...this.start(), replays };
  }
  start() {
    const run = new FakeRun();
    this.runs.push(run);
    return { run, recorded: this.recorded };
  }
  now(): number {
    return performance.now();
  }
}
