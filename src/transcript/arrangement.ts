// How the panel is arranged, for the person, and the filters that were used, for the workspace: kept by VS Code. What comes back from there
// may be of another version, and is checked. No `vscode` but a Memento's shape.

import type { Settings } from './protocol.ts';
import { checkedParams } from './requestShape.ts';

const SETTINGS = 'transcript.settings';
const HISTORY = 'transcript.filters';
const MOST_FILTERS = 30;

/** VS Code's Memento. */
export interface Memory {
  get(key: string): unknown;
  update(key: string, value: unknown): PromiseLike<void>;
}

export class Arrangement {
  readonly #person: Memory;
  readonly #workspace: Memory;

  constructor(person: Memory, workspace: Memory) {
    this.#person = person;
    this.#workspace = workspace;
  }

  settings(): Settings {
    try {
      return checkedParams('keep', this.#person.get(SETTINGS) ?? {});
    } catch {
      return {};
    }
  }

  keep(settings: Settings): void {
    void this.#person.update(SETTINGS, settings);
  }

  /** The last one first. */
  history(): readonly string[] {
    const kept = this.#workspace.get(HISTORY);
    return Array.isArray(kept) ? kept.filter((entry): entry is string => typeof entry === 'string') : [];
  }

  addHistory(filter: string): void {
    const others = this.history().filter((entry) => entry !== filter);
    void this.#workspace.update(HISTORY, [filter, ...others].slice(0, MOST_FILTERS));
  }
}
