// What was called last: methods of each plugin, most recent first, and the params of each method, as the JSON text that was
// typed (so no number is rounded, P2). Kept in a Memento of the workspace; knows nothing else of VS Code.

/** The part of vscode.Memento that is used. */
export interface Memory {
  get(key: string): unknown;
  update(key: string, value: unknown): PromiseLike<void>;
}

const KEY = 'calls';
/** Plugins, and methods of one plugin, that are remembered. */
const KEPT = 50;

interface RememberedCall {
  readonly plugin: string;
  readonly method: string;
  readonly params: string;
}

function isCall(value: unknown): value is RememberedCall {
  if (typeof value !== 'object' || value === null) return false;
  const { plugin, method, params } = value as Record<string, unknown>;
  return typeof plugin === 'string' && typeof method === 'string' && typeof params === 'string';
}

export class CallHistory {
  readonly #memory: Memory;

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  // an older version may have kept something else there
  #calls(): readonly RememberedCall[] {
    const kept = this.#memory.get(KEY);
    return Array.isArray(kept) ? kept.filter(isCall) : [];
  }

  /** Methods of `plugin` that were called, most recent first. */
  methods(plugin: string): readonly string[] {
    return this.#calls()
      .filter((call) => call.plugin === plugin)
      .map((call) => call.method);
  }

  /** The JSON text of the params that `method` was last called with. */
  params(plugin: string, method: string): string | undefined {
    return this.#calls().find((call) => call.plugin === plugin && call.method === method)?.params;
  }

  /** The plugin that was called last, of those in `plugins`. */
  lastPlugin(plugins: readonly string[]): string | undefined {
    return this.#calls().find((call) => plugins.includes(call.plugin))?.plugin;
  }

  async remember(plugin: string, method: string, params: string): Promise<void> {
    const others = this.#calls().filter((call) => call.plugin !== plugin || call.method !== method);
    const calls: RememberedCall[] = [{ plugin, method, params }];
    let ofPlugin = 1;
    for (const call of others) {
      if (call.plugin === plugin && ++ofPlugin > KEPT) continue;
      calls.push(call);
    }
    await this.#memory.update(KEY, calls.slice(0, KEPT * KEPT));
  }
}
