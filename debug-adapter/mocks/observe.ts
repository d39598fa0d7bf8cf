// What became of a mock file in a call, out of the call's messages alone: hits of each rule, last params and answers, calls that nothing matched with
// the rule that came closest, and expected calls that did not come. A pure function, so that a recording gives it as well as a run.
import type { AnsweredBy } from '../rpc/answered-by.ts';
import type { JsonPath, JsonValue } from '../rpc/json.ts';
import { classifyLine, type JsonText, type Message } from '../rpc/message.ts';
import { quoted } from '../wasm/quoted.ts';
import { parsedParams, ruleMatches } from './matcher.ts';
import { mismatches, wanted } from './pattern.ts';
import type { MockRule, MockSet } from './rules.ts';

/** An event of a call, as far as this room looks at it: RunEvents are such. */
export type MessageEvent =
  | {
      readonly kind: 'rpc';
      readonly seq: number;
      readonly dir: 'in' | 'out';
      readonly line: string;
      readonly answeredBy?: AnsweredBy;
    }
  | {
      readonly kind: Exclude<string, 'rpc'>;
      readonly seq: number;
      /** Of an edit: with `reply`, replies from event `index` on were taken back. */
      readonly space?: string;
      readonly index?: number;
    };

/** A call of a host method. */
export interface HostCall {
  /** Of the event that asked. */
  readonly seq: number;
  readonly method: string;
  readonly params: JsonText;
  /** Number of the call among those of its method, from 1. */
  readonly nth: number;
  /** Of the scenario when the call came. */
  readonly state: string;
  /** Undefined as long as none has come. */
  answer: HostAnswer | undefined;
}

export type HostAnswer = {
  /** Of the event. */
  readonly seq: number;
  readonly answeredBy: AnsweredBy | undefined;
} & (
  | { readonly kind: 'result'; readonly result: JsonText }
  | { readonly kind: 'error'; readonly code: string; readonly message: string }
);

/** The rule that came closest to matching a call. */
export interface NearMiss {
  readonly rule: MockRule;
  /** The first field that differed, from the params; empty for what is no field of theirs. */
  readonly path: JsonPath;
  /** `user.id`; `params`, `nth`, `state` or `disabled` for what is no field. */
  readonly field: string;
  /** One sentence: what it was, and what the rule wants. */
  readonly message: string;
  /** How many things differed. */
  readonly differences: number;
}

export interface RuleObservation {
  readonly rule: MockRule;
  hits: number;
  last: HostCall | undefined;
}

export interface MethodObservation {
  readonly method: string;
  calls: number;
  /** Calls that no rule answered and nobody else: production's -32601, or a fault of the mock file. */
  unmatched: number;
  /** Calls that the host's process answered. */
  passedOn: number;
  /** Calls that were answered by hand. */
  byHand: number;
  last: HostCall | undefined;
  /** That no rule answered, whoever did. */
  lastUnmatched: HostCall | undefined;
  /** In the order of the set. */
  readonly rules: readonly RuleObservation[];
}

export interface MockObservations {
  /** Methods of the set in its order, then others in the order of their first calls. */
  readonly methods: ReadonlyMap<string, MethodObservation>;
  /** Of the scenario, at the end. */
  readonly state: string;
}

/** The calls of host methods in `events`, in order, with their answers. Reads messages once; syscalls cost nothing. */
export function* hostCalls(
  events: Iterable<MessageEvent>,
): Generator<
  | { readonly seq: number; readonly id: string; readonly method: string; readonly params: JsonText }
  | HostReplyEvent
  | TakenBack
> {
  for (const event of events) {
    if (!isMessage(event)) {
      const { seq, space, index } = event;
      if (event.kind === 'edit' && space === 'reply' && index !== undefined) yield { seq, takenBack: index };
      continue;
    }
    const message = classifyLine(event.line);
    if (event.dir === 'out' && message.type === 'request')
      yield { seq: event.seq, id: message.id, method: message.method, params: message.params };
    else if (event.dir === 'in' && (message.type === 'response' || message.type === 'error'))
      yield { seq: event.seq, reply: message, answeredBy: event.answeredBy };
  }
}

export interface HostReplyEvent {
  readonly seq: number;
  readonly reply: Extract<Message, { type: 'response' | 'error' }>;
  readonly answeredBy: AnsweredBy | undefined;
}

/** Replies of events from `takenBack` on were taken back before the plugin had read them. */
export interface TakenBack {
  readonly seq: number;
  readonly takenBack: number;
}

/** Calls whose replies may still be changed, by the events of these. */
class Answered {
  /** `place`: of the event whose place in stdin the reply has, which another one may have taken over. */
  readonly #calls = new Map<number, { readonly id: string; readonly call: HostCall; readonly place: number }>();

  add(seq: number, id: string, call: HostCall, place = seq): void {
    this.#calls.set(seq, { id, call, place });
    const [first] = this.#calls.keys();
    if (this.#calls.size > UNREAD && first !== undefined) this.#calls.delete(first);
  }

  /** The call whose reply another one takes the place of; undefined where that is long gone. */
  change({ seq, answeredBy }: HostReplyEvent): HostCall | undefined {
    const changes = answeredBy?.by === 'hand' ? answeredBy.changes : undefined;
    const found = changes === undefined ? undefined : this.#calls.get(changes);
    if (changes === undefined || found === undefined) return undefined;
    this.#calls.delete(changes);
    this.add(seq, found.id, found.call, found.place);
    return found.call;
  }

  /** The calls whose replies were taken back: that of an event, and those behind it in stdin. */
  takeBack({ takenBack }: TakenBack): { readonly id: string; readonly call: HostCall }[] {
    const from = this.#calls.get(takenBack)?.place ?? takenBack;
    const found = [...this.#calls].filter(([, { place }]) => place >= from);
    for (const [seq] of found) this.#calls.delete(seq);
    return found.map(([, each]) => each);
  }
}

const changes = ({ answeredBy }: HostReplyEvent): boolean =>
  answeredBy?.by === 'hand' && answeredBy.changes !== undefined;

function isMessage(event: MessageEvent): event is Extract<MessageEvent, { kind: 'rpc' }> {
  return event.kind === 'rpc';
}

/** The calls with their answers, in the order in which they were asked; of those that nobody answered `answer` is undefined. */
export function observeCalls(messages: ReturnType<typeof hostCalls>): HostCall[] {
  const calls: HostCall[] = [];
  const open = new Map<string, HostCall>();
  const counts = new Map<string, number>();
  const answered = new Answered();
  for (const message of messages) {
    if ('takenBack' in message) {
      for (const { id, call } of answered.takeBack(message)) {
        call.answer = undefined;
        open.set(id, call);
      }
      continue;
    }
    if ('reply' in message) {
      const { id } = message.reply;
      const changed = changes(message);
      const call = changed ? answered.change(message) : open.get(id);
      if (call === undefined) continue;
      call.answer = answerOf(message);
      if (changed) continue;
      open.delete(id);
      answered.add(message.seq, id, call);
      continue;
    }
    const { seq, id, method, params } = message;
    const nth = (counts.get(method) ?? 0) + 1;
    counts.set(method, nth);
    const call: HostCall = { seq, method, params, nth, state: '', answer: undefined };
    calls.push(call);
    open.set(id, call);
  }
  return calls;
}

function answerOf({ seq, reply, answeredBy }: HostReplyEvent): HostAnswer {
  return reply.type === 'response'
    ? { seq, answeredBy, kind: 'result', result: reply.result }
    : { seq, answeredBy, kind: 'error', code: reply.code, message: reply.message };
}

/** Follows a call's messages; feed it more as they come, and ask any time. */
class MockObserver {
  readonly #set: MockSet;
  readonly #methods = new Map<string, Mutable>();
  readonly #rules = new Map<string, RuleObservation>();
  readonly #open = new Map<string, HostCall>();
  readonly #answered = new Answered();
  #state: string;

  constructor(set: MockSet) {
    this.#set = set;
    this.#state = set.initialState;
    for (const name of set.methods.keys()) this.#method(name);
  }

  add(events: Iterable<MessageEvent>): void {
    for (const event of hostCalls(events)) {
      if ('takenBack' in event) {
        for (const { id, call } of this.#answered.takeBack(event)) {
          call.answer = undefined;
          this.#open.set(id, call);
        }
      } else if ('reply' in event) this.#replied(event);
      else this.#asked(event);
    }
  }

  get observations(): MockObservations {
    return { methods: this.#methods, state: this.#state };
  }

  #method(name: string): Mutable {
    const known = this.#methods.get(name);
    if (known !== undefined) return known;
    const rules = (this.#set.methods.get(name)?.rules ?? []).map((rule) => ({ rule, hits: 0, last: undefined }));
    for (const observed of rules) {
      const { place, number } = observed.rule;
      this.#rules.set(ruleKey(name, place.file, number, place.line), observed);
    }
    const method: Mutable = {
      method: name,
      calls: 0,
      unmatched: 0,
      passedOn: 0,
      byHand: 0,
      last: undefined,
      lastUnmatched: undefined,
      rules,
    };
    this.#methods.set(name, method);
    return method;
  }

  #asked({ seq, id, method: name, params }: { seq: number; id: string; method: string; params: JsonText }): void {
    const method = this.#method(name);
    const nth = ++method.calls;
    const call: HostCall = { seq, method: name, params, nth, state: this.#state, answer: undefined };
    method.last = call;
    this.#open.set(id, call);
  }

  #replied(event: HostReplyEvent): void {
    const { reply, answeredBy } = event;
    if (changes(event)) {
      // who answered at first is counted already
      const changed = this.#answered.change(event);
      if (changed !== undefined) changed.answer = answerOf(event);
      return;
    }
    const call = this.#open.get(reply.id);
    if (call === undefined) return;
    this.#open.delete(reply.id);
    call.answer = answerOf(event);
    this.#answered.add(event.seq, reply.id, call);
    if (answeredBy?.by !== 'mock') {
      const method = this.#method(call.method);
      if (answeredBy?.by === 'host') method.passedOn++;
      else if (answeredBy?.by === 'hand') method.byHand++;
      else method.unmatched++;
      method.lastUnmatched = call;
      return;
    }
    const { file, method, rule = 0, line = 0 } = answeredBy;
    const observed = this.#rules.get(ruleKey(method, file, rule, line));
    if (observed === undefined) return;
    observed.hits++;
    observed.last = call;
    if (observed.rule.setState !== undefined) this.#state = observed.rule.setState;
  }
}

/** So many replies may be on their way to the plugin, as far as changes of them are followed. */
const UNREAD = 100;

interface Mutable extends MethodObservation {}

const ruleKey = (method: string, file: string, rule: number, line: number): string =>
  `${rule} ${line} ${file.length} ${file} ${method}`;

/** What became of `set` in a call. A rule is known by its file, method, number and line: as they were when the call was made. */
export function observeMocks(set: MockSet, events: Iterable<MessageEvent>): MockObservations {
  const observer = new MockObserver(set);
  observer.add(events);
  return observer.observations;
}

/** The rule that came closest to answering a call, and what differed first; undefined where the method has no rules. */
export function nearMiss(
  set: MockSet,
  call: Pick<HostCall, 'method' | 'params' | 'nth' | 'state'>,
): NearMiss | undefined {
  const rules = set.methods.get(call.method)?.rules ?? [];
  let closest: NearMiss | undefined;
  let params: { readonly value: JsonValue | undefined } | undefined;
  const value = (): JsonValue | undefined => {
    params ??= { value: parsedParams(call.params) };
    return params.value;
  };
  for (const rule of rules) {
    const miss = missOf(rule, call, value);
    if (miss !== undefined && (closest === undefined || miss.differences < closest.differences)) closest = miss;
  }
  return closest;
}

function missOf(
  rule: MockRule,
  call: Pick<HostCall, 'nth' | 'state'>,
  params: () => JsonValue | undefined,
): NearMiss | undefined {
  const { when } = rule;
  const found: Omit<NearMiss, 'rule' | 'differences'>[] = [];
  if (when.params !== undefined) found.push(...mismatches(when.params, params()));
  if (when.states !== undefined && !when.states.includes(call.state)) {
    const states = when.states.map((state) => `\`${quoted(state)}\``).join(' or ');
    const message = `The scenario is in state \`${quoted(call.state)}\`, and the rule wants ${states}.`;
    found.push({ path: [], field: 'state', message });
  }
  if (
    when.nth !== undefined &&
    !ruleMatches({ ...rule, disabled: false, when: { ...when, params: undefined, states: undefined } }, call, params)
  )
    found.push({
      path: [],
      field: 'nth',
      message: `This is call ${call.nth} of the method, and the rule wants ${wanted(when.nth)}.`,
    });
  if (rule.disabled) found.push({ path: [], field: 'disabled', message: 'The rule is turned off (`disabled`).' });
  const [first] = found;
  return first === undefined ? undefined : { rule, ...first, differences: found.length };
}

/** A rule that was not called as often as its `times` says. */
export interface MissedTimes {
  readonly rule: MockRule;
  readonly hits: number;
  /** One sentence. */
  readonly message: string;
}

/** The rules whose `times` were missed, in the order of the set. */
export function missedTimes(observations: MockObservations): MissedTimes[] {
  const missed: MissedTimes[] = [];
  for (const { rules } of observations.methods.values())
    for (const { rule, hits } of rules) {
      const message = timesSentence(rule, hits);
      if (message !== undefined) missed.push({ rule, hits, message });
    }
  return missed;
}

/** What of a rule's `times` was missed, in a sentence. */
export function timesSentence(rule: MockRule, hits: number): string | undefined {
  if (rule.times === undefined || rule.disabled) return undefined;
  const { least, most } = rule.times;
  if (hits >= least && hits <= most) return undefined;
  const expected = least === most ? counted(least) : `${least} to ${counted(most)}`;
  return `${ruleText(rule)} was to answer ${expected}, and answered ${hits}.`;
}

/** Rules that answered no call, in the order of the set; disabled ones, and those whose `times` allow it, are not among them. */
export function unusedRules(observations: MockObservations): MockRule[] {
  return [...observations.methods.values()].flatMap(({ rules }) =>
    rules.filter(({ rule, hits }) => hits === 0 && !rule.disabled && rule.times?.least !== 0).map(({ rule }) => rule),
  );
}

/** A rule as sentences name it. */
export function ruleText({ method, number, place, name }: MockRule): string {
  const which = number === 0 ? 'The mock' : `Rule ${number}`;
  const called = name === undefined ? '' : ` (${quoted(name)})`;
  return `${which}${called} of \`${quoted(method)}\` in ${quoted(place.file)}, line ${place.line},`;
}

const counted = (calls: number): string => (calls === 1 ? '1 call' : `${calls} calls`);
