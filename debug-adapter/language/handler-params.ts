// The params that a method's handler takes, followed through the modules of a crate. Not a compiler: it looks where modules
// usually lie, and stops where the trail does.
import { paramsSkeleton, type Skeleton } from './params.ts';
import { canonicalText, findItem, secondParameter } from './rust-lookup.ts';
import type { ScannedMethod } from './rust-methods.ts';
import { outlineRust, type RustItem, type RustOutline } from './rust-outline.ts';
import { lexRust } from './rust-tokens.ts';
import { definers, readUses } from './rust-uses.ts';

/** A method's params: the Rust type, the file that names it so, and a first guess at the JSON. */
export interface HandlerParams {
  readonly type: string;
  readonly file: string;
  readonly skeleton: Skeleton;
}

/** The text of a source by its path or URI, with `/`; undefined where there is none. */
export type ReadSource = (file: string) => Promise<string | undefined>;

interface Source {
  readonly file: string;
  readonly text: string;
  readonly outline: RustOutline;
}

interface Found {
  readonly source: Source;
  readonly item: RustItem;
}

const MAX_READS = 64;
const PATH = /^(?:\w+::)*\w+$/;

/**
 * What the handler of `method`, scanned in `text` of `file`, takes. Reads other files of its crate as far as the handler
 * and its type lead there. Undefined where no type is found; errors of `read` are passed on.
 */
export async function handlerParams(
  method: ScannedMethod,
  file: string,
  text: string,
  read: ReadSource,
): Promise<HandlerParams | undefined> {
  const sources = new Map<string, Source | undefined>([[file, sourceOf(file, text)]]);
  const open = async (name: string): Promise<Source | undefined> => {
    if (!sources.has(name)) {
      if (sources.size >= MAX_READS) return undefined;
      const found = await read(name);
      sources.set(name, found === undefined ? undefined : sourceOf(name, found));
    }
    return sources.get(name);
  };

  let type = method.paramsType;
  let namedIn = sources.get(file);
  if (type === undefined && method.handler !== undefined) {
    const handler = await locate('functions', method.handler.split('::'), namedIn, open);
    const found = handler === undefined ? undefined : secondParameter(handler.source.outline, handler.item);
    if (handler === undefined || found === undefined) return undefined;
    type = canonicalText(handler.source.outline, found[0], found[1]);
    namedIn = handler.source;
  }
  if (type === undefined || namedIn === undefined) return undefined;

  // What the type is made of may stand in yet another file; a type with generics is taken as far as its own file goes.
  const definition = PATH.test(type) ? await locate('types', type.split('::'), namedIn, open) : undefined;
  const definedIn = definition?.source ?? namedIn;
  const name = definition === undefined || definedIn === namedIn ? type : definition.item.name;
  return { type, file: namedIn.file, skeleton: paramsSkeleton(name, definedIn.text) };
}

function sourceOf(file: string, text: string): Source {
  return { file, text, outline: outlineRust(lexRust(text)) };
}

/** Finds an item by the path that `from` calls it by: in the file itself, or where its imports and modules lead. */
async function locate(
  kind: 'functions' | 'types',
  path: readonly string[],
  from: Source | undefined,
  open: ReadSourceOutline,
): Promise<Found | undefined> {
  let source = from;
  let rest = path;
  // An import may lead to another import (`pub use`).
  for (let step = 0; step < 4 && source !== undefined; step++) {
    const here = findItem<RustItem>(source.outline, source.outline[kind], rest, 0);
    if (here !== undefined) return { source, item: here };
    let next: { source: Source; path: readonly string[] } | undefined;
    for (const definer of definers(source.file, rest, readUses(source.outline))) {
      const opened = await open(definer.file);
      if (opened === undefined) continue;
      const item = findItem<RustItem>(opened.outline, opened.outline[kind], definer.path, 0);
      if (item !== undefined) return { source: opened, item };
      next ??= { source: opened, path: definer.path };
    }
    source = next?.source;
    rest = next?.path ?? [];
  }
  return undefined;
}

type ReadSourceOutline = (file: string) => Promise<Source | undefined>;
