// The files of a plugin's debug information, as a client has them: prefixes mapped, dots resolved, and whose they are, the author's own or a
// library's. Pure; whether a file exists is not asked here. Contract S1 (justMyCode).

export interface SourceChoices {
  /** Prefixes of paths as the compiler wrote them, and what stands here in their place; the longest that fits counts. */
  readonly sourceMap: readonly (readonly [from: string, to: string])[];
  /** Steps end in the author's own code only. */
  readonly justMyCode: boolean;
  /** Folders in which the author's files are looked for that are not where the plugin was built (source-search.ts). */
  readonly folders?: readonly string[];
  /** What was found so, or in the places where toolchains and registries are: what is there is not looked for again. */
  readonly found?: FoundFiles;
}

/** Files that are elsewhere than their paths say: their indices in `SourceFiles`, and where they are. */
export type FoundFiles = readonly (readonly [index: number, path: string])[];

export const ALL_MINE: SourceChoices = { sourceMap: [], justMyCode: true };

/**
 * Code that comes with a toolchain or from a registry: the standard library (`/rustc/HASH/library`, or the sysroot's sources) and the crates that it
 * is made of (`/rust/deps`), cargo's registry and git checkouts wherever CARGO_HOME is, or was mapped to, wasi-libc and compiler-rt.
 */
const LIBRARY = new RegExp(
  [
    '(?:^|/)rustc/[0-9a-f]{40}/',
    '^/rust/deps/',
    '^/usr/src/rustc-[^/]+/',
    '(?:^|/)rustlib/src/',
    '(?:^|/)registry/(?:src/)?[^/]+-[0-9a-f]{16}/',
    '(?:^|/)registry/[^/]+-\\d+\\.\\d+\\.\\d+[^/]*/',
    '(?:^|/)git/checkouts/[^/]+-[0-9a-f]{16}/',
    '(?:^|/)(?:wasi-libc[^/]*|libc-(?:top|bottom)-half|compiler-rt|compiler-builtins[^/]*|llvm-project)/',
    // as distributions build it: in a folder that they do not name
    '^dlmalloc/src/',
    '^wasisdk:',
    '^/?<[^>]*>',
  ].join('|'),
);

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

  /** Some files were found elsewhere than their paths say. To be told before anybody asks for paths. */
  relocate(found: FoundFiles): void {
    for (const [index, path] of found) this.#paths[index] = normalized(path);
    this.#byPath = undefined;
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
