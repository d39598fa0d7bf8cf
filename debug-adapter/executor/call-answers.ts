// What a call of a host method gets, before anybody is asked: by the rules of the mock file, by what was typed, or whose turn it is. Keeps the rules'
// counts; brings no reply. Contracts P1, P2.
import { type MockDecision, MockMatcher, type MockReply } from '../mocks/matcher.ts';
import { mockSetOf } from '../mocks/mock-set.ts';
import { nearMiss, timesSentence } from '../mocks/observe.ts';
import type { MockDefault, MockRule, MockSet } from '../mocks/rules.ts';
import { type AnsweredBy, changedByHand } from '../rpc/answered-by.ts';
import type { Reply } from '../rpc/endpoint.ts';
import { METHOD_NOT_FOUND } from '../rpc/errors.ts';
import type { RequestMessage } from '../rpc/message.ts';
import type { Answering, HandReply, MockChange } from './messages.ts';

/** As production's router says it. */
const NOBODY: Reply = { error: METHOD_NOT_FOUND, answeredBy: { by: 'nobody' } };
const UNASKED: Reply = {
  error: METHOD_NOT_FOUND,
  answeredBy: { by: 'debugger', why: 'the mocks say to stop and ask, and nobody debugs this call' },
};
const NO_MOCKS: MockDecision = { kind: 'unmatched', default: undefined };
/** Why no rule answered is said of so many calls: looking for it takes longer than finding the rule that does. */
const EXPLAINED = 50;

/** Where answers come from. */
export interface HostAnswers {
  readonly mocks: MockSet | undefined;
  /** A process answers what the mocks do not. */
  readonly hasHost: boolean;
  /** What the mocks do not match, where they do not say. */
  readonly fallback: MockDefault | undefined;
  /** Somebody debugs, and can be asked. */
  readonly asks: boolean;
  /** Of all chance in replies. */
  readonly seed: bigint;
  /** In a replay: ids of requests whose replies left out of order. */
  readonly heldIds: ReadonlySet<string>;
  /** The run stood at this ask, and goes on from there. */
  readonly asked: string | undefined;
  /** A run is caught up with: how far it had come, and what its mocks became. */
  readonly past: (Pick<Answering, 'decided'> & { readonly changes: readonly MockChange[] }) | undefined;
}

/** What a call gets, or who is to say it. */
export type Decided =
  /** `delay`: ms on the run's clock. */
  | { readonly kind: 'reply'; readonly reply: Reply; readonly delay: number }
  | { readonly kind: 'never' }
  | { readonly kind: 'ask'; readonly rule: MockRule | undefined }
  | { readonly kind: 'host' }
  | {
      readonly kind: 'plugin';
      readonly call: Extract<MockReply, { kind: 'call' }>;
      readonly delay: number;
      readonly answeredBy: AnsweredBy;
    };

export class CallAnswers {
  readonly #answers: HostAnswers;
  /** Unix time on the run's clock, ns. */
  readonly #now: () => bigint;
  #matcher: MockMatcher | undefined;
  #decided = 0;
  /** Of the changes of the mocks that are known, so many are done. */
  #changes = 0;
  #explained = 0;

  constructor(answers: HostAnswers, now: () => bigint) {
    this.#answers = answers;
    this.#now = now;
    this.#matcher = answers.mocks === undefined ? undefined : this.#matcherOf(answers.mocks);
  }

  /** So many calls were decided. */
  get decided(): number {
    return this.#decided;
  }

  #matcherOf(set: MockSet): MockMatcher {
    return new MockMatcher(set, { seed: this.#answers.seed, now: () => this.#now() });
  }

  /** The mock file has changed: counts and the scenario stay. */
  setMocks(set: MockSet): void {
    if (this.#matcher === undefined) this.#matcher = this.#matcherOf(set);
    else this.#matcher.replace(set);
  }

  /** Whether a host method of this name gets an answer other than "unknown". */
  answers(method: string): boolean {
    if (this.#matcher?.hasRules(method)) return true;
    const { hasHost, fallback, asks } = this.#answers;
    const unmatched = this.#matcher?.defaultOf(method) ?? fallback ?? 'host';
    return unmatched === 'pause' ? asks : unmatched === 'host' && hasHost;
  }

  /** In a run that is caught up with the mocks change where they did there. */
  changeMocks(upTo = this.#decided): void {
    const changes = this.#answers.past?.changes ?? [];
    for (let next = changes[this.#changes]; next !== undefined && next.after <= upTo; next = changes[this.#changes]) {
      this.#changes++;
      this.setMocks(mockSetOf(next.mocks));
    }
  }

  /** Calls that the mock file expects, and that did not come: a sentence for each rule. */
  missed(): string[] {
    const matcher = this.#matcher;
    if (matcher === undefined) return [];
    return [...matcher.set.methods.values()].flatMap(({ rules }) =>
      rules.flatMap((rule) => timesSentence(rule, matcher.hits(rule)) ?? []),
    );
  }

  /** Decides a call, which counts from then on. `hand`: what was typed for it. */
  decide(request: RequestMessage, hand: HandReply | undefined): Decided {
    this.#decided++;
    const decision: MockDecision = this.#matcher?.decide(request.method, request.params) ?? NO_MOCKS;
    if (hand === 'never') return { kind: 'never' };
    if (hand !== undefined) {
      const instead = 'answeredBy' in decision ? decision.answeredBy : undefined;
      // when it leaves stays as it is
      return { kind: 'reply', reply: byHandFor(hand, instead), delay: decision.kind === 'reply' ? decision.delay : 0 };
    }
    switch (decision.kind) {
      case 'reply': {
        const { reply, delay, answeredBy } = decision;
        if (reply.kind === 'never') return { kind: 'never' };
        if (reply.kind === 'call') return { kind: 'plugin', call: reply, delay, answeredBy };
        return { kind: 'reply', reply: replyOf(reply, answeredBy), delay };
      }
      case 'pause':
        return this.#ask(decision.rule);
      case 'unmatched':
        return this.#unmatched(request, decision.default ?? this.#answers.fallback ?? 'host');
    }
  }

  #unmatched(request: RequestMessage, fallback: MockDefault): Decided {
    if (fallback === 'pause') return this.#ask(undefined);
    if (fallback === 'host' && this.#answers.hasHost) return { kind: 'host' };
    return { kind: 'reply', reply: this.#nobody(request), delay: 0 };
  }

  #ask(rule: MockRule | undefined): Decided {
    return this.#answers.asks ? { kind: 'ask', rule } : { kind: 'reply', reply: UNASKED, delay: 0 };
  }

  #nobody(request: RequestMessage): Reply {
    const matcher = this.#matcher;
    const rules = matcher?.set.methods.get(request.method)?.rules.length ?? 0;
    if (matcher === undefined || rules === 0 || this.#explained++ >= EXPLAINED) return NOBODY;
    const { method, params } = request;
    const miss = nearMiss(matcher.set, { method, params, nth: matcher.calls(method), state: matcher.state });
    if (miss === undefined) return NOBODY;
    const why = `the rule on line ${miss.rule.place.line} came closest: ${miss.message.replace(/\.$/, '')}`;
    return { ...NOBODY, answeredBy: { by: 'nobody', why } };
  }
}

/** What was typed, in place of what `answeredBy` has given or would give. */
export function byHandFor(reply: Exclude<HandReply, 'never'>, answeredBy: AnsweredBy | undefined): Reply {
  return { ...reply, answeredBy: changedByHand(answeredBy) };
}

function replyOf(reply: Exclude<MockReply, { kind: 'never' | 'call' }>, answeredBy: AnsweredBy): Reply {
  switch (reply.kind) {
    case 'result':
      return { result: reply.result, answeredBy, fault: reply.fault };
    case 'error':
      return { error: { code: reply.code, message: reply.message }, answeredBy, fault: reply.fault };
    case 'malformed':
      return { result: 'null', answeredBy, fault: reply };
  }
}
