// What somebody waits for who stands on a line: the variables of a frame with large collections. And how often a condition on a line is looked at
// in a second, in a loop that does little else.
import fs from 'node:fs';
import { pluginFile } from '../debug-adapter/testing/run-call.ts';
import { breakOn, SourceSession } from '../debug-adapter/testing/source-session.ts';
import { type Sample, sampleOf } from './sample.ts';

/** A collection in a frame with a dozen others. ms by the clock, each in a session of its own: nothing was looked at before. */
export interface CollectionSpeed {
  readonly about: string;
  readonly entries: number;
  /** All rows of the frame. */
  readonly frame: Sample;
  /** Pages of 100 of the collection. */
  readonly firstPage: Sample;
  readonly middlePage: Sample;
  readonly lastPage: Sample;
}

/** A breakpoint in a loop, whose condition does not hold. */
export interface ConditionSpeed {
  readonly condition: string;
  readonly evaluated: number;
  readonly perSecond: number;
}

export interface SourceSpeed {
  readonly collections: readonly CollectionSpeed[];
  readonly conditions: readonly ConditionSpeed[];
}

const PAGE = 100;
const COLLECTIONS = [
  { about: 'Vec<u32>', method: 'vectors', file: 'rust-views/src/sequences.rs', stop: '// stop: vectors' },
  { about: 'HashMap<u32, u64>', method: 'hash_maps', file: 'rust-views/src/maps.rs', stop: '// stop: hash_maps' },
] as const;
const LOOP = { file: 'rust-pdk/src/computation.rs', text: 'multiple += candidate;' };
/** A loop without an end in the body of an async function. */
const SPIN = { file: 'rust-pdk/src/computation.rs', text: 'turns = black_box(turns.wrapping_add(1));' };
const CONDITIONS = ['local[0] == -1', 'multiple == 1', 'composite.len() == 1'] as const;

/** @returns a sentence where the plugins are not built */
export async function sourceSpeed(rounds: number, quick: boolean): Promise<SourceSpeed | string> {
  for (const name of ['rust-views.debug', 'rust-pdk.debug'])
    if (!fs.existsSync(pluginFile(name)))
      return `Variables and conditions were left out: node test-plugins/build.ts ${name} builds what they are measured on.`;
  const collections: CollectionSpeed[] = [];
  for (const one of COLLECTIONS) collections.push(await collection(one, rounds));
  const conditions: ConditionSpeed[] = [];
  for (const condition of CONDITIONS) conditions.push(await conditionSpeed(condition, quick ? 1_000 : 200_000));
  conditions.push(await asyncConditionSpeed(quick ? 2_000 : 200_000));
  return { collections, conditions };
}

async function collection(
  { about, method, file, stop }: (typeof COLLECTIONS)[number],
  rounds: number,
): Promise<CollectionSpeed> {
  const times: Record<'frame' | 'firstPage' | 'middlePage' | 'lastPage', number[]> = {
    frame: [],
    firstPage: [],
    middlePage: [],
    lastPage: [],
  };
  let entries = 0;
  for (let round = 0; round < rounds; round++) {
    const session = new SourceSession('rust-views.debug', method, 'null', [breakOn(file, stop)]);
    try {
      const { own } = await session.standing();
      if (own === undefined) throw new Error(`${method} did not stop at its breakpoint`);
      const scope = { frame: own.index, level: own.level, scope: 'locals' } as const;
      const read = async (what: keyof typeof times, path: readonly number[], start: number) => {
        const before = performance.now();
        const { rows } = await session.run.variables({ ...scope, path }, start, PAGE);
        times[what].push(performance.now() - before);
        return rows;
      };
      const rows = await read('frame', [], 0);
      const at = rows.findIndex(({ name }) => name === 'large');
      const large = rows[at];
      if (large === undefined) throw new Error(`${method} has no variable large`);
      entries = large.indexed;
      for (const [what, start] of [
        ['firstPage', 0],
        ['middlePage', entries / 2],
        ['lastPage', entries - PAGE],
      ] as const) {
        // named rows, if there are any, come before those that are counted
        const page = await read(what, [at], large.named + start);
        if (page.length !== PAGE) throw new Error(`${about} has ${page.length} rows from ${start} on`);
      }
    } finally {
      await session.end();
    }
  }
  const { frame, firstPage, middlePage, lastPage } = times;
  return {
    about,
    entries,
    frame: sampleOf(frame),
    firstPage: sampleOf(firstPage),
    middlePage: sampleOf(middlePage),
    lastPage: sampleOf(lastPage),
  };
}

/** The call with the breakpoint takes so much longer than one whose breakpoint is passed once, before the loop. */
async function conditionSpeed(condition: string, limit: number): Promise<ConditionSpeed> {
  const times: number[] = [];
  for (const text of ['let primes = primes_up_to(params.limit);', LOOP.text]) {
    const breakpoint = breakOn(LOOP.file, text, { condition: text === LOOP.text ? condition : '0 == 1' });
    const session = new SourceSession('rust-pdk.debug', 'prime_sieve', `{"limit":${limit}}`, [breakpoint], {
      // the clock begins when the guest does, after loading
      stopOnEntry: true,
    });
    await session.standing();
    const before = performance.now();
    const { at } = await session.go({ until: undefined });
    times.push(performance.now() - before);
    if (at !== 'result') throw new Error(`the call ended with ${at}`);
    if (session.logs.length > 0) throw new Error(session.logs.join(' '));
  }
  const [without = 0, together = 0] = times;
  const evaluated = multiplesUpTo(limit);
  return { condition, evaluated, perSecond: (evaluated / Math.max(1, together - without)) * 1e3 };
}

/** In an async function's body, where it is also judged whether the variable was kept: it stops after so many rounds. */
async function asyncConditionSpeed(rounds: number): Promise<ConditionSpeed> {
  const times: number[] = [];
  for (const count of [1, rounds]) {
    const breakpoint = breakOn(SPIN.file, SPIN.text, { condition: `turns == ${count}` });
    const session = new SourceSession('rust-pdk.debug', 'spin', 'null', [breakpoint], { stopOnEntry: true });
    try {
      await session.standing();
      const before = performance.now();
      const { own } = await session.go({ until: undefined });
      times.push(performance.now() - before);
      if (own === undefined) throw new Error('spin did not stop at its breakpoint');
    } finally {
      await session.end();
    }
  }
  const [once = 0, together = 0] = times;
  return {
    condition: `turns == ${rounds}, in an async function`,
    evaluated: rounds - 1,
    perSecond: ((rounds - 1) / Math.max(1, together - once)) * 1e3,
  };
}

/** How often the sieve's inner loop goes round. */
function multiplesUpTo(limit: number): number {
  const composite = new Uint8Array(limit + 1);
  let count = 0;
  for (let candidate = 2; candidate <= limit; candidate++) {
    if (composite[candidate] === 1) continue;
    for (let multiple = candidate * candidate; multiple <= limit; multiple += candidate, count++)
      composite[multiple] = 1;
  }
  return count;
}
