// Progress of a load or a search, told only to a client that shows it, and only when it takes long enough for anybody to wonder.
import type { Client } from './client.ts';

const AFTER_MS = 300;
/** Between two updates. */
const EVERY_MS = 100;
let count = 0;

export class Progress {
  readonly #client: Client;
  readonly #title: string;
  readonly #id = `progress-${++count}`;
  #timer: NodeJS.Timeout | undefined;
  #shown = false;
  #phase: string;
  #fraction = 0;
  #updated = 0;

  constructor(client: Client, title: string, phase: string) {
    this.#client = client;
    this.#title = title;
    this.#phase = phase;
    if (client.supportsProgress) this.#timer = setTimeout(() => this.#start(), AFTER_MS);
  }

  #start(): void {
    this.#timer = undefined;
    this.#shown = true;
    this.#client.event('progressStart', { progressId: this.#id, title: this.#title, ...this.#state() });
  }

  #state(): object {
    return { message: this.#phase, percentage: Math.round(this.#fraction * 100) };
  }

  /** `fraction` is from 0 to 1. */
  update(phase: string, fraction: number): void {
    const now = Date.now();
    const same = phase === this.#phase;
    this.#phase = phase;
    this.#fraction = fraction;
    if (!this.#shown || (same && now - this.#updated < EVERY_MS)) return;
    this.#updated = now;
    this.#client.event('progressUpdate', { progressId: this.#id, ...this.#state() });
  }

  end(): void {
    clearTimeout(this.#timer);
    if (!this.#shown) return;
    this.#shown = false;
    this.#client.event('progressEnd', { progressId: this.#id });
  }
}
