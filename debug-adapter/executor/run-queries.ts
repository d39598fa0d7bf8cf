// Questions to a call that stands still, and the answers that are still to come. Who is asked, and when, is run.ts's. Contract S6.
import { usesOf } from '../expressions/expression.ts';
import type { Answer, Query } from './messages.ts';

export class RunQueries {
  readonly #post: (token: number, query: Query) => void;
  readonly #open = new Map<number, { resolve(answer: Answer): void; reject(error: Error): void }>();
  #nextToken = 0;

  constructor(post: (token: number, query: Query) => void) {
    this.#post = post;
  }

  /** Whether all are answered. */
  get idle(): boolean {
    return this.#open.size === 0;
  }

  /** @throws Error with a sentence where there is no answer. */
  ask(query: Query): Promise<Answer> {
    const token = this.#nextToken++;
    return new Promise((resolve, reject) => {
      this.#open.set(token, { resolve, reject });
      this.#post(token, query);
    });
  }

  answered(token: number, answer: Answer): void {
    this.#take(token)?.resolve(answer);
  }

  refused(token: number, sentence: string): void {
    this.#take(token)?.reject(new Error(sentence));
  }

  /** Nobody answers any more. */
  end(sentence: string): void {
    for (const { reject } of this.#open.values()) reject(new Error(sentence));
    this.#open.clear();
  }

  #take(token: number): { resolve(answer: Answer): void; reject(error: Error): void } | undefined {
    const waiting = this.#open.get(token);
    this.#open.delete(token);
    return waiting;
  }
}

/** Whether an expression is about what a frame has: a local or an operand. */
export function asksForFrame(source: string): boolean {
  try {
    return usesOf(source).state.some((used) => used.startsWith('$') || used === 'local' || used === 'stack');
  } catch {
    return false; // the worker says what is wrong with it
  }
}
