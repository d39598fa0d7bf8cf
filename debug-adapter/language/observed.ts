// What was seen of host methods in runs, as plain values: the extension tells the language server (`plugin/observed`), which holds no session. Other
// editors do without. Made from observations of a mock set; JSON texts keep their digits (P2).
import type { HostAnswer, HostCall, MockObservations, NearMiss } from '../mocks/observe.ts';

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

/** `observations` as values that can be sent. `params` has further params of a method; `at` says when, for rules that answered; `nearMiss` explains. */
export function observedOf(
  observations: MockObservations,
  more: {
    readonly params?: ReadonlyMap<string, readonly string[]>;
    readonly at?: string;
    readonly nearMiss?: (call: HostCall) => NearMiss | undefined;
  } = {},
): Observed {
  const methods: ObservedMethod[] = [];
  const rules: ObservedRule[] = [];
  for (const { method, calls, last, lastUnmatched, rules: observed } of observations.methods.values()) {
    for (const { rule, hits, last: answered } of observed) {
      const { number, place } = rule;
      const call = answered === undefined ? undefined : callOf(answered);
      rules.push({
        ...{ file: place.file, method, number, hits },
        ...(call && { last: call }),
        ...(hits > 0 && more.at !== undefined && { at: more.at }),
      });
    }
    const seen = new Set<string>();
    const candidates = [last?.params, lastUnmatched?.params, ...observed.map((rule) => rule.last?.params)];
    for (const params of [...candidates, ...(more.params?.get(method) ?? [])])
      if (params !== undefined && params.length <= LONGEST && seen.size < MOST_PARAMS) seen.add(params);
    const nearMiss = lastUnmatched && more.nearMiss?.(lastUnmatched)?.message;
    methods.push({
      ...{ method, calls },
      ...(last && { last: callOf(last) }),
      ...(lastUnmatched && { unmatched: { ...callOf(lastUnmatched), ...(nearMiss && { nearMiss }) } }),
      params: [...seen],
    });
  }
  return { methods, rules };
}

function callOf({ params, answer }: HostCall): ObservedCall {
  return { params: short(params), ...(answer && { answer: answerOf(answer) }) };
}

function answerOf(answer: HostAnswer): NonNullable<ObservedCall['answer']> {
  return answer.kind === 'result'
    ? { kind: 'result', text: short(answer.result) }
    : { kind: 'error', text: short(`${answer.code}: ${answer.message}`) };
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
