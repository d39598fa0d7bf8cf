// The view Host Methods with ten thousand rules: what reading them, building its rows, and making them anew after a hit takes of the extension host's
// thread, each at a stretch. VS Code's own part (it asks for rows group by group) is not in it.
import { mockSetInTurns } from '../debug-adapter/mocks/mock-set.ts';
import type { MockSet } from '../debug-adapter/mocks/rules.ts';
import { EventStore } from '../debug-adapter/recording/event-store.ts';
import { LogWriter } from '../debug-adapter/recording/log.ts';
import type { AnsweredBy } from '../debug-adapter/rpc/answered-by.ts';
import { RowTable } from '../debug-adapter/transcript/row-table.ts';
import { CallTally } from '../src/hostMethods/callTally.ts';
import { groupLook, inGroups, type RowGroup } from '../src/hostMethods/groups.ts';
import { type HostMethodsNode, hostMethods, type MethodNode, Misses } from '../src/hostMethods/model.ts';
import { methodLook, ruleLook } from '../src/hostMethods/rowText.ts';
import { RuleIds } from '../src/hostMethods/ruleIds.ts';
import { type Sample, sampleOf, timed, workOf } from './sample.ts';

export interface HostMethodsSpeed {
  /** How the rules lie. */
  readonly shape: string;
  readonly rules: number;
  /** ms until all are read, and the longest turn of it. */
  readonly read: Sample;
  readonly turn: Sample;
  /** ms to know which rule is which after an edit. */
  readonly follow: Sample;
  /** ms to build the rows that are shown at first, with two groups open. */
  readonly rows: Sample;
  /** ms to count a hit and build them anew. */
  readonly refresh: Sample;
  /** ms to find which rule came closest to a call. */
  readonly miss: Sample;
  /** The longest of all these at a stretch, in the best of rounds. */
  readonly stretch: number;
}

const rule = (i: number) => ({ when: { params: { user: { id: i } } }, reply: { result: { name: `user ${i}` } } });

const SHAPES: readonly (readonly [shape: string, methods: (rules: number) => object])[] = [
  ['rules of one method', (rules) => ({ get_user: Array.from({ length: rules }, (_, i) => rule(i)) })],
  [
    'methods of one rule',
    (rules) => Object.fromEntries(Array.from({ length: rules }, (_, i) => [`method_${i}`, [rule(i)]])),
  ],
];

export async function hostMethodsSpeed(rounds: number, rules = 10_000): Promise<HostMethodsSpeed[]> {
  const speeds: HostMethodsSpeed[] = [];
  for (const [shape, methods] of SHAPES) {
    const text = JSON.stringify({ hostMethods: methods(rules) }, null, 2);
    const times: Record<'read' | 'turn' | 'follow' | 'rows' | 'refresh' | 'miss', number[]> = {
      ...{ read: [], turn: [], follow: [], rows: [], refresh: [], miss: [] },
    };
    for (let round = 0; round < rounds; round++) {
      const { set, whole, longest } = await readInTurns(text);
      times.read.push(whole);
      times.turn.push(longest);
      const ids = new RuleIds();
      ids.follow(set);
      const { set: edited } = await readInTurns(text.replace('"user 5"', '"user five"'));
      times.follow.push(workOf(timed(() => ids.follow(edited))));
      const call = new Call(edited, ids);
      times.rows.push(workOf(timed(() => call.rows())));
      call.answered(rules - 1);
      times.refresh.push(workOf(timed(() => call.rows())));
      call.unmatched();
      // the first time it is looked for; then it is known
      times.miss.push(workOf(timed(() => call.rows())));
    }
    const { read, turn, follow, rows, refresh, miss } = times;
    const samples = {
      ...{ read: sampleOf(read), turn: sampleOf(turn), follow: sampleOf(follow) },
      ...{ rows: sampleOf(rows), refresh: sampleOf(refresh), miss: sampleOf(miss) },
    };
    const { read: _, ...stretches } = samples;
    speeds.push({ shape, rules, ...samples, stretch: Math.max(...Object.values(stretches).map(({ best }) => best)) });
  }
  return speeds;
}

/** As the extension host reads a file: the thread's work in all, and in the longest turn. */
async function readInTurns(text: string): Promise<{ set: MockSet; whole: number; longest: number }> {
  let began = process.threadCpuUsage();
  let clock = performance.now();
  let whole = 0;
  let longest = 0;
  const ended = (): void => {
    const { user, system } = process.threadCpuUsage(began);
    const turn = workOf({ cpu: (user + system) / 1e3, wall: performance.now() - clock });
    whole += turn;
    longest = Math.max(longest, turn);
  };
  const set = await mockSetInTurns(
    { name: 'bench.mocks.jsonc', text },
    {
      turn: 8,
      now: () => performance.now(),
      rest: async () => {
        ended();
        await new Promise((resolve) => setImmediate(resolve));
        began = process.threadCpuUsage();
        clock = performance.now();
      },
      isStale: () => false,
    },
  );
  ended();
  if (set === undefined) throw new Error('The mocks were not read.');
  return { set, whole, longest };
}

/** A call of the plugin's, counted for the tree. */
class Call {
  readonly #set: MockSet;
  readonly #ids: RuleIds;
  readonly #log = new LogWriter();
  readonly #store = new EventStore();
  readonly #table = new RowTable(this.#store, () => 0);
  readonly #tally: CallTally;
  readonly #misses = new Misses();
  #id = 0;

  constructor(set: MockSet, ids: RuleIds) {
    this.#set = set;
    this.#ids = ids;
    const find = ({ method, rule: number = 0 }: Extract<AnsweredBy, { by: 'mock' }>) =>
      set.methods.get(method)?.rules[number - 1];
    const idOf = (of: Parameters<RuleIds['of']>[0]): string => ids.of(of);
    const rules = { find, idOf, initialState: set.initialState };
    this.#tally = new CallTally({ rows: this.#table, store: this.#store, started: 0 }, rules);
  }

  #write(dir: 'in' | 'out', message: object, answeredBy?: AnsweredBy): void {
    const line = new TextEncoder().encode(JSON.stringify({ jsonrpc: '2.0', ...message }));
    this.#log.rpc(dir, line, 0, 1, this.#id, answeredBy);
    this.#store.append(this.#log.take());
    this.#table.advance(1000);
  }

  answered(rule: number): void {
    const [one] = this.#set.methods.values();
    if (one === undefined) throw new Error('There are no methods.');
    const known = one.rules[rule] ?? one.rules[0];
    const id = this.#id++;
    this.#write('out', { id, method: one.name, params: { user: { id: rule } } });
    this.#write(
      'in',
      { id, result: null },
      { by: 'mock', file: this.#set.file, method: one.name, rule: known?.number ?? 1, line: known?.place.line ?? 1 },
    );
  }

  unmatched(): void {
    const [one] = this.#set.methods.keys();
    const id = this.#id++;
    this.#write('out', { id, method: one, params: { user: { id: -1 } } });
    this.#write('in', { id, error: { code: -32601, message: 'Method not found' } }, { by: 'nobody' });
  }

  /** All that the view does at a stretch: counting, the rows, and the looks of those that it is asked for. */
  rows(): number {
    this.#tally.advance(() => 0, 1);
    const methods = hostMethods({
      set: this.#set,
      tallies: [this.#tally],
      places: new Map(),
      hasHost: false,
      waiting: undefined,
      idOf: (of) => this.#ids.of(of),
      misses: this.#misses,
    });
    return shown(methods);
  }
}

/** The looks of rows that are on the screen: of each list those beside each other, and of two groups those in them. */
function shown(methods: readonly MethodNode[]): number {
  let letters = 0;
  const look = (row: HostMethodsNode | RowGroup): void => {
    const { label, description } =
      row.kind === 'group' ? groupLook(row) : row.kind === 'method' ? methodLook(row) : ruleLook(row);
    letters += label.length + description.length;
  };
  const open = (list: readonly (HostMethodsNode | RowGroup)[]): void => {
    for (const [i, row] of list.entries()) {
      look(row);
      if (row.kind === 'method') open(inGroups(row.rules, row));
      else if (row.kind === 'group' && i < 2) open(row.rows);
    }
  };
  open(inGroups(methods, undefined));
  return letters;
}
