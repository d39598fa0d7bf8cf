// The parts of a transcript as DAP sources: their names and numbers, their text on request, and telling the client when one has grown.
// Contracts S6, E2.
import type { DebugProtocol } from '@vscode/debugprotocol';
import { visible } from '../transcript/transcript-line.ts';
import { delay, inTurns } from '../transcript/turns.ts';
import type { Client } from './client.ts';
import type { Transcript } from './transcript.ts';

/** A source's number is that of its part, and this. */
const FIRST_REFERENCE = 1000;
/** While the call runs, a client is not asked to load a part again more often than this. */
const GROWTH_MS = 500;
/** How long a stop waits for a client to load the grown part again, */
const PATIENCE_MS = 150;
/** and for it to show what it loaded. */
const SHOW_MS = 20;
/** A client that did not come for it so often does not do that. */
const MOST_MISSES = 2;

export class TranscriptSources {
  readonly #transcript: Transcript;
  readonly #client: Client;
  readonly #label: string;
  /** Parts the client has been told of: not all of them, since a flood makes hundreds. */
  readonly #announced = new Set<number>();
  /** What the client has of each part that it loaded: events laid out at that time. */
  readonly #loaded = new Map<number, number>();
  readonly #awaited = new Map<number, () => void>();
  #misses = 0;
  #toldAt = 0;

  constructor(transcript: Transcript, method: string, client: Client) {
    this.#transcript = transcript;
    this.#client = client;
    // a name is shown in tabs and is part of a path there
    this.#label = visible(method).replaceAll(/[\\/]/g, '·').slice(0, 60);
  }

  /** The source of a part. */
  source(part: number): DebugProtocol.Source {
    const number = part === 0 ? '' : ` ${part + 1}`;
    return {
      name: `${this.#label} — calls${number}.transcript`,
      sourceReference: FIRST_REFERENCE + part,
      origin: 'transcript of the call',
    };
  }

  all(): DebugProtocol.Source[] {
    return Array.from({ length: this.#transcript.parts }, (_, part) => this.source(part));
  }

  /** The text of a source. @throws Error for a number that is none of ours. */
  async text(reference: number): Promise<string> {
    const part = reference - FIRST_REFERENCE;
    await inTurns((budget) => this.#transcript.advance(budget));
    if (!(part >= 0 && part < this.#transcript.parts))
      throw new Error(`There is no transcript with the number ${reference}.`);
    await inTurns((budget) => this.#transcript.render(part, budget));
    const text = this.#transcript.text(part);
    this.#loaded.set(part, this.#transcript.laid);
    const awaited = this.#awaited.get(part);
    if (awaited !== undefined) setTimeout(awaited, SHOW_MS);
    return text;
  }

  /** Now and then, or when `last`, tells that the last part has grown, if the client has it. */
  tellGrowth(last = false): void {
    this.#announce(last ? this.#transcript.parts - 1 : 0);
    const now = Date.now();
    if (!last && now - this.#toldAt < GROWTH_MS) return;
    for (const part of this.#stale()) {
      this.#toldAt = now;
      this.#client.event('loadedSource', { reason: 'changed', source: this.source(part) });
    }
  }

  #announce(part: number): void {
    if (this.#announced.has(part)) return;
    this.#announced.add(part);
    this.#client.event('loadedSource', { reason: 'new', source: this.source(part) });
  }

  /** Parts that the client has, and that have grown since: the last one and, where a part was filled meanwhile, the one before. */
  #stale(): number[] {
    const { laid, parts } = this.#transcript;
    const stale: number[] = [];
    for (const [part, had] of this.#loaded) {
      if (had === laid) continue;
      if (part === parts - 1 || this.#transcript.lastEventOf(part) >= had) stale.push(part);
      else this.#loaded.delete(part); // it is full, and the client has all of it
    }
    return stale;
  }

  /**
   * Before a stop in `part` is told: has the client load it again if it has an older one, and waits for that a moment, so that the line
   * to show is there when the client comes to show it. A client that does not follow is not waited for again.
   */
  async refresh(part: number): Promise<void> {
    this.#announce(part);
    const stale = this.#stale();
    this.#toldAt = Date.now();
    const came =
      stale.includes(part) && this.#misses < MOST_MISSES
        ? new Promise<boolean>((resolve) => this.#awaited.set(part, () => resolve(true)))
        : undefined;
    for (const grown of stale) this.#client.event('loadedSource', { reason: 'changed', source: this.source(grown) });
    if (came === undefined) return;
    const followed = await Promise.race([came, delay(PATIENCE_MS).then(() => false)]);
    this.#awaited.delete(part);
    this.#misses = followed ? 0 : this.#misses + 1;
  }
}
