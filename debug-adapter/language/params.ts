// A first guess at a method's params: JSON in the shape of the Rust type that its handler takes, as serde would read it.
// Not a schema: what this one file does not show is null.

import { type Field, type Fields, readDefinition, type SerdeWords, type Variant } from './rust-definition.ts';
import { findItem } from './rust-lookup.ts';
import { outlineRust, type RustOutline, type RustType } from './rust-outline.ts';
import { lexRust } from './rust-tokens.ts';
import { readType, type TypeTree } from './rust-type.ts';
import { renameField, renameVariant } from './serde-case.ts';

export type Skeleton = null | boolean | number | string | Skeleton[] | { [key: string]: Skeleton };

const MAX_DEPTH = 16;
// Values in one skeleton: nested arrays could ask for any number, and people read it.
const MAX_VALUES = 1000;
const MAX_ARRAY = 32;

const NUMBERS = /^(?:[iu](?:8|16|32|64|128|size)|f32|f64)$/;
const NOT_ZERO = /^NonZero(?:[IU](?:8|16|32|64|128|size))?$/;
const TEXTS = new Set(['String', 'str', 'PathBuf', 'Path']);
const LISTS = new Set(['Vec', 'VecDeque', 'LinkedList', 'HashSet', 'BTreeSet', 'BinaryHeap', 'IndexSet']);
const MAPS = new Set(['HashMap', 'BTreeMap', 'IndexMap', 'Map']);
/** Read as what they hold. */
const WRAPPERS = new Set([
  'Box',
  'Rc',
  'Arc',
  'Cow',
  'Cell',
  'RefCell',
  'Mutex',
  'RwLock',
  'Wrapping',
  'Saturating',
  'Reverse',
]);
/** Where the types above come from; with another path in front, a name is someone else's. */
const KNOWN_ROOTS = new Set([
  'std',
  'core',
  'alloc',
  'serde_json',
  'collections',
  'string',
  'vec',
  'path',
  'borrow',
  'num',
  'rc',
  'sync',
  'indexmap',
]);

/**
 * Params of the type `type` (as {@link ScannedMethod.paramsType} names it), out of the file's `text`: zeros, empty texts
 * and lists, the fields of structs by the names that serde reads, `null` for `()`, for `Option`, for any `Value`, and for
 * what is not known. Never throws.
 */
export function paramsSkeleton(type: string, text: string): Skeleton {
  // The type joins the file as an alias of a name that none has, so that one reader reads both.
  const alias = '__params';
  const outline = outlineRust(lexRust(`type ${alias} = ${type};\n${text}`));
  const [found] = outline.types.get(alias) ?? [];
  const definition = found === undefined ? undefined : readDefinition(outline, found);
  return definition?.kind === 'alias' ? new Builder(outline).value(definition.type, NO_GENERICS, 0) : null;
}

/** What a generic name stands for, and in which surroundings that is to be read. */
type Generics = ReadonlyMap<string, { readonly type: TypeTree; readonly generics: Generics }>;
const NO_GENERICS: Generics = new Map();

class Builder {
  readonly #outline: RustOutline;
  readonly #inside = new Set<RustType>();
  #values = 0;

  constructor(outline: RustOutline) {
    this.#outline = outline;
  }

  value(type: TypeTree, generics: Generics, depth: number): Skeleton {
    if (++this.#values > MAX_VALUES || depth > MAX_DEPTH) return null;
    switch (type.kind) {
      case 'unknown':
        return null;
      case 'tuple':
        return type.items.length === 0 ? null : type.items.map((item) => this.value(item, generics, depth + 1));
      case 'slice':
        return [];
      case 'array': {
        if (type.length === undefined || type.length > MAX_ARRAY) return null;
        return Array.from({ length: type.length }, () => this.value(type.item, generics, depth + 1));
      }
      case 'path':
        return this.#named(type.path, type.generics, generics, depth);
    }
  }

  #named(path: readonly string[], args: readonly TypeTree[], generics: Generics, depth: number): Skeleton {
    const bound = path.length === 1 ? generics.get(path[0] ?? '') : undefined;
    if (bound !== undefined) return this.value(bound.type, bound.generics, depth + 1);
    const own = findItem(this.#outline, this.#outline.types, path, 0);
    if (own !== undefined) return this.#defined(own, args, generics, depth);
    if (path.length > 1 && !KNOWN_ROOTS.has(path[0] ?? '')) return null;

    const name = path[path.length - 1] ?? '';
    if (NUMBERS.test(name)) return 0;
    if (NOT_ZERO.test(name)) return 1;
    if (name === 'bool') return false;
    if (name === 'char') return 'a';
    if (TEXTS.has(name)) return '';
    if (LISTS.has(name)) return [];
    if (MAPS.has(name)) return {};
    if (WRAPPERS.has(name) && args[0] !== undefined) return this.value(args[0], generics, depth + 1);
    return null;
  }

  #defined(type: RustType, args: readonly TypeTree[], generics: Generics, depth: number): Skeleton {
    // A type inside itself ends somewhere; where, its author knows.
    if (this.#inside.has(type)) return null;
    const definition = readDefinition(this.#outline, type);
    if (definition === undefined) return null;
    const inner: Generics = new Map(
      definition.generics.flatMap((name, i) => {
        const arg = args[i];
        return arg === undefined ? [] : [[name, { type: arg, generics }] as const];
      }),
    );
    this.#inside.add(type);
    try {
      if (definition.kind === 'alias') return this.value(definition.type, inner, depth + 1);
      const via = definition.serde.get('from') ?? definition.serde.get('try_from');
      if (via !== undefined) return this.#parsed(via, inner, depth);
      if (!definition.derived) return null;
      if (definition.kind === 'struct')
        return this.#content(definition.content, definition.serde, definition.serde.get('rename_all'), inner, depth);
      return this.#enum(definition.variants, definition.serde, inner, depth);
    } finally {
      this.#inside.delete(type);
    }
  }

  /** The type that `#[serde(from = "…")]` names. */
  #parsed(text: string, generics: Generics, depth: number): Skeleton {
    const tokens = lexRust(text);
    return this.value(readType(outlineRust(tokens), 0, tokens.count), generics, depth + 1);
  }

  #content(
    content: Fields,
    serde: SerdeWords,
    renameAll: string | undefined,
    generics: Generics,
    depth: number,
  ): Skeleton {
    if (content.shape === 'unit') return null;
    const fields = content.fields.filter((field) => !field.serde.has('skip') && !field.serde.has('skip_deserializing'));
    const [first] = fields;
    const isNewtype = content.shape === 'tuple' && content.fields.length === 1;
    if ((serde.has('transparent') || isNewtype) && first !== undefined) return this.#field(first, generics, depth);
    if (content.shape === 'tuple') return fields.map((field) => this.#field(field, generics, depth));
    const members = new Map<string, Skeleton>();
    for (const field of fields) {
      const value = this.#field(field, generics, depth);
      if (field.serde.has('flatten')) {
        if (isObject(value)) for (const [key, member] of Object.entries(value)) members.set(key, member);
      } else members.set(field.serde.get('rename') ?? renameField(field.name ?? '', renameAll), value);
    }
    return Object.fromEntries(members);
  }

  #field(field: Field, generics: Generics, depth: number): Skeleton {
    if (field.serde.has('with') || field.serde.has('deserialize_with')) return null;
    return this.value(field.type, generics, depth + 1);
  }

  /** The first variant that can be read, in the enum's tagging: https://serde.rs/enum-representations.html. */
  #enum(variants: readonly Variant[], serde: SerdeWords, generics: Generics, depth: number): Skeleton {
    const variant = variants.find(
      (candidate) =>
        !candidate.serde.has('skip') && !candidate.serde.has('skip_deserializing') && !candidate.serde.has('other'),
    );
    if (variant === undefined) return null;
    const name = variant.serde.get('rename') ?? renameVariant(variant.name, serde.get('rename_all'));
    const renameFields = variant.serde.get('rename_all') ?? serde.get('rename_all_fields');
    const content = this.#content(variant.content, variant.serde, renameFields, generics, depth);
    const isUnit = variant.content.shape === 'unit';
    if (serde.has('untagged') || variant.serde.has('untagged')) return content;
    const tag = serde.get('tag');
    const contentKey = serde.get('content');
    if (tag === undefined) return isUnit ? name : Object.fromEntries([[name, content]]);
    if (contentKey === undefined)
      return { ...Object.fromEntries([[tag, name]]), ...(isObject(content) ? content : {}) };
    return Object.fromEntries(
      isUnit
        ? [[tag, name]]
        : [
            [tag, name],
            [contentKey, content],
          ],
    );
  }
}

function isObject(value: Skeleton): value is { [key: string]: Skeleton } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
