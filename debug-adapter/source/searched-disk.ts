// The disk as a search for source files asks it: a few questions at once, none twice, none any more when the search is over, and no file so long
// that looking at it holds up the thread. Knows nothing of what is looked for. Contracts E2, S6.
import { inTurns, othersFirst } from '../transcript/turns.ts';

/** What is asked of the machine. All paths with `/`. */
export interface SourceDisk {
  /** Whether there is a file of that path. */
  fileExists(path: string): Promise<boolean>;
  /** Names of what is in a folder; none where there is no such folder. */
  listFolder(path: string): Promise<readonly string[]>;
  /** @throws where it can't be read */
  readFile(path: string): Promise<Uint8Array>;
  readonly homes: SourceHomes;
}

/** Folders that toolchains and registries are in. */
export interface SourceHomes {
  /** CARGO_HOME. */
  readonly cargo: string;
  /** RUSTUP_HOME. */
  readonly rustup: string;
  /** Folders that hold `rustc-VERSION`, as a distribution's package of its sources has it. */
  readonly distributions: readonly string[];
}

/** Questions that the disk has at once, and files that are in memory. Node asks four at once. */
export const MOST_AT_ONCE = 8;
/** Bytes that are gone through before the clock is looked at. */
const STRETCH = 1 << 16;
const LINE_FEED = 10;

/** Lets so many in at once; the others wait, in their order. */
class Gate {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(free: number) {
    this.#free = free;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }
}

export class SearchedDisk {
  readonly homes: SourceHomes;
  readonly #disk: SourceDisk;
  readonly #signal: AbortSignal | undefined;
  readonly #known = new Map<string, Promise<boolean>>();
  readonly #questions = new Gate(MOST_AT_ONCE);
  /** Turns of several counts would come in a row, and make one long turn. */
  readonly #counts = new Gate(1);

  /** @param signal when it is aborted, whatever is asked rejects with its reason, and so does what waits to be asked */
  constructor(disk: SourceDisk, signal?: AbortSignal) {
    this.homes = disk.homes;
    this.#disk = disk;
    this.#signal = signal;
  }

  throwIfStopped(): void {
    this.#signal?.throwIfAborted();
  }

  #ask<T>(question: () => Promise<T>): Promise<T> {
    return this.#questions.run(async () => {
      this.throwIfStopped();
      return question();
    });
  }

  exists(path: string): Promise<boolean> {
    let known = this.#known.get(path);
    if (known === undefined) {
      known = this.#ask(() => this.#disk.fileExists(path));
      this.#known.set(path, known);
    }
    return known;
  }

  listFolder(path: string): Promise<readonly string[]> {
    return this.#ask(() => this.#disk.listFolder(path));
  }

  /** '' for a file that is not there, or can't be read. */
  async text(path: string): Promise<string> {
    if (!(await this.exists(path))) return '';
    return this.#ask(() => this.#read(path).then((bytes) => new TextDecoder().decode(bytes)));
  }

  /** Whether there is a file of that path that has so many lines; one that can't be read has one. */
  async hasLines(path: string, lines: number): Promise<boolean> {
    if (!(await this.exists(path))) return false;
    // what is empty has a line
    if (lines <= 1) return true;
    return this.#ask(async () => {
      const bytes = await this.#read(path);
      return this.#counts.run(() => this.#reaches(bytes, lines));
    });
  }

  #read(path: string): Promise<Uint8Array> {
    return this.#disk.readFile(path).catch(() => new Uint8Array(0));
  }

  /** Whether a text has so many lines. Long ones are gone through in turns (E2): generated files may have megabytes. */
  async #reaches(bytes: Uint8Array, lines: number): Promise<boolean> {
    if (bytes.length > STRETCH) await othersFirst();
    let missing = lines - 1;
    let at = 0;
    await inTurns((budget) => {
      this.throwIfStopped();
      const until = performance.now() + budget;
      while (at < bytes.length && missing > 0) {
        const end = Math.min(at + STRETCH, bytes.length);
        for (; at < end; at++) if (bytes[at] === LINE_FEED) missing--;
        if (performance.now() > until) return false;
      }
      return true;
    });
    return missing <= 0;
  }
}
