// Progress of a load, told only to a client that shows it, and only when the load takes long enough for anybody to wonder.
import type { Client } from './client.ts';

const AFTER_MS = 300;
/** Between two updates. */
const EVERY_MS = 100;
let loads = 0;

export class LoadProgress {
  readonly #client: Client;
  readonly #plugin: string;
  readonly #id = `load-${++loads}`;
  #timer: NodeJS.Timeout | undefined;
  #shown = false;
  #phase = 'Loading';
  #fraction = 0;
  #updated = 0;

  constructor(client: Client, plugin: string) {
    this.#client = client;
    this.#plugin = plugin;
    if (client.supportsProgress) this.#timer = setTimeout(() => this.#start(), AFTER_MS);
  }

  #start(): void {
    this.#timer = undefined;
    this.#shown = true;
    this.#client.event('progressStart', { progressId: this.#id, title: `Loading ${this.#plugin}`, ...this.#state() });
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
