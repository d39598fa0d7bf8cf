// What was seen of host methods in runs, as plain values: the extension tells the language server (`plugin/observed`), which holds no session. Other
// editors do without. JSON texts keep their digits (P2).

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
  /** In the last run. */
  readonly calls: number;
  /** In the runs before it. */
  readonly earlier?: number;
  readonly last?: ObservedCall;
  /** The last call that no rule answered, and which rule came closest, in what it differed (sentences). */
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
  /** In the last run. */
  readonly hits: number;
  /** In the runs before it. */
  readonly earlier?: number;
  /** The params of the last call that it answered. */
  readonly last?: ObservedCall;
  /** When it last answered, as a person reads it. */
  readonly at?: string;
  /** Of the last call that no rule answered, where this one came closest: in what it differed (sentences). */
  readonly nearMiss?: string;
}

export interface Observed {
  readonly methods: readonly ObservedMethod[];
  readonly rules: readonly ObservedRule[];
}

export const NOTHING_OBSERVED: Observed = { methods: [], rules: [] };

/** What is too long becomes a text that says so: it is JSON as well. */
export function shortened(text: string): string {
  return text.length <= LONGEST ? text : JSON.stringify(`… (${text.length} characters)`);
}

/** Takes what came from a client: all that is not of the right shape is left out. */
export function readObserved(value: unknown): Observed {
  const root = fieldsOf(value);
  const methods = listOf(root['methods']).flatMap((each) => {
    const { method, calls, earlier, last, unmatched, params } = fieldsOf(each);
    if (typeof method !== 'string') return [];
    const lastCall = readCall(last);
    const lastUnmatched = readCall(unmatched);
    const nearMiss = fieldsOf(unmatched)['nearMiss'];
    return [
      {
        ...{ method, calls: countOf(calls), earlier: countOf(earlier) },
        ...(lastCall && { last: lastCall }),
        ...(lastUnmatched && {
          unmatched: { ...lastUnmatched, ...(typeof nearMiss === 'string' && { nearMiss }) },
        }),
        params: listOf(params).filter((text) => typeof text === 'string'),
      },
    ];
  });
  const rules = listOf(root['rules']).flatMap((each) => {
    const { file, method, number, hits, earlier, last, at, nearMiss } = fieldsOf(each);
    if (typeof file !== 'string' || typeof method !== 'string' || typeof number !== 'number') return [];
    const call = readCall(last);
    return [
      {
        ...{ file, method, number, hits: countOf(hits), earlier: countOf(earlier) },
        ...(call && { last: call }),
        ...(typeof at === 'string' && { at }),
        ...(typeof nearMiss === 'string' && { nearMiss }),
      },
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
