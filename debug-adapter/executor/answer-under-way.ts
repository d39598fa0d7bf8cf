// The one request that the host is answering (M1), and what its answer waits for: the driving side, a delay, a person, or the moment at which
// the run that is caught up with had it. What a request gets is call-answers.ts's; when the host works is host-side.ts's.
import type { MockRule } from '../mocks/rules.ts';
import type { AnsweredBy } from '../rpc/answered-by.ts';
import type { Answer, HostEndpoint, Reply } from '../rpc/endpoint.ts';
import type { RequestMessage } from '../rpc/message.ts';
import { byHandFor } from './call-answers.ts';
import type { FromWorker, HandReply, HostReply, WorkerPlatform } from './messages.ts';
import type { Ask } from './options.ts';
import type { RunClock } from './run-clock.ts';

const HAND: AnsweredBy = { by: 'hand' };

/** A reply that leaves later: at `at` ms of the run's clock. */
interface Due {
  readonly id: string;
  readonly at: number;
  readonly reply: Reply;
}

type Question = Extract<FromWorker, { type: 'hostRequest' | 'pluginRequest' }>;

/** The driving side was asked. */
interface Pending {
  readonly token: number;
  readonly id: string;
  readonly question: Question;
  /** ms on the run's clock from its answer on. */
  readonly delay: number;
  /** Undefined: whoever answers says it. */
  readonly answeredBy: AnsweredBy | undefined;
}

type Unnumbered<T> = T extends unknown ? Omit<T, 'token'> : never;

interface Asking {
  readonly request: RequestMessage;
  readonly rule: MockRule | undefined;
  /** The run has stopped for it. */
  told: boolean;
}

export class AnswerUnderWay {
  readonly #endpoint: HostEndpoint;
  readonly #clock: RunClock;
  readonly #platform: WorkerPlatform;
  #token = 0;
  #pending: Pending | undefined;
  #due: Due | undefined;
  #asking: Asking | undefined;
  /** In a run that is caught up with: what the request that is being answered there gets. */
  #redone: { readonly id: string; readonly answer: Answer } | undefined;

  constructor(endpoint: HostEndpoint, clock: RunClock, platform: WorkerPlatform) {
    this.#endpoint = endpoint;
    this.#clock = clock;
    this.#platform = platform;
  }

  /** The driving side was asked so often. */
  get questions(): number {
    return this.#token;
  }

  /** The driving side was asked, and has not answered. */
  get pends(): boolean {
    return this.#pending !== undefined;
  }

  /** A person was asked, and has not answered. */
  get asks(): boolean {
    return this.#asking !== undefined;
  }

  /** On the run's clock, when the reply leaves that is delayed. */
  get dueAt(): number | undefined {
    return this.#due?.at;
  }

  /** The call that a person is asked about. */
  get asked(): Pick<Ask, 'id' | 'method' | 'params' | 'rule'> | undefined {
    if (this.#asking === undefined) return undefined;
    const { request, rule } = this.#asking;
    const { id, method, params } = request;
    if (rule === undefined) return { id, method, params };
    const { place, number } = rule;
    return { id, method, params, rule: { file: place.file, line: place.line, number } };
  }

  /** Whether the answer to request `id` is decided, and somebody brings it. */
  isOf(id: string): boolean {
    return [this.#pending?.id, this.#due?.id, this.#asking?.request.id, this.#redone?.id].includes(id);
  }

  /** The reply leaves after `delay` ms on the run's clock. */
  delay(id: string, delay: number, reply: Reply): void {
    this.#due = { id, at: this.#clock.elapsed() + delay, reply };
  }

  /** A person is asked, because of `rule` where there is one. */
  ask(request: RequestMessage, rule: MockRule | undefined): void {
    this.#asking = { request, rule, told: false };
  }

  /**
   * The driving side is asked; `posts`: now. Its answer leaves `delay` ms after it came.
   * @param answeredBy undefined: whoever answers says it
   */
  question(
    id: string,
    asked: Unnumbered<Question>,
    { delay, answeredBy, posts }: Pick<Pending, 'delay' | 'answeredBy'> & { readonly posts: boolean },
  ): void {
    const token = this.#token++;
    const question = { ...asked, token };
    this.#pending = { token, id, question, delay, answeredBy };
    if (posts) this.#platform.post(question);
  }

  /** The run that is caught up with had this answer, and will be seen to write it. */
  redo(id: string, answer: Answer): void {
    this.#redone = { id, answer };
  }

  /** The run has stopped for the person who is asked. */
  tell(): void {
    if (this.#asking !== undefined) this.#asking.told = true;
  }

  /** Whether the run has to stop for a person now: it has not yet. */
  get mustTell(): boolean {
    return this.#asking?.told === false;
  }

  /** The run goes on live, after so many questions: the driving side knows by their numbers what it was asked. */
  goOn(questions: number): void {
    this.#token = questions;
    const token = questions - 1;
    if (this.#pending !== undefined)
      this.#pending = { ...this.#pending, token, question: { ...this.#pending.question, token } };
  }

  /** What a request that was being answered when the run was left gets now; undefined: that is to be decided. */
  again(id: string): Answer | undefined {
    if (this.#due?.id === id || this.#asking?.request.id === id) return 'pending';
    if (this.#redone?.id === id) return this.#redone.answer;
    if (this.#pending?.id !== id) return undefined;
    // the driving side knows by the number that it has asked this already
    this.#platform.post(this.#pending.question);
    return 'pending';
  }

  /** A reply came from the driving side. */
  replied(token: number, reply: HostReply): void {
    if (this.#pending?.token !== token) return;
    const { id, delay, answeredBy } = this.#pending;
    this.#pending = undefined;
    const settled: Reply = answeredBy === undefined ? reply : { answeredBy, ...reply };
    if (delay > 0) this.delay(id, delay, settled);
    else this.#endpoint.settle(id, settled);
  }

  /** An answer came from outside. @returns false where request `id` waits for none */
  answered(id: string, reply: HandReply): boolean {
    if (this.#asking?.request.id !== id) return false;
    this.#asking = undefined;
    this.#endpoint.settle(id, reply === 'never' ? reply : { ...reply, answeredBy: HAND });
    return true;
  }

  /** Of the request that is being answered: this is its reply now. A delay stays. */
  settleByHand(id: string, reply: HandReply): void {
    if (this.answered(id, reply)) return;
    const due = this.#due?.id === id ? this.#due : undefined;
    const source = due?.reply.answeredBy ?? (this.#pending?.id === id ? this.#pending.answeredBy : undefined);
    const answer = reply === 'never' ? reply : byHandFor(reply, source);
    this.#pending = undefined;
    if (due !== undefined && answer !== 'never') this.#due = { ...due, reply: answer };
    else {
      this.#due = undefined;
      this.#redone = undefined;
      this.#endpoint.settle(id, answer);
    }
  }

  /** Brings the reply whose delay is over. @returns false where there is none */
  settleDue(): boolean {
    const due = this.#due;
    if (due === undefined || this.#clock.elapsed() < due.at) return false;
    this.#due = undefined;
    return this.#endpoint.settle(due.id, due.reply);
  }

  /** The reply that was waited for was written in the run that is caught up with. */
  resettled(id: string): void {
    if (this.#pending?.id === id) this.#pending = undefined;
    if (this.#due?.id === id) this.#due = undefined;
    if (this.#asking?.request.id === id) this.#asking = undefined;
    if (this.#redone?.id === id) this.#redone = undefined;
  }

  /** What was being answered is not any more. */
  drop(): void {
    this.#pending = undefined;
    this.#due = undefined;
    this.#asking = undefined;
    this.#redone = undefined;
  }
}
