// Whether a module is older than what it was made from, so that nobody debugs an old binary unawares. Looks only at file times:
// of the files in the list that cargo leaves beside its output, else of all sources of the project. It does not build.
import fs from 'node:fs/promises';
import path from 'node:path';

export type Freshness =
  | { readonly kind: 'fresh' }
  /** A source was changed after the module was made. */
  | { readonly kind: 'stale'; readonly source: string; readonly changed: Date; readonly built: Date }
  | { readonly kind: 'missing' };

const SOURCE = /\.(rs|c|cc|cpp|h|hpp|zig|go|ts|wat)$/i;
const MANIFEST = /^(Cargo\.toml|Cargo\.lock|build\.rs)$/;
const NOT_SOURCES = new Set(['target', 'node_modules', 'out', 'dist', 'build', 'zig-out', 'zig-cache']);
/** Files looked at before the search gives up; a plugin's own crate has far fewer. */
const MOST_FILES = 20_000;
/** File systems keep times to different fractions of a second. */
const SLACK_MS = 1;
/** A module that came with its sources (git clone, an archive) was written within a moment of them, in any order. */
const CLONE_SLACK_MS = 2000;

/**
 * The directory whose files a module was made from: above `target/wasm32-…/PROFILE/` the crate, above `zig-out/bin/` the
 * project, else the module's own directory.
 */
export function sourceDirectory(module: string): string {
  const parts = path.dirname(module).split(path.sep);
  for (let i = parts.length - 1; i > 0; i--) {
    if (parts[i] === 'target' || parts[i] === 'zig-out') return parts.slice(0, i).join(path.sep) || path.sep;
  }
  const directory = path.dirname(module);
  return NOT_SOURCES.has(path.basename(directory)) ? path.dirname(directory) : directory;
}

async function newestSource(root: string): Promise<{ file: string; mtimeMs: number } | undefined> {
  let found: { file: string; mtimeMs: number } | undefined;
  let looked = 0;
  const waiting = [root];
  for (let directory = waiting.pop(); directory !== undefined; directory = waiting.pop()) {
    const entries = await fs.readdir(directory, { withFileTypes: true }).catch(() => []);
    const files: string[] = [];
    for (const entry of entries) {
      const file = path.join(directory, entry.name);
      if (entry.isDirectory()) {
        if (!NOT_SOURCES.has(entry.name) && !entry.name.startsWith('.')) waiting.push(file);
      } else if (SOURCE.test(entry.name) || MANIFEST.test(entry.name)) files.push(file);
    }
    looked += files.length;
    if (looked > MOST_FILES) break;
    for (const [i, stat] of (await Promise.all(files.map((file) => fs.stat(file).catch(() => undefined)))).entries()) {
      const file = files[i];
      if (stat && file !== undefined && stat.mtimeMs > (found?.mtimeMs ?? 0)) found = { file, mtimeMs: stat.mtimeMs };
    }
  }
  return found;
}

/** The files of a Makefile rule such as cargo's `plugin.d`: what stands after the first colon; `\\ ` is a space in a name. */
export function ruleDependencies(rule: string): string[] {
  const [line = ''] = rule.split(/\r?\n/, 1);
  // a drive letter's colon is followed by a backslash, the rule's own by a space
  const colon = line.search(/:(\s|$)/);
  if (colon < 0) return [];
  const names = line.slice(colon + 1).match(/(?:\\ |\S)+/g) ?? [];
  return names.map((name) => name.replaceAll('\\ ', ' '));
}

/** Of the files in cargo's list (the manifests of their crates included) the one that changed last; undefined without a list. */
async function newestDependency(module: string): Promise<{ file: string; mtimeMs: number } | undefined> {
  const list = await fs.readFile(module.replace(/\.wasm$/i, '.d'), 'utf8').catch(() => undefined);
  if (list === undefined) return undefined;
  const files = new Set(ruleDependencies(list));
  for (const source of [...files]) {
    const crate = source.slice(0, source.lastIndexOf(`${path.sep}src${path.sep}`));
    if (crate.length > 0 && crate !== source) files.add(path.join(crate, 'Cargo.toml'));
  }
  let found: { file: string; mtimeMs: number } | undefined;
  for (const file of files) {
    const stat = await fs.stat(file).catch(() => undefined);
    if (stat && stat.mtimeMs > (found?.mtimeMs ?? 0)) found = { file, mtimeMs: stat.mtimeMs };
  }
  return found;
}

/** Compares the module with the newest of what it was made from. Never rejects. */
export async function freshness(module: string): Promise<Freshness> {
  const built = await fs.stat(module).catch(() => undefined);
  if (!built?.isFile()) return { kind: 'missing' };
  const listed = await newestDependency(module);
  const source = listed ?? (await newestSource(sourceDirectory(module)));
  const slack = listed === undefined ? CLONE_SLACK_MS : SLACK_MS;
  if (source === undefined || source.mtimeMs <= built.mtimeMs + slack) return { kind: 'fresh' };
  return { kind: 'stale', source: source.file, changed: new Date(source.mtimeMs), built: built.mtime };
}

/** One sentence for a person; `folder` shortens the paths. */
export function staleSentence(
  module: string,
  stale: Freshness & { kind: 'stale' },
  folder: string | undefined,
): string {
  const short = (file: string): string => {
    const relative = folder === undefined ? file : path.relative(folder, file);
    return relative.startsWith('..') || relative === '' ? file : relative;
  };
  return `${short(stale.source)} is newer than ${short(module)}, so the plugin would run without your last changes.`;
}
