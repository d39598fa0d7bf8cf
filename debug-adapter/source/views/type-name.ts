// Names of types the way people write them: without the paths to them, without the parameters that everybody leaves at their defaults; of
// C's pointers, arrays and functions, which have no name in DWARF, put together from what they refer to.
import type { DieOffset, Type, Types } from '../../dwarf/type.ts';
import { baseName, isWidePointer } from './reading.ts';
import { cut, WIDEST } from './text.ts';

/** Characters of a name that are looked at. */
const LONGEST = 4096;

const DEFAULTS = /, (?:alloc::alloc::Global|std::(?:hash::random|collections::hash::map)::RandomState)(?=[,>])/g;
const SEGMENT = String.raw`(?:[A-Za-z_]\w*|\{[^{}]*\})`;
const PATH = new RegExp(`(?:${SEGMENT}::)*${SEGMENT}`, 'g');

/** `alloc::vec::Vec<u8, alloc::alloc::Global>` → `Vec<u8>`. */
export function shortName(whole: string): string {
  // of what is longer than people read, nobody needs the end
  const name = whole.slice(0, LONGEST);
  if (!/[:{(]/.test(name)) return name;
  let plain = name.replace(DEFAULTS, '');
  // what a closure or a coroutine is generic over says little and is long
  plain = plain.replace(/(\{(?:closure|async|coroutine|gen)[^{}]*\})<.*$/, (_, env: string) => env);
  return plain
    .replace(PATH, (path) => {
      const segments = path.split('::');
      const last = segments.at(-1) ?? path;
      return last.startsWith('{') ? ofBody(last, segments.slice(0, -1)) : last;
    })
    .replace(/<\((dyn [^()]*)\)/g, '<$1')
    .replace(/\b(Lazy(?:Cell|Lock)<)(.+), fn\(\) -> \2>/g, '$1$2>')
    .replace(
      /\b(Fn|FnMut|FnOnce)<\(([^()]*)\), Output=([^<>=,]*)>/g,
      (_, name: string, taken: string, given: string) =>
        given === '()' ? `${name}(${taken})` : `${name}(${taken}) -> ${given}`,
    )
    .replace(/(?<=\w)=(?=[\w&*([])/g, ' = ');
}

/** What the compiler calls `{closure_env#0}` and `{async_fn_env#0}`, by the function it is of. */
function ofBody(segment: string, path: readonly string[]): string {
  let at = path.length - 1;
  while (at >= 0 && /^\{(?!impl)/.test(path[at] ?? '')) at--;
  const owner = (path[at] ?? '').startsWith('{') ? '' : (path[at] ?? '');
  if (segment.startsWith('{closure')) return owner === '' ? 'closure' : `closure in ${owner}`;
  if (segment.startsWith('{async_fn')) return owner === '' ? 'async fn' : `async fn ${owner}`;
  if (segment.startsWith('{async_block')) return owner === '' ? 'async block' : `async block in ${owner}`;
  if (segment.startsWith('{async_closure')) return owner === '' ? 'async closure' : `async closure in ${owner}`;
  return segment;
}

/** Whether a struct, union or enum is of C: Rust's always have a name, and are in a crate's namespace if it is a word. */
export const isOfC = (type: { readonly name: string; readonly namespace: readonly string[] }): boolean =>
  type.name === '' || (type.namespace.length === 0 && /^\w+$/.test(type.name));

const RUST_BASE = /^(?:[iu](?:8|16|32|64|128|size)|f(?:16|32|64|128)|str|\(\)|!)$/;

/** Whether a type is written as Rust writes it; where nothing tells (`bool`), it is. */
export function isRust(die: DieOffset | undefined, types: Types, depth = 0): boolean {
  const type = types.at(die);
  if (depth > 8) return true;
  switch (type.kind) {
    case 'base':
      return RUST_BASE.test(type.name) || type.encoding === 0x10 || type.name === 'bool';
    case 'struct':
    case 'enum':
      return !isOfC(type);
    case 'pointer':
      return type.name !== '' || (type.target !== undefined && isRust(type.target, types, depth + 1));
    case 'array':
      return isRust(type.element, types, depth + 1);
    default:
      return false;
  }
}

/** Levels of pointers, arrays and functions in a name, and parameters of each function: types may refer to themselves. */
const DEEPEST = 5;
const MOST_PARAMETERS = 6;

const names = new WeakMap<Type, string>();

/** The name of a type, cut to one line. */
export function typeName(die: DieOffset | undefined, types: Types): string {
  const type = types.at(die);
  const known = names.get(type);
  if (known !== undefined) return known;
  const name = cut(named(die, types, 0), WIDEST);
  names.set(type, name);
  return name;
}

function named(die: DieOffset | undefined, types: Types, depth: number): string {
  const type = types.at(die);
  if (depth > DEEPEST) return '…';
  if (type.kind === 'array')
    return isRust(type.element, types)
      ? `[${named(type.element, types, depth + 1)}; ${type.count ?? '_'}]`
      : declared(die, '', types, depth);
  if (type.kind === 'pointer' || type.kind === 'modified' || type.kind === 'function')
    return type.name === '' ? declared(die, '', types, depth).trimEnd() : shortName(type.name);
  if (type.kind === 'struct' || type.kind === 'enum') return ofRecord(type);
  return type.kind === 'unknown' ? type.name || `‹${type.reason}›` : shortName(type.name) || '…';
}

function ofRecord(type: Type & { readonly kind: 'struct' | 'enum' }): string {
  if (type.name === '') return type.kind === 'enum' ? 'enum' : type.union ? 'union' : 'struct';
  if (isOfC(type)) return `${type.kind === 'enum' ? 'enum' : type.union ? 'union' : 'struct'} ${type.name}`;
  if (type.kind === 'struct' && isWidePointer(type)) return shortName(type.name);
  if (type.kind === 'struct' && type.members.length === 1 && /^\(.*[^,]\)$/.test(type.name))
    return `${shortName(type.name).slice(0, -1)},)`;
  return shortName([...(type.name.startsWith('{') ? type.namespace : []), type.name].join('::'));
}

/** A declaration of C around `inner`: `int (*)[3]`, `const char *`, `int (*)(int, int)`. */
function declared(die: DieOffset | undefined, inner: string, types: Types, depth: number): string {
  const type = types.at(die);
  if (depth > DEEPEST) return '…';
  switch (type.kind) {
    case 'pointer': {
      if (type.name !== '') break;
      const target = types.at(type.target);
      const star = `${type.reference ? '&' : '*'}${inner}`;
      const around = target.kind === 'array' || target.kind === 'function' ? `(${star})` : star;
      return declared(type.target, around, types, depth + 1);
    }
    case 'array':
      return declared(type.element, `${inner}[${type.count ?? ''}]`, types, depth + 1);
    case 'function': {
      const few = type.parameters.slice(0, MOST_PARAMETERS).map((parameter) => named(parameter, types, depth + 1));
      const parameters = [...few, ...(type.parameters.length > few.length ? ['…'] : [])].join(', ');
      return declared(type.result, `${inner}(${parameters || 'void'})`, types, depth + 1);
    }
    case 'modified': {
      const target = types.at(type.target);
      if (target.kind === 'pointer' && target.name === '')
        return declared(type.target, `${type.modifier}${inner === '' ? '' : ` ${inner}`}`, types, depth + 1);
      return `${type.modifier} ${declared(type.target, inner, types, depth + 1)}`;
    }
    default:
  }
  const name = named(die, types, depth + 1);
  return inner === '' ? name : `${name}${inner.startsWith('[') ? '' : ' '}${inner}`;
}

/** The name of a struct or variant as its literals have it: without generics. */
export const literalName = (name: string): string => shortName(baseName(name));
