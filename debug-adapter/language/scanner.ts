// The one scanner for method names in Rust sources, and an index over many of them: which methods there are, and where.
// Not a watcher: it knows what it is told.
import { type ScannedMethod, scanRust } from './rust-methods.ts';

export { type Range, type ScannedMethod, scanRust } from './rust-methods.ts';

/** One place where a method is named. */
export interface MethodPlace {
  readonly file: string;
  readonly method: ScannedMethod;
}

/** A method with all the places that name it. */
export interface IndexedMethod {
  readonly name: string;
  /** By file, then by position. */
  readonly places: readonly MethodPlace[];
  /** Named in tests only. */
  readonly test: boolean;
}

/** Results of {@link scanRust} by file. Files are told apart by whatever string the caller names them by: URI or path. */
export class SourceIndex {
  readonly #files = new Map<string, readonly ScannedMethod[]>();
  readonly #merged = new Map<ScannedMethod['kind'], readonly IndexedMethod[]>();

  /** Takes the whole new text of a file. Returns whether any method changed its name or place. */
  update(file: string, text: string): boolean {
    const methods = scanRust(text);
    const before = this.#files.get(file) ?? [];
    if (methods.length > 0) this.#files.set(file, methods);
    else this.#files.delete(file);
    if (methods.length === 0 && before.length === 0) return false;
    const changed = JSON.stringify(methods) !== JSON.stringify(before);
    if (changed) this.#merged.clear();
    return changed;
  }

  /** Forgets a file. Returns whether it had named any method. */
  remove(file: string): boolean {
    const had = this.#files.delete(file);
    if (had) this.#merged.clear();
    return had;
  }

  /** The methods that one file names, in the order of its text. */
  methodsIn(file: string): readonly ScannedMethod[] {
    return this.#files.get(file) ?? [];
  }

  /** What the host may call, by name. */
  pluginMethods(): readonly IndexedMethod[] {
    return this.#merge('plugin');
  }

  /** What plugins may call, by name. */
  hostMethods(): readonly IndexedMethod[] {
    return this.#merge('host');
  }

  #merge(kind: ScannedMethod['kind']): readonly IndexedMethod[] {
    const known = this.#merged.get(kind);
    if (known !== undefined) return known;
    const byName = new Map<string, MethodPlace[]>();
    for (const file of [...this.#files.keys()].sort(compare))
      for (const method of this.#files.get(file) ?? []) {
        if (method.kind !== kind) continue;
        const places = byName.get(method.name);
        if (places === undefined) byName.set(method.name, [{ file, method }]);
        else places.push({ file, method });
      }
    const merged = [...byName]
      .sort(([a], [b]) => compare(a, b))
      .map(([name, places]) => ({ name, places, test: places.every(({ method }) => method.test) }));
    this.#merged.set(kind, merged);
    return merged;
  }
}

/** By code units, so that the order depends on nobody's locale. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
