// Says what a call of a host method gets: the first rule that matches, its reply, and what becomes of the scenario. Keeps counts and the state of one
// run; looks no clock and no chance up by itself. Contracts M1 (order is the caller's), P2, E7.
import type { AnsweredBy } from '../rpc/answered-by.ts';
import { CUSTOM_CODE } from '../rpc/errors.ts';
import { type JsonValue, parseJson } from '../rpc/json.ts';
import { MAX_DEPTH } from '../rpc/json-scan.ts';
import type { JsonText } from '../rpc/message.ts';
import { splitMix64 } from '../wasi/random.ts';
import { alignRules } from './align-rules.ts';
import { matches } from './pattern.ts';
import type { MockDefault, MockFault, MockReplySpec, MockRule, MockSet } from './rules.ts';
import { evaluate, type Quoted, TemplateError } from './template.ts';

/** What is sent for a call. */
export type MockReply =
  | { readonly kind: 'result'; readonly result: JsonText; readonly fault: MockFault | undefined }
  | { readonly kind: 'error'; readonly code: string; readonly message: string; readonly fault: MockFault | undefined }
  | { readonly kind: 'never' }
  | { readonly kind: 'malformed'; readonly line: string | undefined }
  /** Another plugin is to be called, and its answer is the reply. */
  | { readonly kind: 'call'; readonly plugin: string; readonly method: string; readonly params: JsonText };

/** What a call gets. */
export type MockDecision =
  | {
      readonly kind: 'reply';
      readonly rule: MockRule;
      readonly answeredBy: AnsweredBy;
      readonly reply: MockReply;
      /** ms on the run's clock. */
      readonly delay: number;
    }
  /** `rule`: the one that says so, or undefined for a default. */
  | { readonly kind: 'pause'; readonly rule: MockRule | undefined; readonly answeredBy: AnsweredBy | undefined }
  /** No rule matches. `default`: undefined where no file says. */
  | { readonly kind: 'unmatched'; readonly default: MockDefault | undefined };

/** What a call is decided by besides its params: the same for the same call of a run. */
export interface CallSituation {
  /** Number of the call among those of its method, from 1. */
  readonly nth: number;
  readonly state: string;
}

/** What becomes of a rule in a run. */
interface RuleCounts {
  hits: number;
}

export interface MatcherOptions {
  /** Chance is made of this: the run's seed, or any. */
  readonly seed: bigint;
  /** Unix time on the run's clock, ns. */
  now(): bigint;
}

type AnsweredByMock = Extract<AnsweredBy, { by: 'mock' }>;

const answeredByRule = new WeakMap<MockRule, AnsweredByMock>();

/** Who answered, where this rule does: the same value each time. */
export function ruleAnsweredBy(rule: MockRule): AnsweredByMock {
  let answeredBy = answeredByRule.get(rule);
  if (answeredBy === undefined) {
    const { place, method, number, name } = rule;
    answeredBy = {
      by: 'mock',
      file: place.file,
      method,
      line: place.line,
      ...(number === 0 ? {} : { rule: number }),
      ...(name === undefined ? {} : { why: name }),
    };
    answeredByRule.set(rule, answeredBy);
  }
  return answeredBy;
}

/** Whether a rule answers a call. `params` is asked for only where the rule looks at them. */
export function ruleMatches(rule: MockRule, situation: CallSituation, params: () => JsonValue | undefined): boolean {
  if (rule.disabled) return false;
  const { when } = rule;
  if (when.states !== undefined && !when.states.includes(situation.state)) return false;
  if (when.nth !== undefined && !matches(when.nth, situation.nth)) return false;
  return when.params === undefined || matches(when.params, params());
}

export class MockMatcher {
  #set: MockSet;
  readonly #options: MatcherOptions;
  /** Calls of each method. */
  readonly #calls = new Map<string, number>();
  #counts = new Map<MockRule, RuleCounts>();
  #state: string;

  constructor(set: MockSet, options: MatcherOptions) {
    this.#set = set;
    this.#options = options;
    this.#state = set.initialState;
  }

  get set(): MockSet {
    return this.#set;
  }
  /** Of the scenario. */
  get state(): string {
    return this.#state;
  }

  /** How many calls of a method there were. */
  calls(method: string): number {
    return this.#calls.get(method) ?? 0;
  }

  /** The file has changed: rules keep their counts, also those that were edited where they stand or moved (see align-rules.ts), and the scenario its state. */
  replace(set: MockSet): void {
    const counts = new Map<MockRule, RuleCounts>();
    for (const [name, { rules }] of set.methods) {
      const before = this.#set.methods.get(name)?.rules ?? [];
      for (const [i, was] of alignRules(before, rules).entries()) {
        const [old, rule] = [before[was], rules[i]];
        const known = old && this.#counts.get(old);
        if (known !== undefined && rule !== undefined) counts.set(rule, known);
      }
    }
    // a scenario that nothing has moved begins anew where the file says
    if (this.#state === this.#set.initialState) this.#state = set.initialState;
    this.#set = set;
    this.#counts = counts;
  }

  /** Calls that a rule has answered, or stopped at. */
  hits(rule: MockRule): number {
    return this.#counts.get(rule)?.hits ?? 0;
  }

  /** Whether a rule may answer calls of this method. */
  hasRules(method: string): boolean {
    return this.#set.methods.get(method)?.rules.some(({ disabled }) => !disabled) === true;
  }

  /** What calls of this method get that no rule matches; undefined where no file says. */
  defaultOf(method: string): MockDefault | undefined {
    return this.#set.methods.get(method)?.default ?? this.#set.default;
  }

  /** Decides a call, which counts from then on. */
  decide(method: string, params: JsonText): MockDecision {
    const nth = (this.#calls.get(method) ?? 0) + 1;
    this.#calls.set(method, nth);
    const known = this.#set.methods.get(method);
    if (known !== undefined) {
      const situation: CallSituation = { nth, state: this.#state };
      let parsed: { readonly value: JsonValue | undefined } | undefined;
      const value = (): JsonValue | undefined => {
        parsed ??= { value: parsedParams(params) };
        return parsed.value;
      };
      for (const rule of known.rules) if (ruleMatches(rule, situation, value)) return this.#answer(rule, nth, value);
    }
    const fallback = this.defaultOf(method);
    return fallback === 'pause'
      ? { kind: 'pause', rule: undefined, answeredBy: undefined }
      : { kind: 'unmatched', default: fallback };
  }

  #answer(rule: MockRule, nth: number, params: () => JsonValue | undefined): MockDecision {
    const counts = this.#counts.get(rule) ?? { hits: 0 };
    this.#counts.set(rule, counts);
    counts.hits++;
    if (rule.setState !== undefined) this.#state = rule.setState;
    const answeredBy = ruleAnsweredBy(rule);
    if (rule.pause || rule.reply === undefined) return { kind: 'pause', rule, answeredBy };
    const random = this.#random(rule.method, nth);
    const spec = chosen(rule.reply, counts.hits);
    const delay = rule.delay === undefined ? 0 : drawn(rule.delay, random);
    if (spec.kind !== 'result' && spec.kind !== 'call') return { kind: 'reply', rule, answeredBy, reply: spec, delay };
    if (spec.kind === 'result' && spec.result.kind === 'text') {
      const { result, fault } = spec;
      return { kind: 'reply', rule, answeredBy, reply: { kind: 'result', result: result.text, fault }, delay };
    }
    const quotes: Quoted = {
      params: () => params() ?? null,
      nth,
      hit: counts.hits,
      random,
      now: () => this.#options.now(),
    };
    try {
      const reply: MockReply =
        spec.kind === 'call'
          ? { ...spec, params: evaluate(spec.params, quotes) }
          : { kind: 'result', result: evaluate(spec.result, quotes), fault: spec.fault };
      return { kind: 'reply', rule, answeredBy, reply, delay };
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      const { file, line, column } = rule.place;
      const message = `${file}:${line}:${column}: ${error.message}`;
      const reply: MockReply = { kind: 'error', code: String(CUSTOM_CODE), message, fault: undefined };
      return {
        kind: 'reply',
        rule,
        answeredBy: { ...answeredBy, why: 'its template refers to nothing' },
        reply,
        delay,
      };
    }
  }

  /** Chance of one call: the same for the same seed, method and number of the call, whatever other rules there are. */
  #random(method: string, nth: number): () => bigint {
    let state: bigint | undefined;
    return () => {
      if (state === undefined) {
        let hash = 0xcbf29ce484222325n; // FNV-1a over UTF-16 units
        for (let i = 0; i < method.length; i++)
          hash = BigInt.asUintN(64, (hash ^ BigInt(method.charCodeAt(i))) * 0x100000001b3n);
        state = BigInt.asUintN(64, this.#options.seed ^ hash ^ (BigInt(nth) * 0x9e3779b97f4a7c15n));
        state = splitMix64(state).output;
      }
      const step = splitMix64(state);
      state = step.state;
      return step.output;
    };
  }
}

function chosen(spec: MockReplySpec, hit: number): Exclude<MockReplySpec, { kind: 'sequence' }> {
  if (spec.kind !== 'sequence') return spec;
  const { replies, after } = spec;
  const at = after === 'cycle' ? (hit - 1) % replies.length : Math.min(hit, replies.length) - 1;
  return chosen(replies[at] ?? { kind: 'never' }, hit); // there is one or more
}

/** ms in a range, whole where its bounds are. */
function drawn([least, most]: readonly [number, number], random: () => bigint): number {
  if (least === most) return least;
  const share = Number(random() >> 11n) / 2 ** 53;
  const drawn = least + share * (most - least);
  return Number.isInteger(least) && Number.isInteger(most) ? Math.min(most, Math.round(drawn)) : drawn;
}

/** Params as a value; undefined for a text that is none. */
export function parsedParams(params: JsonText): JsonValue | undefined {
  try {
    return parseJson(params, MAX_DEPTH);
  } catch {
    return undefined;
  }
}

/** A seed of 64 bits out of a run's seed, which may be any text. */
export function seedOf(seed: string): bigint {
  if (/^-?\d+$/.test(seed)) return BigInt.asUintN(64, BigInt(seed));
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(seed)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash;
}
