// What was seen of host methods in runs, as plain values: the extension tells the language server (`plugin/observed`), which holds no session. Other
// editors do without. Made from a call's messages; JSON texts keep their digits (P2).
import type { AnsweredBy } from '../rpc/answered-by.ts';
import { classifyLine } from '../rpc/message.ts';

/** The notification by which a client tells: its params are an {@link Observed}, the whole of it each time. */
export const OBSERVED = 'plugin/observed';

/** Payloads longer than that are not told of (UTF-16 units). */
const LONGEST = 20_000;
/** The most kinds of params that are kept of a method. */
export const MOST_PARAMS = 20;

export interface ObservedCall {
  /** JSON text. */
  readonly params: string;
  /** JSON text of a result, or a sentence of an error; absent while none has come. */
  readonly answer?: { readonly kind: 'result' | 'error'; readonly text: string };
}

export interface ObservedMethod {
  readonly method: string;
  readonly calls: number;
  readonly last?: ObservedCall;
  /** The last call that no rule answered, and what the closest rule lacked (a sentence). */
  readonly unmatched?: ObservedCall & { readonly nearMiss?: string };
  /** JSON texts of params that were seen, each once. */
  readonly params: readonly string[];
}

export interface ObservedRule {
  /** Path of the rule's file. */
  readonly file: string;
  readonly method: string;
  /** From 1; 0 for a method of the short form. */
  readonly number: number;
  readonly hits: number;
  /** The params of the last call that it answered. */
  readonly last?: ObservedCall;
  /** When it last answered, as a person reads it. */
  readonly at?: string;
}

export interface Observed {
  readonly methods: readonly ObservedMethod[];
  readonly rules: readonly ObservedRule[];
}

export const NOTHING_OBSERVED: Observed = { methods: [], rules: [] };

/** A message of a call, as far as this looks at it: RunEvents of kind `rpc` are such. */
export interface ObservedMessage {
  readonly dir: 'in' | 'out';
  readonly line: string;
  /** ms since the call began. */
  readonly time: number;
  readonly answeredBy?: AnsweredBy;
}

interface Asked {
  readonly method: SeenMethod;
  readonly params: string;
}

interface SeenMethod {
  readonly name: string;
  calls: number;
  last: ObservedCall | undefined;
  unmatched: ObservedCall | undefined;
  readonly params: Set<string>;
}

interface SeenRule {
  readonly file: string;
  readonly method: string;
  readonly number: number;
  hits: number;
  last: ObservedCall;
  at: string;
}

/** Follows the messages of one call. What it keeps is bounded by the methods and rules that there are, and calls that wait for their answers. */
export class CallObserver {
  readonly #methods = new Map<string, SeenMethod>();
  readonly #rules = new Map<string, SeenRule>();
  readonly #open = new Map<string, Asked>();
  readonly #clock: (ms: number) => string;

  /** `clock` writes a time of the call as a person reads it. */
  constructor(clock: (ms: number) => string) {
    this.#clock = clock;
  }

  add({ dir, line, time, answeredBy }: ObservedMessage): void {
    const message = classifyLine(line);
    if (dir === 'out' && message.type === 'request') {
      const method = this.#method(message.method);
      const params = short(message.params);
      method.calls++;
      method.last = { params };
      if (message.params.length <= LONGEST && method.params.size < MOST_PARAMS) method.params.add(message.params);
      this.#open.set(message.id, { method, params });
      return;
    }
    if (dir !== 'in' || (message.type !== 'response' && message.type !== 'error')) return;
    const asked = this.#open.get(message.id);
    if (asked === undefined) return;
    this.#open.delete(message.id);
    const answer: ObservedCall['answer'] =
      message.type === 'response'
        ? { kind: 'result', text: short(message.result) }
        : { kind: 'error', text: short(`${message.code}: ${message.message}`) };
    const call = { params: asked.params, answer };
    asked.method.last = call;
    if (answeredBy?.by === 'mock') this.#answered(answeredBy, call, time);
    else asked.method.unmatched = call;
  }

  #answered(by: Extract<AnsweredBy, { by: 'mock' }>, call: ObservedCall, time: number): void {
    const { file, method, rule: number = 0 } = by;
    const key = JSON.stringify([file, method, number]);
    const rule = this.#rules.get(key) ?? { file, method, number, hits: 0, last: call, at: '' };
    rule.hits++;
    rule.last = call;
    rule.at = this.#clock(time);
    this.#rules.set(key, rule);
  }

  #method(name: string): SeenMethod {
    const known = this.#methods.get(name);
    if (known !== undefined) return known;
    const method: SeenMethod = { name, calls: 0, last: undefined, unmatched: undefined, params: new Set() };
    this.#methods.set(name, method);
    return method;
  }

  /** All that was seen so far. */
  get observed(): Observed {
    return {
      methods: [...this.#methods.values()].map(({ name, calls, last, unmatched, params }) => ({
        ...{ method: name, calls, params: [...params] },
        ...(last && { last }),
        ...(unmatched && { unmatched }),
      })),
      rules: [...this.#rules.values()].map((rule) => ({ ...rule })),
    };
  }
}

/** What is too long becomes a text that says so: it is JSON as well. */
function short(text: string): string {
  return text.length <= LONGEST ? text : JSON.stringify(`… (${text.length} characters)`);
}

/** Takes what came from a client: all that is not of the right shape is left out. */
export function readObserved(value: unknown): Observed {
  const root = fieldsOf(value);
  const methods = listOf(root['methods']).flatMap((each) => {
    const { method, calls, last, unmatched, params } = fieldsOf(each);
    if (typeof method !== 'string') return [];
    const lastCall = readCall(last);
    const lastUnmatched = readCall(unmatched);
    const nearMiss = fieldsOf(unmatched)['nearMiss'];
    return [
      {
        ...{ method, calls: countOf(calls) },
        ...(lastCall && { last: lastCall }),
        ...(lastUnmatched && {
          unmatched: { ...lastUnmatched, ...(typeof nearMiss === 'string' && { nearMiss }) },
        }),
        params: listOf(params).filter((text) => typeof text === 'string'),
      },
    ];
  });
  const rules = listOf(root['rules']).flatMap((each) => {
    const { file, method, number, hits, last, at } = fieldsOf(each);
    if (typeof file !== 'string' || typeof method !== 'string' || typeof number !== 'number') return [];
    const call = readCall(last);
    return [
      { file, method, number, hits: countOf(hits), ...(call && { last: call }), ...(typeof at === 'string' && { at }) },
    ];
  });
  return { methods, rules };
}

function readCall(value: unknown): ObservedCall | undefined {
  const { params, answer } = fieldsOf(value);
  if (typeof params !== 'string') return undefined;
  const { kind, text } = fieldsOf(answer);
  return (kind === 'result' || kind === 'error') && typeof text === 'string'
    ? { params, answer: { kind, text } }
    : { params };
}

const countOf = (value: unknown): number => (Number.isSafeInteger(value) && Number(value) > 0 ? Number(value) : 0);
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
