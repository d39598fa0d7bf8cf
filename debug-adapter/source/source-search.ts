// Where the files of a plugin's debug information are on this machine, that are not where it was built: the standard library's in an installed
// sysroot of the very same compiler, crates' in this user's registry, the author's own by the longest tail of their paths in the folders that she has
// open. Runs no program; the disk is asked by way of what it is given. Contract S6.
import { inTurns } from '../transcript/turns.ts';
import { quoted } from '../wasm/quoted.ts';
import type { RustCompiler } from './compiler.ts';
import { type FoundFiles, type SourceChoices, SourceFiles } from './files.ts';
import { SearchedDisk, type SourceDisk, type SourceHomes } from './searched-disk.ts';

export type { SourceDisk, SourceHomes };

/** What the debug information names. */
export interface AskedSources {
  /** As the compiler wrote them: `SourceFiles.written`. */
  readonly written: readonly string[];
  /** The greatest line of each that any code is of: a file with fewer lines is another one. */
  readonly lines: Uint32Array;
  readonly compiler: RustCompiler | undefined;
}

export interface SourcesFound {
  readonly found: FoundFiles;
  /** What the author is to know of it, a sentence each. */
  readonly notices: readonly string[];
}

const STANDARD = /^(?:.*\/)?rustc\/([0-9a-f]{40})\/(.+)$/;
/** Crates that the standard library was built with. */
const STANDARD_CRATE = /^\/rust\/deps\/([^/]+)\/(.+)$/;
const REGISTRY_CRATE = /^(?:.*\/)?registry\/(?:(?:src\/)?[^/]+-[0-9a-f]{16}\/)?([^/]+-\d+\.\d+\.\d+[^/]*)\/(.+)$/;
const GIT_CRATE = /^(?:.*\/)?git\/checkouts\/([^/]+-[0-9a-f]{16}\/[^/]+)\/(.+)$/;
const SCHEME = /^[a-z][a-z0-9+.-]+:\/\//i;
/** What a build makes: nobody has it but in its target folder. */
const MADE = /(?:^|\/)target\/.*\/out\//;

/** Characters. */
export const LONGEST_PATH = 4096;
/** Files of the author's own that are looked for; there are some dozens. */
const MOST_FILES = 2000;
/** Folders of a path that are tried as its tail. */
const MOST_DEEP = 24;

/**
 * Looks for the files. What is where its path says is not in the answer.
 * @param signal ends the search: the disk is asked no more. @throws what the signal was aborted with
 */
export async function findSources(
  asked: AskedSources,
  choices: SourceChoices,
  disk: SourceDisk,
  signal?: AbortSignal,
): Promise<SourcesFound> {
  const search = new Search(asked, choices, new SearchedDisk(disk, signal));
  await search.classify();
  await Promise.all([search.standardLibrary(), search.crates(), search.ownFiles()]);
  return { found: search.found.sort(([a], [b]) => a - b), notices: search.notices };
}

interface Member {
  readonly index: number;
  /** Of the file, within the group's folder. */
  readonly rest: string;
}

class Search {
  readonly found: (readonly [number, string])[] = [];
  readonly notices: string[] = [];
  readonly #asked: AskedSources;
  readonly #files: SourceFiles;
  readonly #folders: readonly string[];
  readonly #disk: SearchedDisk;
  /** By the commit, the crate with its version, the checkout. */
  readonly #groups = {
    standard: new Map<string, Member[]>(),
    standardCrates: new Map<string, Member[]>(),
    registry: new Map<string, Member[]>(),
    git: new Map<string, Member[]>(),
  };
  readonly #own: number[] = [];

  constructor(asked: AskedSources, choices: SourceChoices, disk: SearchedDisk) {
    this.#asked = asked;
    this.#files = new SourceFiles(asked.written, choices);
    this.#folders = [...new Set((choices.folders ?? []).map((folder) => withoutSlash(folder.replaceAll('\\', '/'))))];
    this.#disk = disk;
  }

  /** Sorts the files by what they are of. There may be very many, and others wait for this thread (E2). */
  async classify(): Promise<void> {
    const files = this.#files;
    const groups = [
      [STANDARD, this.#groups.standard],
      [STANDARD_CRATE, this.#groups.standardCrates],
      [REGISTRY_CRATE, this.#groups.registry],
      [GIT_CRATE, this.#groups.git],
    ] as const;
    let index = 0;
    await inTurns((budget) => {
      this.#disk.throwIfStopped();
      const until = performance.now() + budget;
      for (; index < files.count; index++) {
        if ((index & 15) === 15 && performance.now() > until) return false;
        const path = files.path(index);
        // no file system has such, and matching takes time
        if (path.length > LONGEST_PATH) continue;
        for (const [pattern, members] of groups) {
          const [, key, rest] = pattern.exec(path) ?? [];
          if (key === undefined || rest === undefined) continue;
          const group = members.get(key);
          if (group === undefined) members.set(key, [{ index, rest }]);
          else group.push({ index, rest });
        }
        if (this.#own.length >= MOST_FILES || !files.own(index) || MADE.test(path) || SCHEME.test(path)) continue;
        this.#own.push(index);
      }
      return true;
    });
  }

  #place(members: readonly Member[], folder: string): void {
    for (const { index, rest } of members) this.found.push([index, `${folder}/${rest}`]);
  }

  /** Whether the files of a group are where their paths say: the first stands for all. */
  #areThere([first]: readonly Member[]): Promise<boolean> {
    const path = first === undefined ? '' : this.#files.path(first.index);
    return isAbsolute(path) ? this.#disk.exists(path) : Promise.resolve(false);
  }

  async standardLibrary(): Promise<void> {
    const vendored = this.#groups.standardCrates;
    const groups = [...this.#groups.standard];
    for (const [commit, members] of groups) {
      if (await this.#areThere(members)) continue;
      const root = await this.#sysroot(commit);
      if (root === undefined) continue;
      this.#place(members, root);
      // a distribution has the crates too
      if (groups.length > 1) continue;
      for (const [crate, files] of vendored) {
        for (const name of [crate, crate.replace(/-\d+\.\d+\.\d+.*$/, '')])
          if (await this.#disk.exists(`${root}/library/vendor/${name}/Cargo.toml`)) {
            this.#place(files, `${root}/library/vendor/${name}`);
            vendored.delete(crate);
            break;
          }
      }
    }
    await Promise.all([...vendored].map(([crate, files]) => this.#fromRegistry(crate, files)));
  }

  /** The folder with `library/` of exactly this commit: another version's lines would be others. */
  async #sysroot(commit: string): Promise<string | undefined> {
    const { homes } = this.#disk;
    const toolchains = `${homes.rustup}/toolchains`;
    for (const name of await this.#disk.listFolder(toolchains)) {
      const rustlib = `${toolchains}/${name}/lib/rustlib`;
      const root = `${rustlib}/src/rust`;
      if (!(await this.#hasLibrary(root))) continue;
      const manifest = await this.#disk.text(`${rustlib}/multirust-channel-manifest.toml`);
      const [, digits] = /^\[pkg\.rust-src\]\s+version = "[^"(]*\(([0-9a-f]{7,40}) /m.exec(manifest) ?? [];
      if (digits !== undefined && commit.startsWith(digits)) return root;
    }
    for (const folder of homes.distributions)
      for (const name of await this.#disk.listFolder(folder)) {
        const root = `${folder}/${name}`;
        if (name.startsWith('rustc-') && (await this.#hasLibrary(root)) && (await this.#isOf(root, commit)))
          return root;
      }
    return undefined;
  }

  #hasLibrary(root: string): Promise<boolean> {
    return this.#disk.exists(`${root}/library/core/src/lib.rs`);
  }

  /** Whether a tree of rustc's sources is of this commit: it says so, or it is the release that this commit is. */
  async #isOf(root: string, commit: string): Promise<boolean> {
    const told = (await this.#disk.text(`${root}/git-commit-hash`)).trim();
    if (/^[0-9a-f]{7,40}$/.test(told)) return commit.startsWith(told);
    const { compiler } = this.#asked;
    if (compiler === undefined || compiler.commit === '' || !commit.startsWith(compiler.commit)) return false;
    // of a nightly or beta version there are many
    if (!/^\d+\.\d+\.\d+$/.test(compiler.version)) return false;
    return (await this.#disk.text(`${root}/src/version`)).trim() === compiler.version;
  }

  async crates(): Promise<void> {
    const registry = [...this.#groups.registry].map(async ([crate, members]) => {
      if (!(await this.#areThere(members))) await this.#fromRegistry(crate, members);
    });
    const checkouts = [...this.#groups.git].map(async ([checkout, members]) => {
      const folder = `${this.#disk.homes.cargo}/git/checkouts/${checkout}`;
      const [first] = members;
      if (first === undefined || (await this.#areThere(members))) return;
      if (await this.#disk.exists(`${folder}/${first.rest}`)) this.#place(members, folder);
    });
    await Promise.all([...registry, ...checkouts]);
  }

  #registries: Promise<readonly string[]> | undefined;
  async #fromRegistry(crate: string, members: readonly Member[]): Promise<void> {
    const sources = `${this.#disk.homes.cargo}/registry/src`;
    this.#registries ??= this.#disk.listFolder(sources);
    for (const registry of await this.#registries)
      if (await this.#disk.exists(`${sources}/${registry}/${crate}/Cargo.toml`)) {
        this.#place(members, `${sources}/${registry}/${crate}`);
        return;
      }
  }

  /** Files of the author's own: those of one folder elsewhere are taken from one folder here. */
  async ownFiles(): Promise<void> {
    if (this.#folders.length === 0) return;
    const missing = new Map<number, string>();
    for (const index of this.#own) {
      const path = this.#files.path(index);
      if (!isAbsolute(path) || !(await this.#disk.exists(path))) missing.set(index, path);
    }
    while (missing.size > 0) {
      const [[first, path] = [0, '']] = missing;
      missing.delete(first);
      const best = await this.#longestTail(first, path);
      if (best === undefined) continue;
      const { prefix, folders } = best;
      const members = [...missing].flatMap(([index, other]) =>
        other.startsWith(prefix) ? [{ index, rest: other.slice(prefix.length) }] : [],
      );
      const all = [{ index: first, rest: path.slice(prefix.length) }, ...members];
      for (const { index } of members) missing.delete(index);
      const [folder, another] = folders;
      const named = shownFolder(prefix);
      if (folder === undefined) continue;
      if (another !== undefined) {
        this.notices.push(
          `Source files of ${named} are in more than one folder here (${folders.join(', ')}): say in "sourceMap" which of them the plugin was built from.`,
        );
        continue;
      }
      const here = await Promise.all(all.map(({ index, rest }) => this.#fits(index, `${folder}/${rest}`)));
      const there = all.filter((_, at) => here[at]);
      // most are not: this is another tree that has a file of the same name
      if (there.length * 2 <= all.length) continue;
      this.#place(there, folder);
      const within = commonFolder(there.map(({ rest }) => rest));
      this.notices.push(
        `The plugin was built elsewhere: its source files of ${shownFolder(prefix + within)} are taken from ${withoutSlash(`${folder}/${within}`)}; "sourceMap" can say otherwise.`,
      );
    }
  }

  /** The folders here that have the longest tail of a path, and what stands before that tail. */
  async #longestTail(
    index: number,
    path: string,
  ): Promise<{ readonly prefix: string; readonly folders: readonly string[] } | undefined> {
    const starts = [...path.matchAll(/[^/]+/g)].map((part) => part.index).slice(-MOST_DEEP);
    for (const start of starts) {
      const here = await Promise.all(
        this.#folders.map((folder) => this.#fits(index, `${folder}/${path.slice(start)}`)),
      );
      const folders = this.#folders.filter((_, at) => here[at]);
      if (folders.length > 0) return { prefix: path.slice(0, start), folders };
    }
    return undefined;
  }

  /** Whether a file here can be the one of that index: it is there, and has all lines that code is of. */
  #fits(index: number, path: string): Promise<boolean> {
    return this.#disk.hasLines(path, this.#asked.lines[index] ?? 0);
  }
}

const isAbsolute = (path: string): boolean => /^(?:\/|[A-Za-z]:\/)/.test(path);
const withoutSlash = (path: string): string => (path.length > 1 ? path.replace(/\/+$/, '') : path);

/** The folder that all of these paths are in, with a slash at its end; '' for none. */
function commonFolder([first = '', ...others]: readonly string[]): string {
  let folder = first.slice(0, first.lastIndexOf('/') + 1);
  while (!others.every((other) => other.startsWith(folder)))
    folder = folder.slice(0, folder.lastIndexOf('/', folder.length - 2) + 1);
  return folder;
}

const shownFolder = (prefix: string): string => (prefix === '' ? 'paths without a root' : quoted(withoutSlash(prefix)));
