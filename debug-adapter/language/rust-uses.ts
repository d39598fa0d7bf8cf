// What a file imports: the paths behind its names, and the files in which a path may be defined. Knows Rust's habits for
// where modules lie, not `#[path]`, and no manifest.
import { COLON, COMMA, OPEN_BRACE, STAR } from './punctuation.ts';
import type { RustOutline } from './rust-outline.ts';
import { identifierText, Kind } from './rust-tokens.ts';

/** The `use` declarations of a file, whichever scope they stand in. */
export interface Uses {
  readonly names: ReadonlyMap<string, readonly string[]>;
  /** The modules of which all is imported. */
  readonly globs: readonly (readonly string[])[];
}

const MAX_DEPTH = 16;
const MAX_GLOBS = 8;

/** Reads every `use` of a file. */
export function readUses(outline: RustOutline): Uses {
  const { kinds, count } = outline.tokens;
  const names = new Map<string, readonly string[]>();
  const globs: (readonly string[])[] = [];
  for (let i = 0; i < count; i++) if (kinds[i] === Kind.use) i = readTree(outline, i + 1, [], { names, globs }, 0) - 1;
  return { names, globs };
}

/** Reads one use tree behind `prefix` and returns the token behind it, always at least one further than before it. */
function readTree(
  outline: RustOutline,
  from: number,
  prefix: readonly string[],
  uses: { readonly names: Map<string, readonly string[]>; readonly globs: (readonly string[])[] },
  depth: number,
): number {
  const { tokens, partner } = outline;
  const { kinds, count } = tokens;
  const path = [...prefix];
  let at = from;
  while (at < count) {
    const kind = kinds[at]!;
    if (kind === COLON && kinds[at + 1] === COLON) at += 2;
    else if (kind === STAR) {
      if (uses.globs.length < MAX_GLOBS) uses.globs.push(path);
      return at + 1;
    } else if (kind === OPEN_BRACE) {
      const close = partner[at]!;
      at++;
      while (at < close && depth < MAX_DEPTH) {
        at = readTree(outline, at, path, uses, depth + 1);
        while (at < close && kinds[at] !== COMMA) at++;
        at++;
      }
      return Math.min(close + 1, count);
    } else if (kind >= Kind.identifier && kind !== Kind.literal && identifierText(tokens, at) !== 'as') {
      path.push(identifierText(tokens, at));
      at++;
      if (kinds[at] !== COLON) break;
    } else break;
  }
  if (path.length > prefix.length) {
    // `a::{self}` is `a`.
    if (path[path.length - 1] === 'self') path.pop();
    const isRenamed = at + 1 < count && kinds[at] === Kind.identifier && identifierText(tokens, at) === 'as';
    const name = isRenamed ? identifierText(tokens, at + 1) : path[path.length - 1];
    if (name !== undefined && name !== '_') uses.names.set(name, path);
  }
  return Math.max(at, from + 1);
}

/** A file that may define what a path names, and what is left of the path in it. */
export interface Definer {
  readonly file: string;
  readonly path: readonly string[];
}

/**
 * The files in which `path`, used in `file`, may be defined, the likeliest first. Paths are written with `/`; the file
 * itself is not among them.
 */
export function definers(file: string, path: readonly string[], uses: Uses): Definer[] {
  const full: (readonly string[])[] = [];
  const first = path[0] ?? '';
  const imported = uses.names.get(first);
  if (imported !== undefined) full.push([...imported, ...path.slice(1)]);
  else {
    full.push(path);
    if (path.length === 1) for (const glob of uses.globs) full.push([...glob, ...path]);
  }
  const found = new Map<string, Definer>();
  // `a::b::name`: in a/b.rs as `name`, or in a.rs as `b::name`.
  for (const candidate of full)
    for (const { directory, rest } of startingPoints(file, candidate))
      for (let length = rest.length - 1; length >= 1; length--) {
        const module = `${directory}/${rest.slice(0, length).join('/')}`;
        for (const definer of [`${module}.rs`, `${module}/mod.rs`])
          if (definer !== file && !found.has(definer)) found.set(definer, { file: definer, path: rest.slice(length) });
      }
  return [...found.values()];
}

/** The directories that the modules of a path lie in, and the path from there. */
function startingPoints(file: string, path: readonly string[]): { directory: string; rest: readonly string[] }[] {
  const slash = file.lastIndexOf('/');
  const directory = slash < 0 ? '.' : file.slice(0, slash);
  const stem = file.slice(slash + 1).replace(/\.rs$/, '');
  const ownsDirectory = stem === 'main' || stem === 'lib' || stem === 'mod';
  // A file of src/bin, tests or examples is a crate's root as well, and its modules lie beside it.
  const own = ownsDirectory ? [directory] : [`${directory}/${stem}`, directory];
  const source = directory.lastIndexOf('/src/');
  const root = source < 0 ? directory : directory.slice(0, source + 4);
  let rest = path;
  let from = own;
  if (rest[0] === 'crate') return [root, directory].map((at) => ({ directory: at, rest: rest.slice(1) }));
  if (rest[0] === 'self') rest = rest.slice(1);
  for (let isFirst = true; rest[0] === 'super'; isFirst = false) {
    from = isFirst && !ownsDirectory ? [directory] : from.map(parentOf);
    rest = rest.slice(1);
  }
  return from.map((at) => ({ directory: at, rest }));
}

function parentOf(directory: string): string {
  const slash = directory.lastIndexOf('/');
  return slash <= 0 ? directory : directory.slice(0, slash);
}
