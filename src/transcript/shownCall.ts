// What the transcript panel shows calls from, and what it needs of the world outside: narrow, so that the panel's model runs and is tested
// without VS Code. calls.ts keeps the calls, panelView.ts is the world.
import type { EventStore } from '../../debug-adapter/recording/event-store.ts';
import type { RowTable } from '../../debug-adapter/transcript/row-table.ts';
import type { CallView, Door, Settings, StackFrame } from './protocol.ts';

/** One call: running, over, or read from a recording. */
export interface ShownCall {
  readonly id: number;
  readonly title: string;
  readonly method: string;
  /** File name of the module. */
  readonly plugin: string;
  /** Wall clock at its start, ms since 1970. */
  readonly started: number;
  readonly store: EventStore;
  /** Over that store. Whoever needs it up to date advances it. */
  readonly rows: RowTable;
  readonly state: CallView['state'];
  /** `result`, `error`, `fault`, … of a call that has ended. */
  readonly outcome?: string | undefined;
  /** A sentence about what is not there: a recording that was cut short. */
  readonly note?: string | undefined;
  /** Event at which the debugger stands, while it is stopped. */
  readonly present: number | undefined;
  /** The reply that the row is, or that the request in it gets, can be changed where the call stands: the plugin has read nothing of it. */
  canChangeReply?(row: number): boolean;
  /** What can be done with this call at all. */
  readonly doors: readonly Door[];
  /** State, present or outcome have changed. That events have come says the store. */
  onDidChange(listener: () => void): () => void;
}

export interface CallList {
  /** Oldest first. */
  readonly calls: readonly ShownCall[];
  onDidChange(listener: () => void): () => void;
}

export interface ThroughDoor {
  /** JSON text, with `sendAgain`. */
  readonly params?: string | undefined;
  /** With `revealFunction`: which frame; undefined: the innermost at the row's event. */
  readonly frame?: StackFrame | undefined;
  /** With `comparePrevious`: the row to compare with. */
  readonly other?: number | undefined;
}

export interface PanelWorld {
  /** @throws Error with a sentence when that can't be done */
  open(door: Door, call: ShownCall, row: number, more: ThroughDoor): Promise<void>;
  /** The guest's frames at an event, innermost first. @throws Error with a sentence */
  stack(call: ShownCall, event: number, signal: AbortSignal): Promise<readonly StackFrame[]>;
  settings(): Settings;
  keep(settings: Settings): void;
  /** Filters that were used, the last one first. */
  history(): readonly string[];
  addHistory(filter: string): void;
}
