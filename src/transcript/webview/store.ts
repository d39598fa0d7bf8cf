// What the panel shows and what can be done with it, without a line of markup: the state that the extension pushes, filter and order, the
// selected row and its details, find, and following the end. Components draw from it and call it. Nothing here outlives `keep` and `setState`.
import type { Details, Door, FilterProblem, Order, PanelState, Requests, RowView, Settings } from '../protocol.ts';
import type { Bridge, VsCodeApi } from './bridge.ts';
import { nextOrder, type Shown, shownColumns } from './columns.ts';
import { Finding } from './finding.ts';
import { grouped } from './numbers.ts';
import { RowWindow } from './rowWindow.ts';

/** Kept by VS Code while the view is hidden. */
interface Hidden {
  readonly filter?: string;
  readonly order?: Order;
  readonly selected?: number;
  readonly call?: number;
  readonly tab?: Tab;
  readonly follow?: boolean;
  readonly detailsOpen?: boolean;
}

/** So many rows may come behind the one where a running call stands: what was said about it. */
const NEAR_END = 5;

export type Tab = 'message' | 'raw' | 'facts' | 'stack';

export interface Selected {
  readonly row: number;
  /** Among the shown rows; -1 while it is not known, or when the filter hides it. */
  readonly index: number;
}

/** What the table can be asked to do; it registers itself. */
export interface Table {
  reveal(index: number, where: 'nearest' | 'center'): void;
  toEnd(): void;
  focus(): void;
}

export class Store {
  readonly bridge: Bridge;
  readonly rows: RowWindow;
  readonly #api: VsCodeApi;
  readonly #hidden: Hidden;
  readonly #listeners = new Set<() => void>();
  table: Table | undefined;
  state: PanelState | undefined;
  settings: Settings = {};
  filter = '';
  problems: readonly FilterProblem[] = [];
  order: Order | undefined;
  selected: Selected | undefined;
  /** Place of the row that is being selected, until it has come. */
  going: number | undefined;
  details: Details | undefined;
  detailsProblem: string | undefined;
  detailsOpen = false;
  tab: Tab = 'message';
  /** The row whose form for sending again is open. */
  sending: number | undefined;
  follow = false;
  readonly finding: Finding;
  /** Counts up when the filter is to take the focus. */
  focusFilter = 0;
  /** Said by the live region. */
  announcement = '';
  /** A refusal to show. */
  notice: string | undefined;
  #strayed = false;
  #queried = 0;

  constructor(bridge: Bridge, api: VsCodeApi) {
    this.bridge = bridge;
    this.#api = api;
    this.finding = new Finding(this);
    this.rows = new RowWindow(
      (params) => bridge.ask('rows', params),
      () => this.#rowsCame(),
    );
    const hidden = (api.getState() ?? {}) as Hidden;
    this.filter = hidden.filter ?? '';
    this.order = hidden.order;
    this.tab = hidden.tab ?? 'message';
    this.#hidden = hidden;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  changed(): void {
    for (const listener of this.#listeners) listener();
  }

  get columns(): Shown {
    return shownColumns(this.settings);
  }

  get call(): PanelState['calls'][number] | undefined {
    return this.state?.calls.find(({ id }) => id === this.state?.call);
  }

  /** First of all: what was arranged, and the filter that was there when the view was hidden. Both at once, since rows wait for it. */
  async start(): Promise<void> {
    const hello = this.bridge.ask('hello', {});
    const query = this.query();
    this.settings = await hello;
    this.changed();
    await query;
  }

  arrange(settings: Settings): void {
    this.settings = { ...this.settings, ...settings };
    this.bridge.ask('keep', this.settings).catch(() => {});
    this.changed();
  }

  setState(state: PanelState): void {
    const before = this.state;
    this.state = state;
    if (before?.call !== state.call) this.#callChanged(before !== undefined);
    this.rows.generation(state.generation);
    if (before && (before.total !== state.total || before.shown !== state.shown || before.busy !== state.busy))
      this.rows.refresh();
    const queried = before !== undefined && before.generation !== state.generation;
    if (queried || before?.shown !== state.shown) void this.#place(queried && before.call === state.call);
    this.#presentChanged(before, state);
    if (queried && this.filter !== '') this.announce(`${grouped(state.shown)} of ${grouped(state.total)} rows match`);
    this.changed();
  }

  /** The shown call may still get rows. */
  get #goesOn(): boolean {
    const state = this.call?.state;
    return state === 'loading' || state === 'running' || state === 'stopped';
  }

  #callChanged(known: boolean): void {
    this.#strayed = false;
    if (!known) {
      this.follow = this.#hidden.follow ?? this.#goesOn;
      const { selected, call, detailsOpen } = this.#hidden;
      if (selected !== undefined && call === this.state?.call)
        void this.select(selected, { open: detailsOpen ?? false });
      return;
    }
    this.unselect();
    this.follow = this.#goesOn;
    if (!this.follow) this.table?.reveal(0, 'nearest');
  }

  #presentChanged(before: PanelState | undefined, { present, call, shown }: PanelState): void {
    if (present === undefined) return;
    const isThere = before?.call === call && before?.present?.row === present.row;
    if (isThere && before.present?.index === present.index) return;
    if (!isThere) {
      this.announce(`Stopped at row ${grouped(present.row + 1)}`);
      // whoever looked elsewhere is shown each stop, as in the editor
      this.#strayed = false;
    }
    if (present.index < 0 || this.#strayed) return;
    // a call that is replayed stands amid its rows; one that runs, at their end, and is followed
    if (present.index < shown - NEAR_END) this.follow = false;
    this.table?.reveal(present.index, 'center');
  }

  /** The person scrolled: where they look stays until the next run. */
  scrolled(atEnd: boolean): void {
    this.#strayed = !atEnd;
    if (this.follow !== atEnd) this.setFollow(atEnd);
  }

  setFollow(follow: boolean): void {
    this.follow = follow;
    if (follow) this.table?.toEnd();
    this.#save();
    this.changed();
  }

  async setFilter(filter: string): Promise<void> {
    if (filter === this.filter) return;
    this.filter = filter;
    this.changed();
    await this.query();
  }

  sort(column: Order['column']): void {
    this.order = nextOrder(this.order, column);
    // the end of another order than that of the events is nothing to follow
    this.follow = false;
    void this.query();
  }

  /** Sets filter and order. What comes back may have been overtaken by the next keystroke. */
  async query(): Promise<void> {
    const queried = ++this.#queried;
    this.#save();
    try {
      const { generation, problems } = await this.bridge.ask('query', { filter: this.filter, order: this.order });
      if (queried !== this.#queried) return;
      this.problems = problems;
      this.rows.generation(generation);
    } catch (error) {
      this.refused(error);
    }
    this.changed();
  }

  show(call: number): void {
    this.bridge.ask('show', { call }).catch((error: unknown) => this.refused(error));
  }

  unselect(): void {
    this.selected = undefined;
    this.details = undefined;
    this.detailsOpen = false;
    this.sending = undefined;
    this.bridge.selected(undefined);
    this.#save();
    this.changed();
  }

  /** Selects a row that may not be in view, and shows it. */
  async select(row: number, { open = this.detailsOpen, where = 'center' as 'nearest' | 'center' } = {}): Promise<void> {
    const { index, exact } = await this.bridge.ask('locate', { row }).catch(() => ({ index: -1, exact: false }));
    this.selectAt({ row, index: exact ? index : -1 }, open);
    if (index >= 0) this.#reveal(index, where);
    if (!exact) this.announce('The filter hides this row');
  }

  /** Selects what stands at a place. A row that is not here yet is asked for; keys pressed meanwhile go on from `going`. */
  async selectIndex(index: number, open = this.detailsOpen): Promise<void> {
    const shown = this.state?.shown ?? 0;
    const place = Math.max(0, Math.min(index, shown - 1));
    if (shown === 0) return;
    this.going = place;
    if (place < shown - 1) this.follow = false;
    this.table?.reveal(place, 'nearest');
    const row = this.rows.at(place) ?? (await this.#rowAt(place));
    if (this.going !== place) return;
    this.going = undefined;
    // whether the end is followed was settled by the key: rows may have come since
    if (row) this.#select({ row: row.row, index: place }, open || this.detailsOpen);
  }

  async #rowAt(place: number): Promise<RowView | undefined> {
    let generation = this.state?.generation ?? 0;
    for (;;) {
      const answer = await this.bridge.ask('rows', { generation, from: place, to: place + 1 }).catch(() => undefined);
      if (!answer || answer.rows.length > 0 || answer.generation === generation) return answer?.rows[0];
      // another query is on its way: what counts is its row
      generation = answer.generation;
    }
  }

  /** Goes to a row that somebody asked for: the end is no longer followed. */
  #reveal(index: number, where: 'nearest' | 'center'): void {
    if (index < (this.state?.shown ?? 0) - 1) this.follow = false;
    this.table?.reveal(index, where);
  }

  selectAt(selected: Selected, open: boolean): void {
    if (selected.index < (this.state?.shown ?? 0) - 1) this.follow = false;
    this.#select(selected, open);
  }

  #select(selected: Selected, open: boolean): void {
    const same = this.selected?.row === selected.row;
    this.selected = selected;
    const opening = open && !this.detailsOpen;
    this.detailsOpen = open;
    if (!same) {
      this.sending = undefined;
      this.bridge.selected(selected.row);
    }
    this.#save();
    this.changed();
    if (open && (!same || opening || !this.details)) void this.#describe();
  }

  openDetails(): void {
    if (this.selected) this.selectAt(this.selected, true);
  }

  closeDetails(): void {
    this.detailsOpen = false;
    this.sending = undefined;
    this.#save();
    this.changed();
  }

  setTab(tab: Tab): void {
    this.tab = tab;
    this.#save();
    this.changed();
  }

  async #describe(): Promise<void> {
    const row = this.selected?.row;
    if (row === undefined || !this.detailsOpen) return;
    try {
      const details = await this.bridge.ask('details', { row });
      if (this.selected?.row !== row) return;
      this.details = details;
      this.detailsProblem = undefined;
    } catch (error) {
      if (this.selected?.row !== row) return;
      this.details = undefined;
      this.detailsProblem = sentence(error);
    }
    this.changed();
  }

  #rowsCame(): void {
    // the reply has come since: the details say so too
    const { selected, details } = this;
    if (selected && details?.row.pending && details.row.row === selected.row) {
      const row = this.rows.at(selected.index);
      if (row?.row === selected.row && !row.pending) void this.#describe();
    }
    this.changed();
  }

  /** The place of the selected row in an order or filter that has changed; `reveal`: it is gone to, or else the first row. */
  async #place(reveal: boolean): Promise<void> {
    const { selected } = this;
    if (reveal && !selected && !this.follow) this.table?.reveal(0, 'nearest');
    if (!selected) return;
    const { row } = selected;
    const { index, exact } = await this.bridge.ask('locate', { row }).catch(() => ({ index: -1, exact: false }));
    if (this.selected?.row !== row) return;
    this.selected = { row, index: exact ? index : -1 };
    if (reveal && !this.follow) this.table?.reveal(Math.max(0, index), 'center');
    this.changed();
  }

  async jumpToPair(): Promise<void> {
    const index = this.selected?.index ?? -1;
    const pair = (index < 0 ? undefined : this.rows.at(index)?.pair) ?? this.details?.row.pair;
    if (pair === undefined) this.announce('This row has no request or reply to go to');
    else await this.select(pair, { where: 'nearest' });
  }

  async open(door: Door, row: number, more: { params?: string; frame?: Requests['stack']['result'][number] } = {}) {
    try {
      await this.bridge.ask('open', { door, row, ...more });
    } catch (error) {
      this.refused(error);
    }
  }

  sendAgain(row: number | undefined): void {
    this.sending = row;
    this.changed();
  }

  announce(text: string): void {
    this.announcement = text;
    this.changed();
  }

  refused(error: unknown): void {
    this.notice = sentence(error);
    this.announcement = this.notice;
    this.changed();
  }

  dismiss(): void {
    this.notice = undefined;
    this.changed();
  }

  /** The row that is selected, where it is among those that are here. */
  get selectedView(): RowView | undefined {
    if (this.details && this.details.row.row === this.selected?.row) return this.details.row;
    return this.selected ? this.rows.at(this.selected.index) : undefined;
  }

  #save(): void {
    const { filter, order, selected, tab, follow, detailsOpen, state } = this;
    this.#api.setState({
      filter,
      order,
      tab,
      follow,
      detailsOpen,
      selected: selected?.row,
      call: state?.call,
    });
  }
}

const sentence = (error: unknown): string => (error instanceof Error ? error.message : String(error));
