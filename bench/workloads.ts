// The same call raw, under each plan, and in wasmi: in turns, so that all of them meet the same weather. And the whole way of a first call,
// from the module's bytes to the answer.
import { type Compiled, call, compile, type Sources, sourcesOf, unlike } from './guest.ts';
import { hasReference, Native } from './native.ts';
import { PLANS, type PlanRow } from './plans.ts';
import { type Sample, sampleOf, type Time, timed, workOf } from './sample.ts';

export interface Plugin {
  readonly name: string;
  readonly file: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export interface Workload {
  readonly method: string;
  /** JSON text of params of this size. */
  params(size: number): string;
  /** Size to begin with. */
  readonly size: number;
  /** The size grows until raw V8 takes so many ms; undefined: it stays. */
  readonly least: number | undefined;
}

export interface Row {
  /** Of a plan, or `wasmi`. */
  readonly id: string;
  readonly about: string;
  /** By the clock. */
  readonly wall: Sample;
  /** Of the thread that runs the guest; by the clock where that is too short for the system to tell. */
  readonly cpu: Sample;
  /** The first call, before V8 has optimised anything (ms by the clock). */
  readonly first: number | null;
  /** Against raw V8: of the best times of the thread. */
  readonly ratio: number;
  /** Of the medians by the clock. */
  readonly medianRatio: number;
  /** wasmi: ms that an instance takes besides. */
  readonly instance?: Sample;
}

export interface Measured {
  readonly plugin: string;
  readonly method: string;
  readonly params: string;
  /** From the module's bytes on, with nothing compiled before. */
  readonly cold: boolean;
  readonly rows: readonly Row[];
}

/** Calls before the first that counts, all but the first of them small: V8 optimises a function for its next call. */
const WARM_UP = 2;
/** At most so many of wasmi. */
const NATIVE_ROUNDS = 3;

interface Times {
  readonly about: string;
  readonly times: Time[];
  readonly instances: number[];
  first: number | null;
}

function rowsOf(all: ReadonlyMap<string, Times>): Row[] {
  const rows = [...all].map(([id, { about, times, first, instances }]) => ({
    id,
    about,
    wall: sampleOf(times.map(({ wall }) => wall)),
    cpu: sampleOf(times.map(workOf)),
    first,
    ...(instances.length === 0 ? {} : { instance: sampleOf(instances) }),
  }));
  const raw = rows.find(({ id }) => id === 'raw');
  return rows.map((row) => ({
    ...row,
    ratio: row.cpu.best / (raw?.cpu.best ?? Number.NaN),
    medianRatio: row.wall.median / (raw?.wall.median ?? Number.NaN),
  }));
}

function emptyTimes(): Map<string, Times> {
  const rows = hasReference() ? [...PLANS, { id: 'wasmi', about: 'wasmi 1.0.3, native' }] : PLANS;
  return new Map(rows.map(({ id, about }) => [id, { about, times: [], instances: [], first: null }]));
}

/** One workload with everything compiled: the call alone. */
export async function measure(plugin: Plugin, workload: Workload, rounds: number): Promise<Measured> {
  const sources = sourcesOf(plugin.bytes);
  const compiled = new Map(
    PLANS.map((row): [string, Compiled] => [row.id, compile(sources, row.plan(sources), row.breakpoints?.(sources))]),
  );
  const size = calibrated(sources, workload);
  const params = workload.params(size);
  const small = workload.params(Math.ceil(size / 10));
  const all = emptyTimes();
  const native = hasReference() ? new Native(plugin.file) : undefined;
  try {
    let result: string | undefined;
    for (let round = -WARM_UP; round < rounds; round++) {
      for (const [id, times] of all) {
        const one = compiled.get(id);
        if (one === undefined) {
          // What is interpreted takes long, is as fast the first time, and varies little.
          if (native === undefined || round < 0 || times.times.length === NATIVE_ROUNDS) continue;
          const told = await native.call(workload.method, params);
          if (round === 0) times.first = told.wall;
          times.instances.push(told.instance);
          times.times.push(told);
          continue;
        }
        const told = call(one, workload.method, round < 0 && round > -WARM_UP ? small : params);
        if (round < 0 && round > -WARM_UP) continue;
        result ??= told.result;
        if (told.result !== result) throw new Error(`${id}: ${told.result} instead of ${result}`);
        if (round === -WARM_UP) times.first = told.wall;
        if (round >= 0) times.times.push(told);
      }
    }
  } finally {
    native?.close();
  }
  return { plugin: plugin.name, method: workload.method, params, cold: false, rows: rowsOf(all) };
}

/** The size at which raw V8 takes as long as wanted. */
function calibrated(sources: Sources, { method, params, size, least }: Workload): number {
  if (least === undefined) return size;
  // not the module that is measured later, which V8 has not seen then
  const raw: Compiled = { module: new WebAssembly.Module(unlike(sources.module.bytes)), instrumented: null };
  for (let now = size; ; ) {
    call(raw, method, params(now));
    const best = Math.min(...[1, 2].map(() => call(raw, method, params(now)).cpu));
    if (best >= least) return now;
    // work grows faster than its size, where memory is no longer in the processor's caches
    const wanted = now * Math.min(4, (least / Math.max(best, 1)) * 1.05);
    now = Number(wanted.toPrecision(2));
  }
}

/** One call from the module's bytes on: parsing, reckoning, rewriting, compiling, and the call. */
export async function measureCold(plugin: Plugin, method: string, params: string, rounds: number): Promise<Measured> {
  const all = emptyTimes();
  for (let round = 0; round < rounds; round++)
    for (const [id, times] of all) {
      const plan = PLANS.find((row) => row.id === id);
      if (plan !== undefined) {
        const bytes = unlike(plugin.bytes);
        times.times.push(timed(() => coldCall(bytes, plan, method, params)));
        continue;
      }
      const native = new Native(plugin.file);
      const { wall, cpu, instance } = await native.call(method, params);
      const compiling = (await native.compileMs) + instance;
      times.times.push({ wall: wall + compiling, cpu: cpu + compiling });
      native.close();
    }
  return { plugin: plugin.name, method, params, cold: true, rows: rowsOf(all) };
}

function coldCall(bytes: Uint8Array<ArrayBuffer>, row: PlanRow, method: string, params: string): void {
  if (row.id === 'raw') call({ module: new WebAssembly.Module(bytes), instrumented: null }, method, params);
  else {
    const sources = sourcesOf(bytes);
    call(compile(sources, row.plan(sources), row.breakpoints?.(sources)), method, params);
  }
}
