// What the transcript panel's webview and the extension host say to each other: the one place where that is written down. Rows are asked
// for by range, and only those that are shown; the webview keeps nothing else of a call. Values only, no behaviour. Contracts P2, P3.

import type { FilterProblem } from '../../debug-adapter/transcript/filter.ts';
import type { Completion } from '../../debug-adapter/transcript/filter-completion.ts';
import type { RowKind } from '../../debug-adapter/transcript/row-table.ts';
import type { Column, Order } from '../../debug-adapter/transcript/sort-keys.ts';
import type { Axis, Strip as Shape } from '../../debug-adapter/transcript/strip.ts';

export type { Axis, Column, Completion, FilterProblem, Order, RowKind };

/** The columns, in their usual order, by the names that settings and the sort order have for them. */
export const COLUMNS = [
  'event',
  'dir',
  'kind',
  'name',
  'id',
  'summary',
  'bytes',
  'fuelSince',
  'fuel',
  'time',
  'duration',
] as const satisfies readonly Column[];

/** One row as it is shown. Rows are numbered from 0 in the order of what happened; the number stays the same whatever the filter is. */
export interface RowView {
  readonly row: number;
  /** First event of the row, and how many it has. */
  readonly event: number;
  readonly events: number;
  readonly kind: RowKind;
  /** `in`: host → plugin. */
  readonly dir?: 'in' | 'out';
  /** Method (of a reply: that of its request), syscall, or what the event is called. */
  readonly name: string;
  /** u64, digits intact. */
  readonly id?: string;
  /** How deep it is nested under its causes: 0 is the call's own request. */
  readonly depth: number;
  /** One line, made visible (no control characters), bounded. */
  readonly summary: string;
  /** Of the line, or what a syscall handed over or wrote. */
  readonly bytes?: number;
  readonly fuelSince: number;
  readonly fuel: number;
  /** ms since the call began. */
  readonly time: number;
  /** ms to the reply; of requests that have one. */
  readonly duration?: number;
  /** A request without a reply so far. */
  readonly pending?: boolean;
  /** Row of the reply, or of the request. */
  readonly pair?: number;
  readonly severity?: 'warning' | 'fault';
  /** Name of the errno of a syscall that failed. */
  readonly errno?: string;
  /** What is wrong with this row, in sentences. */
  readonly diagnosis?: string;
}

export interface CallView {
  readonly id: number;
  /** `greet {"name":"Ada"}`, cut. */
  readonly title: string;
  readonly method: string;
  readonly plugin: string;
  readonly state: 'loading' | 'running' | 'stopped' | 'ended' | 'recording';
  /** Of a call that has ended: `result`, `error`, `fault`, … */
  readonly outcome?: string;
  /** Wall clock at its start, ms since 1970. */
  readonly started: number;
  /** A sentence about a recording that was cut short, or about events that were only counted. */
  readonly note?: string;
}

/** What is always up to date in the webview: pushed when it changes, at most some 10 times a second. */
export interface PanelState {
  readonly calls: readonly CallView[];
  /** The call that is shown. */
  readonly call: number | undefined;
  /** Counts up with every query (call, filter or order); answers of an older one are not for the rows that are shown now. */
  readonly generation: number;
  /** Rows of the call. */
  readonly total: number;
  /** Rows that pass the filter, in the chosen order. */
  readonly shown: number;
  /** Rows have come that are not laid out, filtered or sorted yet. */
  readonly busy: boolean;
  /** Row at which the debugger stands, and its place among the shown rows (-1: filtered away). */
  readonly present: { readonly row: number; readonly index: number } | undefined;
  /** The call can be sent again, debugged, … (a recording whose plugin is not there can't). */
  readonly doors: readonly Door[];
}

/** A node of a tree that opens: JSON, a decoded syscall. */
export interface TreeNode {
  readonly name: string;
  readonly value: string;
  readonly type?: string;
  /** Ask for its children by this. Absent: it has none. */
  readonly handle?: number;
  /** How many children, where that is known and many. */
  readonly count?: number;
  /** The row that it speaks of. */
  readonly row?: number;
}

export interface Details {
  readonly row: RowView;
  /** Facts about the event, the causing message, production's view of it. */
  readonly facts: readonly TreeNode[];
  /** The message, or the decoded syscall. */
  readonly tree: readonly TreeNode[];
  /** Of events that are a line: how many bytes, whether they are UTF-8, and how the text begins (bounded). */
  readonly raw?: { readonly bytes: number; readonly utf8: boolean; readonly text: string; readonly cut: boolean };
  /** What answered the call, and why. */
  readonly answer?: string;
  /** Whole sentences: the diagnoses about this event. */
  readonly diagnoses: readonly string[];
  /** Row of the message before it of the same method and kind: to compare with. */
  readonly previous?: number;
  /** JSON text of the params, where the call can be sent again. */
  readonly params?: string;
  /** What can be done with this row. */
  readonly doors: readonly Door[];
}

export interface StackFrame {
  readonly name: string;
  readonly func: number;
  /** Byte offset in the module's file. */
  readonly offset: number;
  /** The line of source, where the plugin has debug information; `own`: of the author's code. */
  readonly place?: { readonly path: string; readonly line: number; readonly own: boolean };
}

/** What leads from a row to elsewhere. Each is a command in package.json too, for the context menu and the keyboard. */
export const DOORS = [
  'runToHere',
  'stopOnLike',
  'changeReply',
  'sendAgain',
  'copyCommand',
  'copyJson',
  'copyMarkdown',
  'revealFunction',
  'openMessage',
  'comparePrevious',
  'selectForCompare',
  'compareSelected',
  'saveRecording',
] as const;
export type Door = (typeof DOORS)[number];

/** The shape of a call, or of a part of it, in buckets of equal width on the axis. */
export interface Strip extends Shape {
  /** Where the debugger stands, on the axis. */
  readonly present?: number;
}

/** Requests of the webview, by name: what is asked, and what comes back. An answer may be a refusal: a sentence. */
export interface Requests {
  /** Asked first: the webview is there. Whatever it had kept is told again by `query`. */
  hello: { readonly params: Record<string, never>; readonly result: Settings };
  /** Shows another call. */
  show: { readonly params: { readonly call: number }; readonly result: null };
  /** Sets filter and order. `problems` are there when the filter is wrong: what can be understood of it counts. */
  query: {
    readonly params: { readonly filter: string; readonly order: Order | undefined };
    readonly result: { readonly generation: number; readonly problems: readonly FilterProblem[] };
  };
  /** Shown rows [from, to), at most 1000. */
  rows: {
    readonly params: { readonly generation: number; readonly from: number; readonly to: number };
    readonly result: { readonly generation: number; readonly from: number; readonly rows: readonly RowView[] };
  };
  /** The place of a row among the shown ones, or of the next shown one; -1 when there is none. */
  locate: {
    readonly params: { readonly row: number };
    readonly result: { readonly index: number; readonly exact: boolean };
  };
  /** The next shown row from place `from` on (not itself) that matches; `text` is in the filter's language. */
  find: {
    readonly params: { readonly text: string; readonly from: number; readonly backwards: boolean };
    readonly result: {
      /** -1: none. */
      readonly index: number;
      readonly row: number;
      /** Which of `count` it is, from 1. */
      readonly ordinal: number;
      readonly count: number;
      readonly problems: readonly FilterProblem[];
    };
  };
  complete: {
    readonly params: { readonly text: string; readonly caret: number };
    readonly result: readonly Completion[];
  };
  /** Earlier filters, the last one first. `add` puts one there. */
  history: { readonly params: { readonly add?: string }; readonly result: readonly string[] };
  details: { readonly params: { readonly row: number }; readonly result: Details };
  /** Children [from, from + count) of a node. */
  children: {
    readonly params: { readonly handle: number; readonly from: number; readonly count: number };
    readonly result: readonly TreeNode[];
  };
  /** Bytes [from, to) of a line, at most 64 kB, as base64. */
  bytes: {
    readonly params: { readonly row: number; readonly from: number; readonly to: number };
    readonly result: string;
  };
  /** The guest's frames at a row's (first) event, innermost first. May take a replay. */
  stack: { readonly params: { readonly row: number }; readonly result: readonly StackFrame[] };
  strip: {
    readonly params: {
      readonly axis: Axis;
      /** Of the axis; both absent: all of it. */
      readonly from?: number;
      readonly to?: number;
      readonly buckets: number;
    };
    readonly result: Strip;
  };
  /** The row at a place of an axis: the last one at or before it; -1 before the first. */
  rowAt: { readonly params: { readonly axis: Axis; readonly at: number }; readonly result: number };
  /** Goes through a door. `params` is JSON text, with `sendAgain`. */
  open: {
    readonly params: {
      readonly door: Door;
      readonly row: number;
      readonly params?: string;
      readonly frame?: StackFrame;
    };
    readonly result: null;
  };
  /** What the person has arranged, kept for the next time. */
  keep: { readonly params: Settings; readonly result: null };
}
export type RequestName = keyof Requests;

/** How the panel is arranged. Widths are CSS pixels. */
export interface Settings {
  /** In their order; those that are not named are hidden. */
  readonly columns?: readonly { readonly column: Column; readonly width: number }[];
  readonly axis?: Axis;
  readonly strip?: boolean;
  /** Share of the width that the details have. */
  readonly details?: number;
}

/** From the webview. `show`ing is not told to others: it holds what is selected, for VS Code's context menu and keys. */
export type FromWebview =
  | { readonly type: 'request'; readonly token: number; readonly name: RequestName; readonly params: unknown }
  | { readonly type: 'selected'; readonly row: number | undefined }
  /** The page has the keyboard, or not any more: VS Code's own context key does not follow a click into a webview. */
  | { readonly type: 'focus'; readonly focused: boolean };

/** To the webview. */
export type ToWebview =
  | { readonly type: 'response'; readonly token: number; readonly result: unknown }
  | { readonly type: 'refusal'; readonly token: number; readonly sentence: string }
  | { readonly type: 'state'; readonly state: PanelState }
  /** A command of VS Code's that the webview carries out. */
  | { readonly type: 'do'; readonly what: 'find' | 'findNext' | 'findPrevious' | 'filter' | 'follow' | 'clearFilter' }
  /** Select and show this row (a link from elsewhere); `sendAgain` opens the form for it. */
  | { readonly type: 'reveal'; readonly row: number; readonly sendAgain?: boolean };
