// A call that goes on while the transcript panel shows it: what the panel costs the plugin, and how long the panel and the thread of the model are
// ever kept from their work. The plugin computes, and between that writes log lines and asks for the time, 20 000 events a second in all.
import fs from 'node:fs';
import process from 'node:process';
import type { Browser } from 'playwright-core';
import wabt from 'wabt';
import type { Run } from '../debug-adapter/executor/run.ts';
import { startCall } from '../debug-adapter/testing/run-call.ts';
import { RowTable } from '../debug-adapter/transcript/row-table.ts';
import type { bundleFiles } from '../src/test/webview/panelPage.ts';
import type { ShownCall } from '../src/transcript/shownCall.ts';
import { unlike } from './guest.ts';
import { Calls, type Frames, type MeasuredPanel, measuredPanel } from './panel-page.ts';
import { type Sample, sampleOf } from './sample.ts';

export interface LivePanel {
  readonly events: number;
  readonly perSecond: number;
  /** ms that the call took by the clock: nobody looking, and with the panel at its end. */
  readonly alone: Sample;
  readonly watched: Sample;
  /** ms that the guest's thread worked in that; NaN where the system does not tell. */
  readonly aloneCpu: Sample;
  readonly watchedCpu: Sample;
  /** Of the best rounds: share of work that the panel adds to the guest's thread, or of time where that is not told. */
  readonly slowdown: number;
  /** The latest that a timer of the model's thread was, in ms by the clock: nobody looking, and with the panel. */
  readonly aloneLate: number;
  readonly late: number;
  /** The longest that this thread itself worked between two timers, in ms: what keeps them waiting on a machine that has a core for it. */
  readonly aloneWork: number;
  readonly work: number;
  /** Of a round of their own: to look at every frame takes time too. */
  readonly frames: Frames;
}

const PER_SECOND = 20_000;
/** Turns of the plugin's loop to find out with how long a turn takes, and how many events it has. */
const TRIAL = 2000;

/** @param spin rounds of computing in each turn */
const source = (turns: number, spin: number): string => `
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get" (func $clock_time_get (param i32 i64 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 1024) "{\\"jsonrpc\\":\\"2.0\\",\\"id\\":0,\\"result\\":null}\\n")
  (data (i32.const 1088) "INFO a step of many, with some words about it\\n")
  (func $print (param $fd i32) (param $text i32) (param $length i32)
    (i32.store (i32.const 16) (local.get $text))
    (i32.store (i32.const 20) (local.get $length))
    (drop (call $fd_write (local.get $fd) (i32.const 16) (i32.const 1) (i32.const 24))))
  (func $compute (param $left i32) (result i32)
    (local $value i32)
    (loop $on
      (local.set $value (i32.add (i32.mul (local.get $value) (i32.const 1664525)) (i32.const 1013904223)))
      (br_if $on (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
    (local.get $value))
  (func (export "_start")
    (local $turn i32)
    (loop $on
      (i32.store (i32.const 64) (call $compute (i32.const ${spin})))
      (call $print (i32.const 2) (i32.const 1088) (i32.const 46))
      (drop (call $clock_time_get (i32.const 0) (i64.const 1) (i32.const 32)))
      (br_if $on (i32.lt_u (local.tee $turn (i32.add (local.get $turn) (i32.const 1))) (i32.const ${turns}))))
    (call $print (i32.const 1) (i32.const 1024) (i32.const 39)))
)`;

async function plugin(turns: number, spin: number): Promise<Uint8Array> {
  const module = (await wabt()).parseWat('steps.wat', source(turns, spin));
  const { buffer } = module.toBinary({});
  module.destroy();
  return unlike(Uint8Array.from(buffer));
}

/** A run as the panel shows it. */
class LiveCall implements ShownCall {
  readonly id = 1;
  readonly title = 'steps null';
  readonly method = 'steps';
  readonly plugin = 'steps.wasm';
  readonly started = Date.now();
  readonly doors = [];
  readonly present = undefined;
  readonly store: Run['store'];
  readonly rows: RowTable;
  #state: ShownCall['state'] = 'running';
  readonly #listeners = new Set<() => void>();

  constructor(run: Run) {
    this.store = run.store;
    this.rows = new RowTable(run.store, () => performance.now());
    void run.ended.then(() => {
      this.#state = 'ended';
      for (const listener of this.#listeners) listener();
    });
  }
  get state(): ShownCall['state'] {
    return this.#state;
  }
  onDidChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

interface Round {
  readonly ms: number;
  /** That the guest's thread worked, where the system tells. */
  readonly cpu: number;
  readonly events: number;
  readonly late: number;
  readonly work: number;
}

const TASKS = '/proc/self/task';

/** ms that a thread of this process has worked, to 10 ms (proc(5), task/TID/stat: utime and stime, in ticks of 10 ms); NaN: it has ended. */
function workOf(thread: string): number {
  try {
    const fields = fs
      .readFileSync(`${TASKS}/${thread}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return Number.NaN;
  }
}

/** What the guest's thread works from now on: that of all but this one which works most. `ms()` is of the last look, every 20 ms. */
function watchGuest(): { ms(): number; stop(): void } {
  const others = (): string[] =>
    fs.existsSync(TASKS) ? fs.readdirSync(TASKS).filter((thread) => thread !== String(process.pid)) : [];
  const before = new Map(others().map((thread) => [thread, workOf(thread)]));
  const since = (thread: string): number => workOf(thread) - (before.get(thread) ?? 0);
  let last = Number.NaN;
  let guest: string | undefined;
  const timer = setInterval(() => {
    if (guest === undefined || last < 300) guest = others().sort((a, b) => (since(b) || 0) - (since(a) || 0))[0];
    const now = guest === undefined ? Number.NaN : since(guest);
    if (!Number.isNaN(now)) last = now;
  }, 20);
  return { ms: () => last, stop: () => clearInterval(timer) };
}

/** How late a timer of this thread comes at most, by the clock, and how long this thread itself works between two of its timers, ms. */
function watchTimers(): { readonly late: number; readonly work: number; stop(): void } {
  const EVERY = 5;
  let last = performance.now();
  let cpu = process.threadCpuUsage();
  const found = { late: 0, work: 0, stop: () => clearInterval(timer) };
  const timer = setInterval(() => {
    const now = performance.now();
    const { user, system } = process.threadCpuUsage(cpu);
    found.late = Math.max(found.late, now - last - EVERY);
    found.work = Math.max(found.work, (user + system) / 1e3);
    cpu = process.threadCpuUsage();
    last = now;
  }, EVERY);
  return found;
}

async function once(bytes: Uint8Array, calls?: Calls): Promise<Round> {
  const guest = watchGuest();
  const run = startCall(bytes, 'steps', 'null', { limits: { events: 10_000_000 } });
  calls?.add(new LiveCall(run));
  const timers = watchTimers();
  const outcome = await run.ended;
  timers.stop();
  guest.stop();
  if (outcome.kind !== 'result') throw new Error(`steps: ${outcome.fault?.message ?? outcome.kind}`);
  const { late, work } = timers;
  return { ms: outcome.wallMs, cpu: guest.ms(), events: run.store.length, late, work };
}

/** How many turns the plugin makes, and how much it computes in each, for the events to come as often as they are to, as long as they are to. */
async function calibrated(seconds: number): Promise<{ turns: number; spin: number }> {
  const [few, many] = [1_000, 200_000];
  const slow = await once(await plugin(TRIAL, many));
  const fast = await once(await plugin(TRIAL, few));
  const perTurn = slow.events / TRIAL;
  const wanted = (1000 * perTurn) / PER_SECOND;
  const [slowMs, fastMs] = [slow.ms / TRIAL, fast.ms / TRIAL];
  const spin = Math.max(1, Math.round(few + ((wanted - fastMs) / (slowMs - fastMs)) * (many - few)));
  return { turns: Math.round((PER_SECOND * seconds) / perTurn), spin };
}

async function withPanel(
  browser: Browser,
  files: Awaited<ReturnType<typeof bundleFiles>>,
  use: (panel: MeasuredPanel, calls: Calls) => Promise<void>,
): Promise<void> {
  const calls = new Calls();
  const panel = await measuredPanel(browser, files, calls);
  try {
    await use(panel, calls);
  } finally {
    await panel.close();
  }
}

export async function livePanel(
  browser: Browser,
  files: Awaited<ReturnType<typeof bundleFiles>>,
  { rounds, seconds }: { readonly rounds: number; readonly seconds: number },
): Promise<LivePanel> {
  const { turns, spin } = await calibrated(seconds);
  const alone: Round[] = [];
  const watched: Round[] = [];
  for (let round = 0; round < rounds; round++) {
    // a module that V8 has not seen in either
    alone.push(await once(await plugin(turns, spin)));
    await withPanel(browser, files, async (_, calls) => {
      watched.push(await once(await plugin(turns, spin), calls));
    });
  }
  let frames: Frames | undefined;
  await withPanel(browser, files, async (panel, calls) => {
    const bytes = await plugin(turns, spin);
    frames = await panel.frames(async () => void (await once(bytes, calls)));
  });
  if (frames === undefined) throw new Error('the page has had no frames');
  const sample = (of: readonly Round[], what: 'ms' | 'cpu' | 'late' | 'work'): Sample =>
    sampleOf(of.map((one) => one[what]));
  const [aloneCpu, watchedCpu] = [sample(alone, 'cpu'), sample(watched, 'cpu')];
  const [wall, watchedWall] = [sample(alone, 'ms'), sample(watched, 'ms')];
  const ratio = Number.isNaN(aloneCpu.best) ? watchedWall.best / wall.best : watchedCpu.best / aloneCpu.best;
  const events = watched[0]?.events ?? 0;
  return {
    events,
    perSecond: (events / wall.best) * 1e3,
    alone: wall,
    watched: watchedWall,
    aloneCpu,
    watchedCpu,
    slowdown: ratio - 1,
    aloneLate: sample(alone, 'late').median,
    late: sample(watched, 'late').median,
    aloneWork: sample(alone, 'work').median,
    work: sample(watched, 'work').median,
    frames,
  };
}
