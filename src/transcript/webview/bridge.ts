// The webview's end of protocol.ts: requests with their answers, and messages that come by themselves. Knows nothing of what they mean.
import type { FromWebview, RequestName, Requests, ToWebview } from '../protocol.ts';

/** What VS Code gives a webview, once. */
export interface VsCodeApi {
  postMessage(message: FromWebview): void;
  getState(): unknown;
  setState(state: unknown): void;
}

/** The extension did not do as asked; the message is a sentence for people. */
class Refusal extends Error {}

type Pushed = Exclude<ToWebview, { type: 'response' | 'refusal' }>;

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (reason: Refusal) => void;
}

export class Bridge {
  readonly #api: VsCodeApi;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Set<(message: Pushed) => void>();
  #token = 0;

  constructor(api: VsCodeApi, from: Window) {
    this.#api = api;
    from.addEventListener('message', (event: MessageEvent<ToWebview>) => this.#take(event.data));
  }

  /** Asks the extension. Rejects with a Refusal. */
  ask<Name extends RequestName>(name: Name, params: Requests[Name]['params']): Promise<Requests[Name]['result']> {
    const token = ++this.#token;
    return new Promise((resolve, reject) => {
      // what comes back for a name is what Requests says of it: the other end is typed by the same file
      this.#waiting.set(token, { resolve: resolve as (result: unknown) => void, reject });
      this.#api.postMessage({ type: 'request', token, name, params });
    });
  }

  selected(row: number | undefined): void {
    this.#api.postMessage({ type: 'selected', row });
  }

  focused(focused: boolean): void {
    this.#api.postMessage({ type: 'focus', focused });
  }

  onMessage(listener: (message: Pushed) => void): void {
    this.#listeners.add(listener);
  }

  #take(message: ToWebview): void {
    if (message.type === 'response' || message.type === 'refusal') {
      const waiting = this.#waiting.get(message.token);
      this.#waiting.delete(message.token);
      if (message.type === 'response') waiting?.resolve(message.result);
      else waiting?.reject(new Refusal(message.sentence));
      return;
    }
    for (const listener of this.#listeners) listener(message);
  }
}
