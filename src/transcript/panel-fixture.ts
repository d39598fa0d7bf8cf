// A panel's model over calls that are filled by hand, and what it posts. Only tests import it.

import { Filler } from '../../debug-adapter/session/store-fixture.ts';
import { RowTable } from '../../debug-adapter/transcript/row-table.ts';
import { PanelModel } from './panelModel.ts';
import type { Door, PanelState, RequestName, Requests, Settings, StackFrame, ToWebview } from './protocol.ts';
import { DOORS } from './protocol.ts';
import type { CallList, PanelWorld, ShownCall, ThroughDoor } from './shownCall.ts';

export class FakeCall implements ShownCall {
  readonly id: number;
  readonly title = 'run null';
  readonly method = 'run';
  readonly plugin = 'p.wasm';
  readonly started = 0;
  readonly filler = new Filler();
  readonly store = this.filler.store;
  readonly rows = new RowTable(this.store, () => performance.now());
  readonly doors: readonly Door[] = DOORS;
  state: ShownCall['state'] = 'running';
  present: number | undefined;
  readonly #listeners = new Set<() => void>();

  constructor(id: number) {
    this.id = id;
  }
  onDidChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
  stopAt(event: number | undefined): void {
    this.present = event;
    this.state = event === undefined ? 'running' : 'stopped';
    for (const listener of this.#listeners) listener();
  }
}

export class FakeCalls implements CallList {
  calls: readonly FakeCall[] = [];
  readonly #listeners = new Set<() => void>();
  onDidChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
  set(...calls: FakeCall[]): void {
    this.calls = calls;
    for (const listener of this.#listeners) listener();
  }
}

export class FakeWorld implements PanelWorld {
  readonly opened: [Door, number, ThroughDoor][] = [];
  readonly filters: string[] = [];
  kept: Settings = {};
  stacks = 0;
  aborted = 0;
  frames: () => Promise<readonly StackFrame[]> = () => Promise.resolve([{ name: 'f', func: 1, offset: 16 }]);

  async open(door: Door, _call: ShownCall, row: number, more: ThroughDoor): Promise<void> {
    this.opened.push([door, row, more]);
  }
  stack(_call: ShownCall, _event: number, signal: AbortSignal): Promise<readonly StackFrame[]> {
    this.stacks++;
    signal.addEventListener('abort', () => this.aborted++);
    return this.frames();
  }
  settings(): Settings {
    return this.kept;
  }
  keep(settings: Settings): void {
    this.kept = settings;
  }
  history(): readonly string[] {
    return this.filters;
  }
  addHistory(filter: string): void {
    this.filters.unshift(filter);
  }
}

/** The webview's end of a model. */
export class FakePanel {
  readonly calls = new FakeCalls();
  readonly world = new FakeWorld();
  readonly posted: ToWebview[] = [];
  readonly model: PanelModel;
  readonly #answers = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  #token = 0;

  constructor(...calls: FakeCall[]) {
    this.calls.calls = calls;
    this.model = new PanelModel(
      this.calls,
      this.world,
      (message) => this.#receive(message),
      () => performance.now(),
    );
  }

  #receive(message: ToWebview): void {
    if (message.type === 'response') this.#answers.get(message.token)?.resolve(message.result);
    else if (message.type === 'refusal') this.#answers.get(message.token)?.reject(new Error(message.sentence));
    else this.posted.push(message);
  }

  ask<N extends RequestName>(name: N, params: Requests[N]['params']): Promise<Requests[N]['result']> {
    const token = this.#token++;
    return new Promise((resolve, reject) => {
      this.#answers.set(token, { resolve: resolve as (value: unknown) => void, reject });
      this.model.receive({ type: 'request', token, name, params });
    });
  }

  get states(): PanelState[] {
    return this.posted.flatMap((message) => (message.type === 'state' ? [message.state] : []));
  }

  /** The state when nothing is left to do. */
  async settled(): Promise<PanelState> {
    for (;;) {
      await this.ask('hello', {});
      const state = this.states.at(-1);
      if (state !== undefined && !state.busy) return state;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** All rows that are shown. */
  async rows() {
    const { generation, shown } = await this.settled();
    return (await this.ask('rows', { generation, from: 0, to: shown })).rows;
  }
}
