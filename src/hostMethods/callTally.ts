// What a call says about host methods: how often each was called, who answered, which rule. Follows the rows of the call in short turns and keeps
// rows, no messages. Knows nothing of mock files but which rule an answer names. Contracts E2, P2, P3.
import type { MockRule } from '../../debug-adapter/mocks/rules.ts';
import type { EventStore } from '../../debug-adapter/recording/event-store.ts';
import type { AnsweredBy } from '../../debug-adapter/rpc/answered-by.ts';
import { classifyLine, type JsonText, type Message } from '../../debug-adapter/rpc/message.ts';
import type { RowTable } from '../../debug-adapter/transcript/row-table.ts';

/** A call of a host method in the rows of a call. */
export interface HostCallRow {
  readonly row: number;
  /** Number of the call among those of its method, from 1. */
  readonly nth: number;
  /** Of the scenario when the call came. */
  readonly state: string;
}

export interface MethodTally {
  calls: number;
  mocked: number;
  unmatched: number;
  passedOn: number;
  byHand: number;
  last: HostCallRow | undefined;
  lastUnmatched: HostCallRow | undefined;
  /** The last that got an answer which is no mock's: of the host's process, or by hand, or of a recording that does not say whose it was. */
  lastReal: HostCallRow | undefined;
  /** Of rules, by their {@link RuleFinder.idOf}. */
  readonly hits: Map<string, RuleHits>;
}

export interface RuleHits {
  count: number;
  /** The last call that the rule answered, */
  last: HostCallRow;
  /** and the row of the answer. */
  answer: number;
}

/** Finds the rule that an answer names, as the mock file was then. */
export interface RuleFinder {
  find(answeredBy: Extract<AnsweredBy, { by: 'mock' }>): MockRule | undefined;
  /** The name of a rule that stays when the file changes. */
  idOf(rule: MockRule): string;
  readonly initialState: string;
}

/** What is looked at of a call. */
export interface TalliedCall {
  readonly rows: RowTable;
  readonly store: EventStore;
  /** ms since 1970. */
  readonly started: number;
}

const STRIDE = 64;

export class CallTally {
  readonly call: TalliedCall;
  readonly methods = new Map<string, MethodTally>();
  readonly #rules: RuleFinder;
  #done = 0;
  /** Of the scenario; undefined: as it began. */
  #state: string | undefined;

  constructor(call: TalliedCall, rules: RuleFinder) {
    this.call = call;
    this.#rules = rules;
  }

  /** Looks at rows that have come, until `now` is at `end` (ms). True when none is left. */
  advance(now: () => number, end: number): boolean {
    const { rows } = this.call;
    for (let steps = 0; this.#done < rows.length; steps++) {
      if (steps % STRIDE === STRIDE - 1 && now() >= end) return false;
      this.#row(this.#done++);
    }
    return true;
  }

  #row(row: number): void {
    const { rows } = this.call;
    const kind = rows.kind(row);
    if (kind === 'request' && rows.dir(row) === 'out') this.#asked(row);
    else if ((kind === 'result' || kind === 'error') && rows.dir(row) === 'in' && rows.pair(row) >= 0)
      this.#replied(row, rows.pair(row));
  }

  #asked(row: number): void {
    const name = this.call.rows.name(row);
    let method = this.methods.get(name);
    if (method === undefined) {
      method = {
        ...{ calls: 0, mocked: 0, unmatched: 0, passedOn: 0, byHand: 0 },
        ...{ last: undefined, lastUnmatched: undefined, lastReal: undefined },
        hits: new Map(),
      };
      this.methods.set(name, method);
    }
    method.last = { row, nth: ++method.calls, state: this.#state ?? this.#rules.initialState };
  }

  #replied(row: number, request: number): void {
    const { rows, store } = this.call;
    const method = this.methods.get(rows.name(request));
    if (method === undefined) return;
    const event = store.logged(rows.event(row));
    const answeredBy = event.kind === 'rpc' ? event.answeredBy : undefined;
    const of: HostCallRow =
      method.last?.row === request
        ? method.last
        : { row: request, nth: method.calls, state: this.#state ?? this.#rules.initialState };
    switch (answeredBy?.by) {
      case 'mock': {
        method.mocked++;
        const rule = this.#rules.find(answeredBy);
        if (rule === undefined) return;
        const id = this.#rules.idOf(rule);
        const hits = method.hits.get(id);
        if (hits === undefined) method.hits.set(id, { count: 1, last: of, answer: row });
        else {
          hits.count++;
          hits.last = of;
          hits.answer = row;
        }
        if (rule.setState !== undefined) this.#state = rule.setState;
        return;
      }
      case 'host':
        method.passedOn++;
        method.lastReal = of;
        return;
      case 'hand':
        method.byHand++;
        method.lastReal = of;
        return;
      case undefined:
        method.lastReal = of;
        return;
      case 'nobody':
      case 'debugger':
        method.unmatched++;
        method.lastUnmatched = of;
    }
  }
}

/** Bytes of a message that is read for the tree: longer ones are for the transcript panel. */
const LONGEST = 256 * 1024;

/** Whether a message is too long to be shown in the tree and compared with rules there. */
export const isLong = (rows: RowTable, row: number): boolean => rows.bytes(row) > LONGEST;

function messageAt({ rows, store }: TalliedCall, row: number): Message | undefined {
  if (isLong(rows, row)) return undefined;
  const event = store.get(rows.event(row));
  return event.kind === 'rpc' ? classifyLine(event.line) : undefined;
}

/** Params of a request's row as JSON text; undefined where it is no request that can be read, or a very long one. */
export function paramsOf(call: TalliedCall, row: number): JsonText | undefined {
  const message = messageAt(call, row);
  return message?.type === 'request' ? message.params : undefined;
}

export type RowAnswer =
  | { readonly kind: 'result'; readonly json: JsonText }
  | { readonly kind: 'error'; readonly code: string; readonly message: string };

/** The answer that a request's row got; undefined as long as there is none, and for a very long one. */
export function answerOf(call: TalliedCall, row: number): RowAnswer | undefined {
  const pair = call.rows.pair(row);
  const message = pair < 0 ? undefined : messageAt(call, pair);
  if (message?.type === 'response') return { kind: 'result', json: message.result };
  if (message?.type === 'error') return { kind: 'error', code: message.code, message: message.message };
  return undefined;
}
