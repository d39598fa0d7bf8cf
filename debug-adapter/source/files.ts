// The files of a plugin's debug information, as a client has them: prefixes mapped, dots resolved, and whose they are, the author's own or a
// library's. Pure; whether a file exists is not asked here. Contract S1 (justMyCode).

export interface SourceChoices {
  /** Prefixes of paths as the compiler wrote them, and what stands here in their place; the longest that fits counts. */
  readonly sourceMap: readonly (readonly [from: string, to: string])[];
  /** Steps end in the author's own code only. */
  readonly justMyCode: boolean;
}

export const ALL_MINE: SourceChoices = { sourceMap: [], justMyCode: true };

/**
 * Code that comes with a toolchain or from a registry: the standard library (`/rustc/HASH/library`, or the sysroot's sources), cargo's registry and
 * git checkouts wherever CARGO_HOME is, wasi-libc and compiler-rt.
 */
const LIBRARY =
  /(?:^|\/)(?:rustc\/[0-9a-f]{40}|rustlib\/src|registry\/src\/[^/]+-[0-9a-f]{16}|git\/checkouts\/[^/]+-[0-9a-f]{16}|wasi-libc[^/]*|compiler-rt|compiler-builtins[^/]*|llvm-project)\/|^wasisdk:|^\/?<[^>]*>/;

/** A path with `/` between its parts and without `.` and `..`; a drive's letter in lower case, as editors write it now and then. */
export function normalized(path: string): string {
  const slashed = path.replaceAll('\\', '/');
  const drive = /^[A-Za-z]:/.exec(slashed)?.[0].toLowerCase() ?? '';
  const rest = slashed.slice(drive.length);
  // wasisdk://v30.0/… is no path of ours
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(slashed)) return slashed;
  const parts: string[] = [];
  for (const part of rest.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (part !== '..' || !rest.startsWith('/')) parts.push(part);
  }
  return `${drive}${rest.startsWith('/') ? '/' : ''}${parts.join('/')}`;
}

export class SourceFiles {
  /** As the compiler wrote them. */
  readonly written: readonly string[];
  readonly #choices: SourceChoices;
  readonly #paths: (string | undefined)[] = [];
  readonly #own: (boolean | undefined)[] = [];
  #byPath: Map<string, number[]> | undefined;

  constructor(written: readonly string[], choices: SourceChoices) {
    this.written = written;
    this.#choices = choices;
  }

  get count(): number {
    return this.written.length;
  }

  /** The path that a client has for file `index`. */
  path(index: number): string {
    let path = this.#paths[index];
    if (path === undefined) {
      path = normalized(mapped(normalized(this.written[index] ?? ''), this.#choices.sourceMap));
      this.#paths[index] = path;
    }
    return path;
  }

  /** Whether file `index` is the author's. */
  own(index: number): boolean {
    let own = this.#own[index];
    if (own === undefined) {
      const written = normalized(this.written[index] ?? '');
      own = written !== '' && !LIBRARY.test(`${written}/`) && !LIBRARY.test(`${this.path(index)}/`);
      this.#own[index] = own;
    }
    return own;
  }

  /** Whether steps end in file `index`. */
  stepped(index: number): boolean {
    return !this.#choices.justMyCode || this.own(index);
  }

  /** The files that a client's path means: each unit may have its own entry. */
  named(path: string): readonly number[] {
    if (this.#byPath === undefined) {
      this.#byPath = new Map();
      for (let index = 0; index < this.count; index++) {
        const key = keyOf(this.path(index));
        const list = this.#byPath.get(key);
        if (list === undefined) this.#byPath.set(key, [index]);
        else list.push(index);
      }
    }
    return this.#byPath.get(keyOf(normalized(path))) ?? [];
  }

  /** A file of the same name elsewhere, as the compiler wrote it: the sources may have been moved. */
  namesake(path: string): string | undefined {
    const name = normalized(path).split('/').at(-1);
    const index = this.written.findIndex((_, at) => this.own(at) && this.path(at).split('/').at(-1) === name);
    return index < 0 ? undefined : this.written[index];
  }
}

/** Windows does not tell letters' case apart. */
const keyOf = (path: string): string => (/^[a-z]:/.test(path) ? path.toLowerCase() : path);

function mapped(path: string, map: SourceChoices['sourceMap']): string {
  let best: readonly [string, string] | undefined;
  for (const entry of map) {
    const from = normalized(entry[0]);
    const fits = path === from || path.startsWith(from.endsWith('/') ? from : `${from}/`);
    if (fits && (best === undefined || from.length > normalized(best[0]).length)) best = entry;
  }
  return best === undefined ? path : `${best[1]}/${path.slice(normalized(best[0]).length)}`;
}
