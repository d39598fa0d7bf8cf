// The host during the guest's yields: reads what the guest wrote, answers by mock or through the driving side, puts lines into stdin,
// and waits where production would spin. Knows no wasm. Contracts E5, E6, E7, M1.
import { type MockDecision, MockMatcher, type MockReply } from '../mocks/matcher.ts';
import { mockSetOf } from '../mocks/mock-set.ts';
import { nearMiss, timesSentence } from '../mocks/observe.ts';
import type { MockDefault, MockRule, MockSet } from '../mocks/rules.ts';
import { type AnsweredBy, changedByHand } from '../rpc/answered-by.ts';
import { type Answer, type HostEndpoint, type HostLine, type Reply, replyLine } from '../rpc/endpoint.ts';
import { METHOD_NOT_FOUND } from '../rpc/errors.ts';
import { encodeLine } from '../rpc/lines.ts';
import type { RequestMessage } from '../rpc/message.ts';
import { takeSleep, takeStdinWait, type WasiContext } from '../wasi/context.ts';
import type { Control } from './control.ts';
import type { Answering, FromWorker, HandReply, HostReply, MockChange, Standing, WorkerPlatform } from './messages.ts';
import type { Ask } from './options.ts';
import type { RunClock } from './run-clock.ts';
import { type PlacedLine, StdinLines } from './stdin-lines.ts';

/** E5: an empty poll waits this long, then twice as long, up to the most (ms). */
const FIRST_WAIT = 1;
const MOST_WAIT = 10;
/** The host looks at the bounds of the run at least so often while it waits (ms). */
const LONGEST_WAIT = 50;
/** As production's router says it. */
const NOBODY: Reply = { error: METHOD_NOT_FOUND, answeredBy: { by: 'nobody' } };
const UNASKED: Reply = {
  error: METHOD_NOT_FOUND,
  answeredBy: { by: 'debugger', why: 'the mocks say to stop and ask, and nobody debugs this call' },
};
const NO_MOCKS: MockDecision = { kind: 'unmatched', default: undefined };
/** E6: with no reply owed, polls and clock reads alone for this long are a hang (ms of the run's clock). */
const HANG_REAL = 2_000;
const HANG_VIRTUAL = 3_600_000;
/** A reply that is to leave out of order waits so long for another that could go first (ms of the run's clock). */
const HELD_FOR = 100;
const HAND: AnsweredBy = { by: 'hand' };
/** Why no rule answered is said of so many calls: looking for it takes longer than finding the rule that does. */
const EXPLAINED = 50;

export interface HostSideEvents {
  /** The number that the next event gets. */
  next(): number;
  /** A line was put into the guest's stdin (its newline is not in `bytes`). */
  wrote(line: HostLine, bytes: Uint8Array): void;
  /** This line has taken the place of an unread one. */
  changed(line: HostLine, bytes: Uint8Array): void;
  /** The unread reply of event `seq` was taken out of stdin, and all behind it: these requests have no reply any more. */
  takenBack(seq: number, requests: readonly RequestMessage[]): void;
  /** Pause, terminate and limits: called wherever the host waits. */
  check(): void;
  /** E6. Returns when the run is to go on. */
  hangs(waitedMs: number): void;
  /** A host call waits for an answer from outside (`asked`). Returns when the run is to go on. */
  asks(): void;
}

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

/** A reply that leaves later: at `at` ms of the run's clock. */
interface Due {
  readonly id: string;
  readonly at: number;
  readonly reply: Reply;
}

/** The driving side was asked. */
interface Pending {
  readonly token: number;
  readonly id: string;
  readonly ask: Extract<FromWorker, { type: 'hostRequest' | 'pluginRequest' }>;
  /** ms on the run's clock from its answer on. */
  readonly delay: number;
  /** Undefined: whoever answers says it. */
  readonly answeredBy: AnsweredBy | undefined;
}

interface Asking {
  readonly request: RequestMessage;
  readonly rule: MockRule | undefined;
  /** The run has stopped for it. */
  told: boolean;
}

export class HostSide {
  readonly endpoint: HostEndpoint;
  readonly #answers: HostAnswers;
  #matcher: MockMatcher | undefined;
  readonly #context: WasiContext;
  readonly #clock: RunClock;
  readonly #control: Control;
  readonly #platform: WorkerPlatform;
  readonly #events: HostSideEvents;
  #wait = FIRST_WAIT;
  /** On the run's clock, when the guest last did anything but poll and read the clock. */
  #activeAt = 0;
  #token = 0;
  #decided = 0;
  /** Of the changes of the mocks that are known, so many are done. */
  #changes = 0;
  #reanswers = false;
  #pending: Pending | undefined;
  #due: Due | undefined;
  #asking: Asking | undefined;
  /** In a run that is caught up with: what the request that is being answered there gets. */
  #redone: { readonly id: string; readonly answer: Answer } | undefined;
  /** What was typed as the reply to requests, by their ids, as long as it has not left. */
  readonly #byHand = new Map<string, HandReply>();
  /** Lines that the host has made, on their way into stdin. */
  #leaving: HostLine[] = [];
  /** So many of these have left. */
  #left = 0;
  readonly stdin: StdinLines;
  /** On the run's clock, since when a reply is held back. */
  #heldAt: number | undefined;
  #explained = 0;

  constructor(
    endpoint: HostEndpoint,
    answers: HostAnswers,
    context: WasiContext,
    clock: RunClock,
    control: Control,
    platform: WorkerPlatform,
    events: HostSideEvents,
  ) {
    this.endpoint = endpoint;
    this.#answers = answers;
    this.#context = context;
    this.#clock = clock;
    this.#control = control;
    this.#platform = platform;
    this.#events = events;
    this.stdin = new StdinLines(context.stdin);
    this.#matcher = answers.mocks === undefined ? undefined : this.#matcherOf(answers.mocks);
  }

  #matcherOf(set: MockSet): MockMatcher {
    return new MockMatcher(set, { seed: this.#answers.seed, now: () => this.#clock.now() });
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

  /** The call that waits for an answer from outside. */
  get asked(): Pick<Ask, 'id' | 'method' | 'params' | 'rule'> | undefined {
    if (this.#asking === undefined) return undefined;
    const { request, rule } = this.#asking;
    const { id, method, params } = request;
    if (rule === undefined) return { id, method, params };
    const { place, number } = rule;
    return { id, method, params, rule: { file: place.file, line: place.line, number } };
  }

  /** A run is caught up with: this request was read then, and nothing is asked again. */
  readonly replayed = (request: RequestMessage): Answer => {
    const { past, heldIds } = this.#answers;
    if (past === undefined) return heldIds.has(request.id) ? 'held' : 'pending';
    // there it was not read yet
    if (this.#decided >= past.decided) return 'pending';
    this.#changeMocks();
    const answer = this.#decide(request, false);
    if (this.#asking !== undefined && this.#answers.asked === request.id) this.#asking.told = true;
    if (answer === 'pending' || answer === 'never') return answer;
    if (answer !== 'held' && answer.fault?.kind === 'outOfOrder') return answer;
    this.#redone = { id: request.id, answer };
    return 'pending';
  };

  /** In a run that is caught up with the mocks change where they did there. */
  #changeMocks(upTo = this.#decided): void {
    const changes = this.#answers.past?.changes ?? [];
    for (let next = changes[this.#changes]; next !== undefined && next.after <= upTo; next = changes[this.#changes]) {
      this.#changes++;
      this.setMocks(mockSetOf(next.mocks));
    }
  }

  /** The reply that was pending has come: it was written in the run that is caught up with. */
  resettled(id: string): void {
    if (this.#pending?.id === id) this.#pending = undefined;
    if (this.#due?.id === id) this.#due = undefined;
    if (this.#asking?.request.id === id) this.#asking = undefined;
    if (this.#redone?.id === id) this.#redone = undefined;
  }

  /** An answer came from outside for the call that waits for one. */
  answered(id: string, reply: HandReply): void {
    if (this.#asking?.request.id !== id) return;
    this.#asking = undefined;
    this.#byHand.set(id, reply);
    this.endpoint.settle(id, reply === 'never' ? reply : { ...reply, answeredBy: HAND });
  }

  /** How far it has come: for a run that goes on elsewhere. */
  get answering(): Answering {
    return { decided: this.#decided, asked: this.#token, seed: this.#answers.seed };
  }

  /** Replies that were typed and have not left: for a run that goes on elsewhere. */
  get handReplies(): readonly (readonly [id: string, reply: HandReply])[] {
    return [...this.#byHand];
  }

  /**
   * The reply to request `id` is to be another one, wherever it is: on its way, being made, asked for, or in stdin, unread. One that never comes is
   * taken out of stdin, and so are those behind it, which a host that does one thing after the other would never have sent (M1).
   * @returns the event that says so; -1 where the reply had not left. @throws Error with a sentence where it can't be changed
   */
  changeReply(id: string, reply: HandReply): number {
    if (this.#context.closed[0])
      throw new Error('The plugin has closed its stdin: no reply reaches it any more, and none can be changed.');
    this.#gather();
    const placed = this.stdin.find(id);
    if (placed !== undefined && placed.start >= 0)
      return reply === 'never' ? this.#takeBack(placed) : this.#changeUnread(placed, reply);
    if (this.#changeUnsent(id, reply)) {
      this.#byHand.set(id, reply);
      return -1;
    }
    if (placed !== undefined)
      throw new Error(
        `The plugin has read ${-placed.start} of the ${placed.length} bytes of the reply to call ${id}: it can't be changed any more.`,
      );
    throw new Error(
      `No call with the id ${id} has a reply that could be changed: the plugin has read it already, or never asked.`,
    );
  }

  /** What the host has made is on its way. */
  #gather(): void {
    if (this.#left > 0) this.#leaving.splice(0, this.#left);
    this.#left = 0;
    for (const line of this.endpoint.takeLines()) this.#leaving.push(line);
  }

  #changeUnread(placed: PlacedLine, reply: Exclude<HandReply, 'never'>): number {
    const { line, seq } = placed;
    if (line.request === undefined) return -1;
    const changed = replyLine(line.request, { ...reply, answeredBy: changedByHand(line.answeredBy, seq) });
    if (changed.text === line.text && line.answeredBy?.by === 'hand') return seq;
    const bytes = encodeLine(changed.text);
    const next = this.#events.next();
    this.stdin.change(placed, changed, bytes, next);
    this.#events.changed(changed, bytes.subarray(0, bytes.length - 1));
    return next;
  }

  #takeBack(placed: PlacedLine): number {
    const next = this.#events.next();
    const taken = this.stdin.takeBack(placed);
    // what has not left yet was told to nobody
    this.#neverAnswered([...taken, ...this.#leaving.splice(0)]);
    this.#events.takenBack(placed.seq, requestsOf(taken));
    return next;
  }

  /** The first of these lines never leaves, and so none behind it does. */
  #neverAnswered(lines: readonly HostLine[]): void {
    this.#drop();
    this.endpoint.takeBack(requestsOf(lines));
  }

  /** What was being answered is not any more. */
  #drop(): void {
    this.#pending = undefined;
    this.#due = undefined;
    this.#asking = undefined;
    this.#redone = undefined;
  }

  /** As `changeReply`, of one that is not in stdin. @returns false where there is none */
  #changeUnsent(id: string, reply: HandReply): boolean {
    const at = this.#leaving.findIndex(({ request }) => request?.id === id);
    const leaving = this.#leaving[at];
    if (leaving?.request !== undefined) {
      if (reply === 'never') this.#neverAnswered(this.#leaving.splice(at));
      else this.#leaving[at] = replyLine(leaving.request, byHandFor(reply, leaving.answeredBy));
      return true;
    }
    if (this.endpoint.answering?.id === id || this.endpoint.revive(id)) {
      this.#settleByHand(id, reply);
      return true;
    }
    if (reply !== 'never') {
      if (this.endpoint.changeHeld(id, ({ answeredBy }) => byHandFor(reply, answeredBy))) return true;
    } else if (this.endpoint.isHeld(id))
      throw new Error(
        `The reply to call ${id} waits to leave out of order, and holds up no other: give it a result or an error.`,
      );
    return this.endpoint.queued(id);
  }

  /** Of the request that is being answered. */
  #settleByHand(id: string, reply: HandReply): void {
    if (this.#asking?.request.id === id) {
      this.answered(id, reply);
      return;
    }
    const due = this.#due?.id === id ? this.#due : undefined;
    const source = due?.reply.answeredBy ?? (this.#pending?.id === id ? this.#pending.answeredBy : undefined);
    const answer = reply === 'never' ? reply : byHandFor(reply, source);
    this.#pending = undefined;
    if (due !== undefined && answer !== 'never') this.#due = { ...due, reply: answer };
    else {
      this.#due = undefined;
      this.#redone = undefined;
      this.endpoint.settle(id, answer);
    }
  }

  /** In a run that is caught up with the host wrote this line, whose newline is not in `bytes`: in event `seq`. */
  rewrote(line: HostLine, bytes: Uint8Array, seq: number): void {
    if (!this.#context.closed[0]) this.stdin.put(line, withNewline(bytes), seq);
  }

  /** There this line took the place of that of event `from`. @returns false where that is not in stdin, unread */
  rechanged(from: number, line: HostLine, bytes: Uint8Array, seq: number): boolean {
    const placed = this.stdin.ofEvent(from);
    if (placed === undefined) return false;
    const { request } = placed.line;
    this.stdin.change(placed, request === undefined ? line : { ...line, request }, withNewline(bytes), seq);
    return true;
  }

  /** There the line of event `from` was taken back, and those behind it. @returns their requests; undefined where it is not in stdin, unread */
  retakenBack(from: number): readonly RequestMessage[] | undefined {
    const placed = this.stdin.ofEvent(from);
    if (placed === undefined) return undefined;
    const taken = this.stdin.takeBack(placed);
    this.#neverAnswered(taken);
    return requestsOf(taken);
  }

  /** The run goes on live: what was being answered when it was left is answered now; `handReplies` were typed there, and had not left. */
  live({ handReplies, answering }: Pick<Standing, 'handReplies' | 'answering'>): void {
    this.#reanswers = true;
    this.#changeMocks(Number.POSITIVE_INFINITY);
    // the driving side knows by these what it was asked
    this.#token = answering.asked;
    if (this.#pending !== undefined) this.#pending = numbered(this.#pending, answering.asked - 1);
    for (const [id, reply] of handReplies) {
      this.#byHand.set(id, reply);
      this.#changeUnsent(id, reply);
    }
    this.active();
  }

  /** Writes the call's request: before the first instruction, as Plugin::call does. */
  start(): void {
    this.#put(this.endpoint.start());
  }

  /** The guest did something else than polling: back-off and hang detection begin anew. */
  active(): void {
    this.#wait = FIRST_WAIT;
    this.#activeAt = this.#clock.elapsed();
  }

  /** A reply came from the driving side. */
  replied(token: number, reply: HostReply): void {
    if (this.#pending?.token !== token) return;
    const { id, delay, answeredBy } = this.#pending;
    this.#pending = undefined;
    const settled: Reply = answeredBy === undefined ? reply : { answeredBy, ...reply };
    if (delay > 0) this.#due = { id, at: this.#clock.elapsed() + delay, reply: settled };
    else this.endpoint.settle(id, settled);
  }

  /**
   * The guest has yielded (hdk wasi/wasmi.rs, `run_wasm`): sleep if it asked to, look into stdin if it found that empty, let the host
   * work, and where there is still nothing to read, wait a little (E5).
   */
  turn(): void {
    const deadline = takeSleep(this.#context);
    if (deadline !== undefined) this.#sleep(deadline);
    const foundEmpty = takeStdinWait(this.#context);
    this.#work();
    if (foundEmpty && this.#context.stdin.unread === 0) this.#backOff();
  }

  /** The guest has ended: the host reads what is left, and works on what it is asked there to its end, though nobody reads the reply. */
  finish(): void {
    this.#work();
    for (;;) {
      if (this.#due !== undefined && this.#clock.virtual) this.#advanceTo(this.#due.at);
      else if (this.#due !== undefined || this.#pending !== undefined) this.#await(LONGEST_WAIT);
      else break;
      this.#work();
    }
    this.endpoint.releaseHeld();
    this.#work();
    this.#tellMissed();
  }

  /** Calls that the mock file expects, and that did not come. */
  #tellMissed(): void {
    const matcher = this.#matcher;
    if (matcher === undefined) return;
    for (const { rules } of matcher.set.methods.values())
      for (const rule of rules) {
        const message = timesSentence(rule, matcher.hits(rule));
        if (message !== undefined) this.#platform.post({ type: 'problem', message });
      }
  }

  #work(): void {
    if (this.#reanswers) {
      this.#reanswers = false;
      const pending = this.#pending;
      this.endpoint.reanswer((request) => {
        if (this.#due?.id === request.id || this.#asking?.request.id === request.id) return 'pending';
        if (this.#redone?.id === request.id) return this.#redone.answer;
        if (pending === undefined || pending.id !== request.id) return this.#answer(request);
        // the driving side knows by the number that it has asked this already
        this.#pending = pending;
        this.#platform.post(pending.ask);
        return 'pending';
      });
    }
    this.endpoint.pump(this.#answer);
    while (this.#settleDue()) this.endpoint.pump(this.#answer);
    if (this.endpoint.holds) this.#hold();
    else this.#heldAt = undefined;
    this.#gather();
    // one after the other: while the run stands at one, those behind it can still be changed
    for (let line = this.#leaving[this.#left]; line !== undefined; line = this.#leaving[this.#left]) {
      this.#left++;
      this.#put(line);
    }
    const asking = this.#asking;
    if (asking === undefined || asking.told) return;
    asking.told = true;
    this.#events.asks();
    this.#work();
  }

  /** A delay is over. */
  #settleDue(): boolean {
    const due = this.#due;
    if (due === undefined || this.#clock.elapsed() < due.at) return false;
    this.#due = undefined;
    return this.endpoint.settle(due.id, due.reply);
  }

  /** A reply waits for another to go first; where none comes, it leaves. */
  #hold(): void {
    this.#heldAt ??= this.#clock.elapsed();
    if (!this.endpoint.holdsAlone || this.#clock.elapsed() < this.#heldAt + HELD_FOR) return;
    this.endpoint.releaseHeld();
    this.#heldAt = undefined;
  }

  /** On the run's clock, when the host does something by itself next. */
  #nextAt(): number | undefined {
    const held = this.#heldAt === undefined || !this.endpoint.holdsAlone ? undefined : this.#heldAt + HELD_FOR;
    return this.#due === undefined ? held : Math.min(this.#due.at, held ?? Number.POSITIVE_INFINITY);
  }

  /** Virtual time goes on to `at` ms since the run began. */
  #advanceTo(at: number): void {
    this.#clock.advance(BigInt(Math.max(1, Math.ceil((at - this.#clock.elapsed()) * 1e6))));
  }

  #put(line: HostLine): void {
    const bytes = encodeLine(line.text);
    // A closed stdin takes nothing; the host writes into a pipe that nobody reads, and does not notice.
    if (!this.#context.closed[0]) this.stdin.put(line, bytes, this.#events.next());
    if (line.request !== undefined) this.#byHand.delete(line.request.id);
    this.#events.wrote(line, bytes.subarray(0, bytes.length - 1));
    this.active();
  }

  readonly #answer = (request: RequestMessage): Answer => this.#decide(request, true);

  /** What a request gets. `posts`: the driving side is asked, where it is its turn. */
  #decide(request: RequestMessage, posts: boolean): Answer {
    this.#decided++;
    const decision: MockDecision = this.#matcher?.decide(request.method, request.params) ?? NO_MOCKS;
    const hand = this.#byHand.get(request.id);
    if (hand === 'never') return hand;
    if (hand !== undefined) {
      // when it leaves stays as it is
      const after = decision.kind === 'reply' ? decision.delay : 0;
      return this.#after(request, byHandFor(hand, 'answeredBy' in decision ? decision.answeredBy : undefined), after);
    }
    switch (decision.kind) {
      case 'reply': {
        const { reply, delay, answeredBy } = decision;
        if (reply.kind === 'never') return 'never';
        if (reply.kind === 'call') return this.#callPlugin(request, reply, delay, answeredBy, posts);
        return this.#after(request, replyOf(reply, answeredBy), delay);
      }
      case 'pause':
        return this.#ask(request, decision.rule);
      case 'unmatched':
        return this.#unmatched(request, decision.default ?? this.#answers.fallback ?? 'host', posts);
    }
  }

  #after({ id }: RequestMessage, reply: Reply, delay: number): Answer {
    if (delay <= 0) return reply;
    this.#due = { id, at: this.#clock.elapsed() + delay, reply };
    return 'pending';
  }

  #unmatched(request: RequestMessage, fallback: MockDefault, posts: boolean): Answer {
    if (fallback === 'pause') return this.#ask(request, undefined);
    if (fallback === 'unknown' || !this.#answers.hasHost) return this.#nobody(request);
    const token = this.#token++;
    const { method, params } = request;
    const ask = { type: 'hostRequest', token, method, params } as const;
    this.#pending = { token, id: request.id, ask, delay: 0, answeredBy: undefined };
    if (posts) this.#platform.post(ask);
    return 'pending';
  }

  #callPlugin(
    request: RequestMessage,
    { plugin, method, params }: Extract<MockReply, { kind: 'call' }>,
    delay: number,
    answeredBy: AnsweredBy,
    posts: boolean,
  ): Answer {
    const token = this.#token++;
    const ask = { type: 'pluginRequest', token, plugin, method, params } as const;
    this.#pending = { token, id: request.id, ask, delay, answeredBy };
    if (posts) this.#platform.post(ask);
    return 'pending';
  }

  #ask(request: RequestMessage, rule: MockRule | undefined): Answer {
    if (!this.#answers.asks) return UNASKED;
    this.#asking = { request, rule, told: false };
    return 'pending';
  }

  #nobody(request: RequestMessage): Answer {
    const matcher = this.#matcher;
    const rules = matcher?.set.methods.get(request.method)?.rules.length ?? 0;
    if (matcher === undefined || rules === 0 || this.#explained++ >= EXPLAINED) return NOBODY;
    const { method, params } = request;
    const miss = nearMiss(matcher.set, { method, params, nth: matcher.calls(method), state: matcher.state });
    if (miss === undefined) return NOBODY;
    const why = `the rule on line ${miss.rule.place.line} came closest: ${miss.message.replace(/\.$/, '')}`;
    return { ...NOBODY, answeredBy: { by: 'nobody', why } };
  }

  /** Waits until `deadline` on the run's clock; the host goes on working meanwhile. */
  #sleep(deadline: bigint): void {
    this.active();
    if (this.#clock.virtual) {
      for (let at = this.#nextAt(); at !== undefined; at = this.#nextAt()) {
        const left = Number(deadline - this.#clock.now()) / 1e6;
        if (at - this.#clock.elapsed() >= left) break;
        this.#advanceTo(at);
        this.#work();
      }
      this.#clock.advance(deadline - this.#clock.now());
      return;
    }
    for (;;) {
      const left = Number(deadline - this.#clock.now()) / 1e6;
      if (left <= 0) return;
      this.#await(left);
    }
  }

  /** Looks at what is pending, works, and waits until something comes: not longer than `ms`. */
  #await(ms: number): void {
    const seen = this.#control.wakeCount();
    this.#events.check();
    this.#work();
    this.#control.wait(seen, this.#untilNext(Math.min(ms, LONGEST_WAIT)));
  }

  /** `ms`, or less where the host does something before. */
  #untilNext(ms: number): number {
    const at = this.#nextAt();
    return at === undefined ? ms : Math.max(0, Math.min(ms, at - this.#clock.elapsed()));
  }

  #backOff(): void {
    // one that is asked owes an answer, but not by itself
    const quiet = this.#quiet() || this.#asking !== undefined;
    const hang = this.#clock.virtual ? HANG_VIRTUAL : HANG_REAL;
    let waited = this.#clock.elapsed() - this.#activeAt;
    if (quiet && waited >= hang) {
      if (this.#asking === undefined) this.#events.hangs(waited);
      else this.#events.asks();
      this.active();
      this.#work();
      if (this.#context.stdin.unread > 0) return;
      waited = 0;
    }
    if (this.#clock.virtual) {
      // Nobody outside owes an answer: nothing to wait for but the guest's own timers, so time may jump, but not past the hour: a guest that
      // times out just before it must see that.
      const step = quiet ? Math.max(FIRST_WAIT, Math.min(this.#wait, Math.ceil(hang - waited))) : this.#wait;
      this.#wait = quiet ? step * 2 : Math.min(step * 2, MOST_WAIT);
      if (this.#pending !== undefined) this.#waitForReply(step);
      const next = this.#nextAt();
      if (next === undefined || next > this.#clock.elapsed() + step) this.#clock.advance(BigInt(step) * 1_000_000n);
      else {
        this.#advanceTo(next);
        this.#work();
      }
    } else {
      this.#waitForReply(this.#wait);
      this.#wait = Math.min(this.#wait * 2, MOST_WAIT);
    }
  }

  /** Whether nobody owes the guest anything. */
  #quiet(): boolean {
    return this.endpoint.repliesOwed === 0 && this.#context.stdin.unread === 0;
  }

  #waitForReply(ms: number): void {
    const end = this.#platform.monotonic() + ms;
    for (;;) {
      const seen = this.#control.wakeCount();
      this.#events.check();
      this.#work();
      if (this.#context.stdin.unread > 0) return;
      const left = end - this.#platform.monotonic();
      if (left <= 0) return;
      this.#control.wait(seen, this.#untilNext(left));
    }
  }
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

const requestsOf = (lines: readonly HostLine[]): RequestMessage[] => lines.flatMap(({ request }) => request ?? []);

/** What was typed, in place of what `answeredBy` has given or would give. */
function byHandFor(reply: Exclude<HandReply, 'never'>, answeredBy: AnsweredBy | undefined): Reply {
  return { ...reply, answeredBy: changedByHand(answeredBy) };
}

function withNewline(bytes: Uint8Array): Uint8Array {
  const line = new Uint8Array(bytes.length + 1);
  line.set(bytes);
  line[bytes.length] = 0x0a;
  return line;
}

const numbered = (pending: Pending, token: number): Pending => ({ ...pending, token, ask: { ...pending.ask, token } });
