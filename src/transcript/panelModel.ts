// What the panel knows and answers: which call is shown, which of its rows and in what order, where the debugger stands. Talks to the
// webview by protocol.ts alone, and to VS Code by way of PanelWorld. All work is done in short turns. Contracts E2, P2, P3.

import { type Filter, parseFilter } from '../../debug-adapter/transcript/filter.ts';
import { completions } from '../../debug-adapter/transcript/filter-completion.ts';
import { Finder } from '../../debug-adapter/transcript/finder.ts';
import { ShownRows } from '../../debug-adapter/transcript/shown-rows.ts';
import { StripBuilder } from '../../debug-adapter/transcript/strip.ts';
import { TURN_MS } from '../../debug-adapter/transcript/turns.ts';
import { detailsOf } from './details.ts';
import type {
  CallView,
  FromWebview,
  Order,
  PanelState,
  RequestName,
  Requests,
  StackFrame,
  ToWebview,
} from './protocol.ts';
import { checkedParams } from './requestShape.ts';
import { rowView } from './rowView.ts';
import type { CallList, PanelWorld, ShownCall } from './shownCall.ts';
import { TreeHandles } from './treeHandles.ts';

/** The webview hears of changes at most so often, */
const TELL_MS = 100;
/** and of a stop, an end or an answer at once. */
const AT_ONCE = 0;
/** Guest stacks that are kept: each is a replay. */
const STACKS = 50;

/** What the webview shows of the call. */
interface View {
  readonly call: ShownCall;
  readonly generation: number;
  readonly filter: Filter;
  readonly order: Order | undefined;
  readonly shown: ShownRows;
  readonly leave: () => void;
}

type Answerer = {
  [N in RequestName]: (params: Requests[N]['params']) => Requests[N]['result'] | Promise<Requests[N]['result']>;
};

export class PanelModel {
  readonly #calls: CallList;
  readonly #world: PanelWorld;
  readonly #post: (message: ToWebview) => void;
  readonly #now: () => number;
  readonly #handles = new TreeHandles();
  readonly #stacks = new Map<string, Promise<readonly StackFrame[]>>();
  readonly #leave: () => void;
  #view: View | undefined;
  #generation = 0;
  #filter = '';
  #order: Order | undefined;
  #finder: { readonly text: string; readonly generation: number; readonly finder: Finder } | undefined;
  /** The webview waits for the answer to a filter. */
  #asked = false;
  #turn: NodeJS.Immediate | undefined;
  #telling: NodeJS.Timeout | undefined;
  #toldAt = Number.NEGATIVE_INFINITY;
  #stacking: AbortController | undefined;
  #gone = false;
  /** The row that is selected in the webview. */
  #selected: number | undefined;

  /** @param post to the webview. `now` gives monotonic ms */
  constructor(calls: CallList, world: PanelWorld, post: (message: ToWebview) => void, now: () => number) {
    this.#calls = calls;
    this.#world = world;
    this.#post = post;
    this.#now = now;
    let newest = calls.calls.at(-1);
    this.#leave = calls.onDidChange(() => {
      const { calls: list } = calls;
      const last = list.at(-1);
      // a call that begins is shown, whatever was
      const isNew = last !== newest && last !== undefined && last.id > (newest?.id ?? -1);
      newest = last;
      const stays = this.#view !== undefined && list.includes(this.#view.call);
      if (last === undefined) this.#close();
      else if (isNew || !stays) this.#open(last);
      this.#tell(AT_ONCE);
    });
    if (newest !== undefined) this.#open(newest);
  }

  /** The call that is shown, and the row that is selected. */
  get selection(): { readonly call: ShownCall; readonly row: number } | undefined {
    const call = this.#view?.call;
    const row = this.#selected;
    return call === undefined || row === undefined || row >= call.rows.length ? undefined : { call, row };
  }
  get shownCall(): ShownCall | undefined {
    return this.#view?.call;
  }

  /** Shows a call, and selects a row of it. */
  show(id: number, row?: number, sendAgain = false): void {
    const call = this.#calls.calls.find((candidate) => candidate.id === id);
    if (call === undefined) return;
    if (this.#view?.call !== call) this.#open(call);
    this.#tell(AT_ONCE);
    if (row !== undefined) this.#post({ type: 'reveal', row, ...(sendAgain ? { sendAgain } : {}) });
  }

  do(what: Extract<ToWebview, { type: 'do' }>['what']): void {
    this.#post({ type: 'do', what });
  }

  /** What the webview says. Anything that is not what it should be is refused with a sentence. */
  receive(message: FromWebview): void {
    if (this.#gone) return;
    if (message.type === 'selected') {
      this.#selected = typeof message.row === 'number' ? message.row : undefined;
      return;
    }
    if (message.type === 'request') void this.#answer(message.token, message.name, message.params);
  }

  dispose(): void {
    this.#gone = true;
    this.#leave();
    this.#close();
    clearTimeout(this.#telling);
    this.#stacking?.abort();
  }

  async #answer(token: number, name: RequestName, given: unknown): Promise<void> {
    try {
      const params = checkedParams(name, given);
      const answer = this.#answers[name] as (params: unknown) => unknown;
      const result = await answer(params);
      if (!this.#gone) this.#post({ type: 'response', token, result });
    } catch (error) {
      const sentence = error instanceof Error ? error.message : String(error);
      if (!this.#gone) this.#post({ type: 'refusal', token, sentence });
    }
  }

  // Which rows.

  #open(call: ShownCall): void {
    this.#close();
    this.#stacking?.abort();
    this.#handles.forget();
    this.#selected = undefined;
    this.#look(call);
  }

  #close(): void {
    this.#view?.leave();
    this.#view = undefined;
    this.#finder = undefined;
    if (this.#turn !== undefined) clearImmediate(this.#turn);
    this.#turn = undefined;
  }

  /** Shows the rows of `call` by the present filter and order. */
  #look(call: ShownCall): void {
    this.#close();
    const { filter } = parseFilter(this.#filter);
    const leave = [
      call.store.onAppend(() => this.#work()),
      call.onDidChange(() => {
        this.#work();
        this.#tell(AT_ONCE);
      }),
    ];
    this.#view = {
      call,
      generation: ++this.#generation,
      filter,
      order: this.#order,
      shown: new ShownRows(call.rows, filter, this.#order, this.#now),
      leave: () => {
        for (const each of leave) each();
      },
    };
    this.#advance(TURN_MS);
    this.#work();
  }

  /** Goes on laying out, filtering and sorting, a turn at a time. */
  #work(): void {
    if (this.#turn !== undefined || this.#gone || this.#view === undefined) return;
    this.#turn = setImmediate(() => {
      this.#turn = undefined;
      if (!this.#advance(TURN_MS)) this.#work();
      const isAnswer = this.#asked && !this.#busy;
      if (isAnswer) this.#asked = false;
      this.#tell(isAnswer ? AT_ONCE : TELL_MS);
    });
  }

  /** True when nothing is left to do. */
  #advance(budget: number): boolean {
    const view = this.#view;
    if (view === undefined) return true;
    const until = this.#now() + budget;
    const laid = view.call.rows.advance(budget / 2);
    return view.shown.advance(Math.max(1, until - this.#now())) && laid;
  }

  get #busy(): boolean {
    return this.#turn !== undefined;
  }

  // What the webview is told.

  #tell(ms: number): void {
    if (this.#gone) return;
    const wait = ms === AT_ONCE ? 0 : Math.max(0, this.#toldAt + ms - this.#now());
    if (wait === 0) {
      clearTimeout(this.#telling);
      this.#telling = undefined;
      this.#toldAt = this.#now();
      this.#post({ type: 'state', state: this.#state() });
    } else this.#telling ??= setTimeout(() => this.#tell(AT_ONCE), wait);
  }

  #state(): PanelState {
    const view = this.#view;
    return {
      calls: this.#calls.calls.map(callView),
      call: view?.call.id,
      generation: view?.generation ?? this.#generation,
      total: view?.call.rows.length ?? 0,
      shown: view?.shown.length ?? 0,
      busy: this.#busy,
      present: view === undefined ? undefined : present(view),
      doors: view?.call.doors ?? [],
    };
  }

  // What it asks.

  #shownView(): View {
    if (this.#view === undefined) throw new Error('No call is shown: press F5 on a plugin call.');
    return this.#view;
  }

  /** @throws Error with a sentence for a row that there is not. */
  #row(row: number): ShownCall {
    const { call } = this.#shownView();
    if (row >= call.rows.length) throw new Error(`The call has ${call.rows.length} rows, and no row ${row}.`);
    return call;
  }

  readonly #answers: Answerer = {
    hello: () => {
      this.#tell(AT_ONCE);
      return this.#world.settings();
    },
    show: ({ call }) => {
      this.show(call);
      return null;
    },
    query: ({ filter, order }) => {
      const { problems } = parseFilter(filter);
      const changed = filter !== this.#filter || JSON.stringify(order) !== JSON.stringify(this.#order);
      this.#filter = filter;
      this.#order = order;
      const call = this.#view?.call;
      if (changed && call !== undefined) {
        this.#look(call);
        this.#asked = this.#busy;
      }
      this.#tell(AT_ONCE);
      return { generation: this.#view?.generation ?? this.#generation, problems };
    },
    rows: ({ generation, from, to }) => {
      const view = this.#shownView();
      const rows = [];
      if (generation === view.generation)
        for (let index = from; index < Math.min(to, view.shown.length); index++)
          rows.push(rowView(view.call.rows, view.shown.row(index)));
      return { generation: view.generation, from, rows };
    },
    locate: ({ row }) => {
      const { shown } = this.#shownView();
      const exact = shown.indexOf(row);
      return exact >= 0 ? { index: exact, exact: true } : { index: shown.place(row), exact: false };
    },
    find: async ({ text, from, backwards }) => {
      const view = this.#shownView();
      const { filter, problems } = parseFilter(text);
      if (this.#finder?.text !== text || this.#finder.generation !== view.generation)
        this.#finder = { text, generation: view.generation, finder: new Finder(view.shown, filter, this.#now) };
      const { finder } = this.#finder;
      while (!finder.advance(TURN_MS)) {
        await othersFirst();
        if (this.#view !== view) break;
      }
      const { index, ordinal, count } = finder.next(from, backwards);
      return { index, row: index < 0 ? -1 : view.shown.row(index), ordinal, count, problems };
    },
    complete: ({ text, caret }) => {
      const rows = this.#view?.call.rows;
      return rows === undefined ? [] : completions(text, caret, rows);
    },
    history: ({ add }) => {
      if (add !== undefined && add.trim() !== '') this.#world.addHistory(add);
      return this.#world.history();
    },
    details: ({ row }) => {
      const call = this.#row(row);
      this.#handles.forget();
      return detailsOf(call, row, this.#handles);
    },
    children: ({ handle, from, count }) => this.#handles.children(handle, from, count),
    bytes: ({ row, from, to }) => {
      const call = this.#row(row);
      const event = call.store.get(call.rows.event(row));
      if (!('bytes' in event)) throw new Error('This row is no line, and has no bytes.');
      return Buffer.from(event.bytes.subarray(from, to)).toString('base64');
    },
    stack: ({ row }) => this.#stack(this.#row(row), row),
    strip: async (question) => {
      const view = this.#shownView();
      const { rows } = view.call;
      const builder = new StripBuilder(rows, question, this.#now);
      while (!builder.advance(TURN_MS)) await othersFirst();
      const at = view.call.present;
      if (at === undefined || at < 0 || rows.length === 0) return builder.strip();
      return { ...builder.strip(), present: rows[question.axis](rows.rowOf(at)) };
    },
    rowAt: ({ axis, at }) => this.#shownView().call.rows.rowAt(axis, at),
    open: async ({ door, row, params, frame }) => {
      const call = this.#row(row);
      await this.#world.open(door, call, row, { params, frame });
      return null;
    },
    keep: (settings) => {
      this.#world.keep(settings);
      return null;
    },
  };

  /** One replay at a time: whoever selects another row does not wait for the last one's. */
  #stack(call: ShownCall, row: number): Promise<readonly StackFrame[]> {
    const event = call.rows.event(row);
    const key = `${call.id} ${event}`;
    const known = this.#stacks.get(key);
    if (known !== undefined) return known;
    this.#stacking?.abort();
    const stacking = new AbortController();
    this.#stacking = stacking;
    const found = this.#world.stack(call, event, stacking.signal);
    this.#stacks.set(key, found);
    if (this.#stacks.size > STACKS) this.#stacks.delete(this.#stacks.keys().next().value ?? '');
    found.catch(() => this.#stacks.delete(key));
    return found;
  }
}

function othersFirst(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function present({ call, shown }: View): PanelState['present'] {
  const event = call.present;
  if (event === undefined || event < 0 || call.rows.length === 0) return undefined;
  const row = call.rows.rowOf(event);
  return { row, index: shown.indexOf(row) };
}

function callView(call: ShownCall): CallView {
  const { id, title, method, plugin, state, outcome, started, note } = call;
  return {
    id,
    title,
    method,
    plugin,
    state,
    started,
    ...(outcome === undefined ? {} : { outcome }),
    ...(note === undefined ? {} : { note }),
  };
}
