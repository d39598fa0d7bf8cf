// The host during the guest's yields: reads what the guest wrote, answers by mock or through the driving side, puts lines into stdin,
// in their order, and changes those that nobody has read. Knows no wasm; how it waits is host-waits.ts's, what a call gets call-answers.ts's,
// and what the answer to it waits for answer-under-way.ts's. Contracts R1, M1.
import type { MockSet } from '../mocks/rules.ts';
import { changedByHand, faulty } from '../rpc/answered-by.ts';
import { type Answer, type HostEndpoint, type HostLine, replyLine } from '../rpc/endpoint.ts';
import { encodeLine } from '../rpc/lines.ts';
import type { RequestMessage } from '../rpc/message.ts';
import { takeSleep, takeStdinWait, type WasiContext } from '../wasi/context.ts';
import { AnswerUnderWay } from './answer-under-way.ts';
import { byHandFor, CallAnswers, type HostAnswers } from './call-answers.ts';
import type { Control } from './control.ts';
import { HostWaits, LONGEST_WAIT, type WaitingHost } from './host-waits.ts';
import type { Answering, HandReply, HostReply, Standing, WorkerPlatform } from './messages.ts';
import type { Ask } from './options.ts';
import type { RunClock } from './run-clock.ts';
import { type PlacedLine, StdinLines } from './stdin-lines.ts';

/** A reply that is to leave out of order waits so long for another that could go first (ms of the run's clock). */
const HELD_FOR = 100;

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

export class HostSide {
  readonly endpoint: HostEndpoint;
  readonly #answers: HostAnswers;
  readonly #calls: CallAnswers;
  readonly #context: WasiContext;
  readonly #clock: RunClock;
  readonly #waits: HostWaits;
  readonly #platform: WorkerPlatform;
  readonly #events: HostSideEvents;
  readonly #underWay: AnswerUnderWay;
  #reanswers = false;
  /** What was typed as the reply to requests, by their ids, as long as it has not left. */
  readonly #byHand = new Map<string, HandReply>();
  /** Lines that the host has made, on their way into stdin. */
  #leaving: HostLine[] = [];
  /** So many of these have left. */
  #left = 0;
  readonly stdin: StdinLines;
  /** On the run's clock, since when a reply is held back. */
  #heldAt: number | undefined;

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
    this.#platform = platform;
    this.#events = events;
    this.stdin = new StdinLines(context.stdin);
    this.#calls = new CallAnswers(answers, () => clock.now());
    const underWay = new AnswerUnderWay(endpoint, clock, platform);
    this.#underWay = underWay;
    const host: WaitingHost = {
      work: () => this.#work(),
      nextAt: () => this.#nextAt(),
      owes: () => endpoint.repliesOwed > 0,
      asks: () => underWay.asks,
      pends: () => underWay.pends,
      check: () => events.check(),
      hangs: (waited) => (underWay.asks ? events.asks() : events.hangs(waited)),
    };
    this.#waits = new HostWaits(host, context, clock, control, platform);
  }

  /** The mock file has changed: counts and the scenario stay. */
  setMocks(set: MockSet): void {
    this.#calls.setMocks(set);
  }

  /** Whether a host method of this name gets an answer other than "unknown". */
  answers(method: string): boolean {
    return this.#calls.answers(method);
  }

  /** The call that waits for an answer from outside. */
  get asked(): Pick<Ask, 'id' | 'method' | 'params' | 'rule'> | undefined {
    return this.#underWay.asked;
  }

  /** A run is caught up with: this request was read then, and nothing is asked again. */
  readonly replayed = (request: RequestMessage): Answer => {
    const { past, heldIds } = this.#answers;
    if (past === undefined) return heldIds.has(request.id) ? 'held' : 'pending';
    // there it was not read yet
    if (this.#calls.decided >= past.decided) return 'pending';
    this.#calls.changeMocks();
    const answer = this.#decide(request, false);
    if (this.#answers.asked === request.id) this.#underWay.tell();
    if (answer === 'pending' || answer === 'never') return answer;
    if (answer !== 'held' && answer.fault?.kind === 'outOfOrder') return answer;
    this.#underWay.redo(request.id, answer);
    return 'pending';
  };

  /** The reply that was pending has come: it was written in the run that is caught up with. */
  resettled(id: string): void {
    this.#underWay.resettled(id);
  }

  /** An answer came from outside for the call that waits for one. */
  answered(id: string, reply: HandReply): void {
    if (this.#underWay.answered(id, reply)) this.#byHand.set(id, reply);
  }

  /** How far it has come: for a run that goes on elsewhere. */
  get answering(): Answering {
    return { decided: this.#calls.decided, asked: this.#underWay.questions, seed: this.#answers.seed };
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
    this.#underWay.drop();
    this.endpoint.takeBack(requestsOf(lines));
  }

  /** As `changeReply`, of one that is not in stdin. @returns false where there is none */
  #changeUnsent(id: string, reply: HandReply): boolean {
    const at = this.#leaving.findIndex(({ request }) => request?.id === id);
    const leaving = this.#leaving[at];
    if (leaving?.request !== undefined) {
      if (reply === 'never') this.#neverAnswered(this.#leaving.splice(at));
      else {
        const { request, answeredBy } = leaving;
        const line = replyLine(request, byHandFor(reply, answeredBy));
        // that it leaves out of order a replay must know
        const odd = answeredBy?.fault === 'outOfOrder';
        this.#leaving[at] = odd ? { ...line, answeredBy: faulty(line.answeredBy, 'outOfOrder') } : line;
      }
      return true;
    }
    const answering = this.endpoint.answering?.id === id;
    // what is not decided yet is decided by what was typed
    if (answering && this.#reanswers && !this.#underWay.isOf(id)) return true;
    if (answering || this.endpoint.revive(id)) {
      this.#underWay.settleByHand(id, reply);
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
    this.#calls.changeMocks(Number.POSITIVE_INFINITY);
    this.#underWay.goOn(answering.asked);
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

  /** A reply came from the driving side. */
  replied(token: number, reply: HostReply): void {
    this.#underWay.replied(token, reply);
  }

  /**
   * The guest has yielded (hdk wasi/wasmi.rs, `run_wasm`): sleep if it asked to, look into stdin if it found that empty, let the host
   * work, and where there is still nothing to read, wait a little (E5).
   */
  turn(): void {
    const deadline = takeSleep(this.#context);
    if (deadline !== undefined) this.#waits.sleep(deadline);
    const foundEmpty = takeStdinWait(this.#context);
    this.#work();
    if (foundEmpty && this.#context.stdin.unread === 0) this.#waits.backOff();
  }

  /** The guest did something else than polling: back-off and hang detection begin anew. */
  active(): void {
    this.#waits.active();
  }

  /** The guest has ended: the host reads what is left, and works on what it is asked there to its end, though nobody reads the reply. */
  finish(): void {
    this.#work();
    for (;;) {
      const { dueAt, pends } = this.#underWay;
      if (dueAt !== undefined && this.#clock.virtual) this.#waits.advanceTo(dueAt);
      else if (dueAt !== undefined || pends) this.#waits.await(LONGEST_WAIT);
      else break;
      this.#work();
    }
    this.endpoint.releaseHeld();
    this.#work();
    for (const message of this.#calls.missed()) this.#platform.post({ type: 'problem', message });
  }

  #work(): void {
    if (this.#reanswers) {
      this.#reanswers = false;
      this.endpoint.reanswer((request) => this.#underWay.again(request.id) ?? this.#answer(request));
    }
    this.endpoint.pump(this.#answer);
    while (this.#underWay.settleDue()) this.endpoint.pump(this.#answer);
    if (this.endpoint.holds) this.#hold();
    else this.#heldAt = undefined;
    this.#gather();
    // one after the other: while the run stands at one, those behind it can still be changed
    for (let line = this.#leaving[this.#left]; line !== undefined; line = this.#leaving[this.#left]) {
      this.#left++;
      this.#put(line);
    }
    if (!this.#underWay.mustTell) return;
    this.#underWay.tell();
    this.#events.asks();
    this.#work();
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
    const { dueAt } = this.#underWay;
    return dueAt === undefined ? held : Math.min(dueAt, held ?? Number.POSITIVE_INFINITY);
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
    const { id, method, params } = request;
    const decided = this.#calls.decide(request, this.#byHand.get(id));
    switch (decided.kind) {
      case 'never':
        return 'never';
      case 'reply': {
        const { reply, delay } = decided;
        if (delay <= 0) return reply;
        this.#underWay.delay(id, delay, reply);
        return 'pending';
      }
      case 'ask':
        this.#underWay.ask(request, decided.rule);
        return 'pending';
      case 'host':
        this.#underWay.question(
          id,
          { type: 'hostRequest', method, params },
          { delay: 0, answeredBy: undefined, posts },
        );
        return 'pending';
      case 'plugin': {
        const { call, delay, answeredBy } = decided;
        const { plugin, method, params } = call;
        this.#underWay.question(id, { type: 'pluginRequest', plugin, method, params }, { delay, answeredBy, posts });
        return 'pending';
      }
    }
  }
}

const requestsOf = (lines: readonly HostLine[]): RequestMessage[] => lines.flatMap(({ request }) => request ?? []);

function withNewline(bytes: Uint8Array): Uint8Array {
  const line = new Uint8Array(bytes.length + 1);
  line.set(bytes);
  line[bytes.length] = 0x0a;
  return line;
}
